"""Pictures are prepared once because a camera says how it was held instead of turning what it saw.

What comes out is plain: upright, on white paper, grey or sRGB, no larger than a page needs, one JPEG or PNG
per sheet. Reading a stranger's picture belongs into the child process of :mod:`inspection`.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops, ImageCms, ImageOps, ImageSequence

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 2000
"""Pixels; along the longer side of A4 they are 170 dots per inch, enough for the small print of a scan."""
PIXELS_AT_MOST = 80_000_000
JPEG_PIXELS_AT_MOST = 250_000_000  # a JPEG is decoded at a half, a quarter or an eighth of its size
SHEETS_AT_MOST = 200
FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "GIF", "WEBP")

PASSPORT = 35 / 45
ONE_INCH = 25 / 35
"""The two usual identity photographs, width by height: 35 by 45 mm, and 一寸 of 25 by 35 mm."""
_FACE = (0.5, 0.35)  # where the face is when a picture is too wide or too high
_PORTRAIT_LONGEST = 420  # pixels: 240 dots per inch on 45 mm
_PORTRAIT_BYTES = 48_000

_ORIENTATION = 0x0112  # EXIF tag
_JPEG_QUALITY = 85
_LOSSY = frozenset(("JPEG", "MPO"))
# What Pillow raises for a file that is not what it says.
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, ImageCms.PyCMSError)


class PictureError(ValueError):
    """The bytes are no picture that can be read."""


class PictureTooLargeError(PictureError):
    """The picture would fill the memory; it was not decoded."""


def sheets(data: bytes, *, longest: int = LONGEST) -> Iterator[bytes]:
    """Yield each sheet of a picture as a JPEG, or as a PNG where that is smaller and nothing is lost.

    Every picture is decoded and written anew: a JPEG that one reader forgives offends another. Only a TIFF
    from a scanner holds several sheets. Raises :class:`PictureError` when they cannot be read.
    """
    try:
        with _open(data) as source:
            lossy = source.format in _LOSSY
            _decode_small(source, longest)
            frames = ImageSequence.Iterator(source) if source.format == "TIFF" else iter((source,))
            for number, frame in enumerate(frames, start=1):
                if number > SHEETS_AT_MOST:
                    raise PictureTooLargeError(f"图片超过 {SHEETS_AT_MOST} 张")
                _require_bearable(frame)
                yield encoded(_plain(frame, longest), lossy=lossy)
    except PictureError:
        raise
    except _UNREADABLE as error:
        raise PictureError(f"图片无法读取（{type(error).__name__}）") from error


def portrait(data: bytes, ratio: float, *, longest: int = _PORTRAIT_LONGEST) -> bytes:
    """Return an identity photograph as a JPEG of ``ratio`` (width by height), at most ``longest`` high.

    A larger picture is cut around the face's usual place. What already fits comes back byte by byte, so
    this is free for a photograph that has been through it. Raises :class:`PictureError`.
    """
    try:
        with _open(data) as source:
            width, height = source.size
            fits = abs(width - height * ratio) <= 1 and len(data) <= _PORTRAIT_BYTES
            if fits and _is_plain_jpeg(source, longest):
                return data
            _decode_small(source, 2 * longest)
            picture = _plain(source, 4 * longest)
    except PictureError as error:
        raise PictureError(f"照片不能使用：{error}") from error
    except _UNREADABLE as error:
        raise PictureError(f"照片无法读取（{type(error).__name__}）") from error
    height = min(picture.height, round(picture.width / ratio), longest)
    size = max(1, round(height * ratio)), max(1, height)
    return _jpeg(ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=_FACE))


def encoded(picture: Image.Image, *, lossy: bool = False) -> bytes:
    """Return a grey or RGB picture as a JPEG; with ``lossy`` off as a PNG, if that is not larger.

    Screenshots and scans of letters stay sharp that way.
    """
    if _is_grey(picture):
        picture = picture.convert("L")
    jpeg = _jpeg(picture)
    if lossy:
        return jpeg
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=6)
    return min(buffer.getvalue(), jpeg, key=len)


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG that can be drawn, its size in pixels; ReportLab copies its bytes undecoded."""

    content: bytes
    width: int
    height: int

    def __str__(self) -> str:
        """Return the name under which a document keeps the picture once."""
        return hashlib.sha256(self.content).hexdigest()

    def jpeg_fh(self) -> io.BytesIO:
        """Return the JPEG as the file ReportLab asks for."""
        return io.BytesIO(self.content)

    def draw(self, canvas: Any, left: float, bottom: float, width: float, height: float) -> None:
        """Draw the picture as large as fits into the box given in points, in its middle."""
        scale = min(width / self.width, height / self.height)
        wide, high = self.width * scale, self.height * scale
        canvas.drawImage(self, left + (width - wide) / 2, bottom + (height - high) / 2, wide, high)


