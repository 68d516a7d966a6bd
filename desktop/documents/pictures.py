"""Pictures are prepared here because ReportLab ignores how a camera was held and copies any size."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageOps, ImageSequence
from reportlab.lib.utils import ImageReader

if TYPE_CHECKING:
    from collections.abc import Iterator

# 2400 pixels along the longer side of A4 are 205 dots per inch: enough to read small print on a scan.
_LONGEST = 2400
_ORIENTATION = 0x0112  # EXIF tag
_JPEG_QUALITY = 88


class PictureError(ValueError):
    """The bytes are no picture that can be read."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An upright picture ready to be drawn; sizes in pixels."""

    reader: Any
    width: int
    height: int

    def draw(self, canvas: Any, left: float, bottom: float, width: float, height: float) -> None:
        """Draw the picture as large as fits into the box given in points, in its middle."""
        scale = min(width / self.width, height / self.height)
        wide, high = self.width * scale, self.height * scale
        canvas.drawImage(self.reader, left + (width - wide) / 2, bottom + (height - high) / 2, wide, high)


def open_pictures(data: bytes) -> Iterator[Picture]:
    """Yield the pictures in ``data``, upright, without transparency, at most 2400 pixels long.

    A TIFF from a scanner may hold several. Raises :class:`PictureError` when they cannot be read.
    """
    try:
        with Image.open(io.BytesIO(data)) as source:
            if _as_it_is(source):
                source.load()  # a damaged picture is found now, not while drawing
                yield Picture(ImageReader(io.BytesIO(data)), *source.size)
            else:
                source.draft("RGB", (_LONGEST, _LONGEST))
                frames = ImageSequence.Iterator(source) if source.format == "TIFF" else iter([source])
                for frame in frames:
                    yield _encode(_plain(frame), lossy=source.format == "JPEG")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PictureError(f"图片无法读取（{type(error).__name__}）") from error


def open_portrait(data: bytes, ratio: float) -> Picture:
    """Return an identity photograph cut to ``ratio`` (width by height) around the face's usual place."""
    try:
        with Image.open(io.BytesIO(data)) as source:
            picture = _plain(source)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PictureError(f"照片无法读取（{type(error).__name__}）") from error
    height = min(picture.height, round(picture.width / ratio))
    size = max(1, round(height * ratio)), max(1, height)
    return _encode(ImageOps.fit(picture, size, centering=(0.5, 0.35)), lossy=True)


def _as_it_is(source: Image.Image) -> bool:
    """Tell whether a JPEG can go into the file byte by byte."""
    upright = source.getexif().get(_ORIENTATION, 1) == 1
    return (
        source.format == "JPEG" and source.mode in ("L", "RGB") and upright and max(source.size) <= _LONGEST
    )


def _plain(frame: Image.Image) -> Image.Image:
    """Return ``frame`` upright, on white paper, grey or coloured, and not too large."""
    picture = ImageOps.exif_transpose(frame)
    if "A" in picture.mode or "transparency" in picture.info:
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    picture = picture.convert("L" if picture.mode in ("1", "L") else "RGB")
    picture.thumbnail((_LONGEST, _LONGEST))
    return picture


def _encode(picture: Image.Image, *, lossy: bool) -> Picture:
    if not lossy:  # screenshots and scans: JPEG would blur the letters
        return Picture(ImageReader(picture), *picture.size)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    buffer.seek(0)
    return Picture(ImageReader(buffer), *picture.size)