def _open(data: bytes) -> Image.Image:
    """Return the picture with nothing decoded yet; the formats are few because each is a door."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # judged below, by format
        try:
            source = Image.open(io.BytesIO(data), formats=FORMATS)
        except Image.DecompressionBombError as error:
            raise PictureTooLargeError("图片的像素数过大，未予打开") from error
    _require_bearable(source)
    return source


def _require_bearable(frame: Image.Image) -> None:
    pixels = frame.width * frame.height
    if pixels > (JPEG_PIXELS_AT_MOST if frame.format in _LOSSY else PIXELS_AT_MOST):
        raise PictureTooLargeError(f"图片有 {pixels / 1e8:.1f} 亿像素，过大，请缩小后再添加")


def _is_plain_jpeg(source: Image.Image, longest: int) -> bool:
    """Tell whether a JPEG can go into a file byte by byte."""
    return (
        source.format == "JPEG"
        and source.mode in ("L", "RGB")
        and max(source.size) <= longest
        and source.getexif().get(_ORIENTATION, 1) == 1
        and "icc_profile" not in source.info
    )


def _decode_small(source: Image.Image, longest: int) -> None:
    """Have a JPEG decoded at a half, a quarter or an eighth where that is enough; others take no notice."""
    width, height = source.size
    scale = longest / max(width, height)
    source.draft("RGB", (max(1, int(width * scale)), max(1, int(height * scale))))


def _plain(frame: Image.Image, longest: int) -> Image.Image:
    """Return ``frame`` upright, on white paper, grey or sRGB, and not too large."""
    picture = frame.copy() if max(frame.size) <= longest else _smaller(frame, longest)
    picture = ImageOps.exif_transpose(picture)
    picture = _in_srgb(_eight_bit(picture))
    if "A" in picture.getbands() or "a" in picture.mode or "transparency" in picture.info:
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    picture = picture.convert("L" if picture.mode in ("1", "L") else "RGB")
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return picture


def _smaller(frame: Image.Image, longest: int) -> Image.Image:
    """Halve a huge picture before anything copies it; the last step to size is taken with more care."""
    factor = max(frame.size) // (2 * longest)
    return frame.reduce(factor) if factor > 1 and frame.mode in ("L", "RGB", "RGBA", "CMYK") else frame.copy()


def _eight_bit(picture: Image.Image) -> Image.Image:
    """Return a picture of 16 or 32 bits in grey with its own darkest and brightest as black and white."""
    if picture.mode[0] not in "IF":
        return picture
    values = picture.convert("F")
    low, high = values.getextrema()
    if picture.mode.startswith("I;16"):
        low, high = 0.0, 65535.0  # 16 bits are meant as they are; 32 bits have no agreed white
    scale = 255 / (float(high) - float(low) or 1.0)  # type: ignore[arg-type] # one band, so two numbers
    return values.point(lambda value: value * scale - float(low) * scale).convert("L")  # type: ignore[arg-type] # as above


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Return a picture with a colour profile of its own (CMYK, a wide gamut) as sRGB; others as they are."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "CMYK"):
        return picture
    try:
        return _converted(picture, profile)
    except (ImageCms.PyCMSError, OSError):  # a broken profile must not cost the picture
        return picture


def _converted(picture: Image.Image, profile: bytes) -> Image.Image:
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    result = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return result or picture


def _is_grey(picture: Image.Image) -> bool:
    if picture.mode != "RGB":
        return picture.mode == "L"
    red, green, blue = picture.split()
    return not (ImageChops.difference(red, green).getbbox() or ImageChops.difference(green, blue).getbbox())


def _jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return buffer.getvalue()
