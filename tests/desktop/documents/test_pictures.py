"""Photos come from telephones and scanners: turned, huge, damaged; they must still stand upright."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageCms

from desktop.documents import pictures
from desktop.documents.image_stream import image_stream
from desktop.documents.pictures import (
    ONE_INCH,
    PASSPORT,
    PictureError,
    PictureTooLargeError,
    portrait,
    sheets,
)

ORIENTATION = 0x0112


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def half_red(size: tuple[int, int] = (40, 20)) -> Image.Image:
    """The left half is red, the right one blue."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    return picture


def turned(picture: Image.Image) -> bytes:
    """A JPEG as a telephone held on its side writes it."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return encoded(picture.rotate(90, expand=True), "JPEG", exif=exif)


def opened(data: bytes, **options: Any) -> Image.Image:
    """Return the only sheet of a picture as it comes out."""
    (sheet,) = sheets(data, **options)
    picture = Image.open(io.BytesIO(sheet))
    picture.load()
    return picture


def colour(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    return tuple(picture.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes())


def test_a_jpeg_with_a_damage_that_readers_forgive_comes_out_sound():
    data = bytearray(encoded(Image.effect_noise((400, 400), 50), "JPEG"))
    data[len(data) // 2 : len(data) // 2 + 9] = b"\xff\xd3" * 4 + b"\xff"
    image = image_stream(next(sheets(bytes(data))))
    with pikepdf.new() as pdf:
        held = pikepdf.Stream(pdf, image.content)
        for key, value in pikepdf.Object.parse(b"<<%b>>" % image.dictionary).items():
            held[key] = value
        assert len(held.read_bytes(pikepdf.StreamDecodeLevel.all)) == 400 * 400


def test_a_turned_photo_is_set_upright():
    picture = opened(turned(half_red((400, 200))))
    assert picture.size == (400, 200)
    left, right = colour(picture, 30, 100), colour(picture, 370, 100)
    assert left[0] > 200 > left[2]
    assert right[2] > 200 > right[0]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
def test_a_large_picture_is_made_smaller(kind):
    assert opened(encoded(half_red((4000, 1000)), kind), longest=1000).size == (1000, 250)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L", "I;16", "I", "F", "CMYK", "YCbCr"])
def test_every_mode_becomes_grey_or_colour(mode):
    kind = "TIFF" if mode in ("CMYK", "F", "YCbCr", "I") else "PNG"
    assert opened(encoded(half_red().convert(mode), kind)).mode in ("L", "RGB")


def test_a_cmyk_photo_keeps_its_colours():
    picture = opened(encoded(half_red((400, 200)).convert("CMYK"), "JPEG"))
    assert [value > 200 for value in colour(picture, 30, 100)] == [True, False, False]


def test_sixteen_bits_become_eight_by_their_value():
    assert opened(encoded(Image.new("I;16", (4, 4), 0x8000), "PNG")).getpixel((1, 1)) == 127


def test_a_wide_gamut_becomes_srgb():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(half_red((400, 200)), "JPEG", icc_profile=lab)
    assert colour(opened(data), 30, 100)[0] > 200
    assert "icc_profile" not in opened(data).info
    broken = encoded(half_red((400, 200)), "JPEG", icc_profile=b"no profile")
    assert opened(broken).size == (400, 200)


def test_what_is_transparent_becomes_paper():
    assert opened(encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 0)), "PNG")).getpixel((1, 1)) == 255
    gif = Image.new("P", (4, 4), 0)
    gif.putpalette([255, 0, 0])
    assert opened(encoded(gif, "GIF", transparency=0)).getpixel((1, 1)) == 255


def test_letters_stay_sharp():
    screenshot = Image.new("RGB", (400, 300), "white")
    screenshot.paste("black", (10, 10, 200, 20))
    assert opened(encoded(screenshot, "PNG")).format == "PNG"


def test_a_scan_of_several_sheets_gives_several_pictures():
    scan = [half_red(), half_red((20, 40))]
    data = encoded(scan[0], "TIFF", save_all=True, append_images=scan[1:])
    assert [Image.open(io.BytesIO(sheet)).size for sheet in sheets(data)] == [(40, 20), (20, 40)]


@pytest.mark.parametrize("data", [b"", b"no picture", encoded(half_red((400, 400)), "JPEG")[:500]])
def test_a_damaged_picture_is_refused(data):
    with pytest.raises(PictureError, match="图片无法读取"):
        list(sheets(data))
    with pytest.raises(PictureError, match="照片无法读取"):
        portrait(data, PASSPORT)


def test_a_picture_too_large_is_not_decoded(monkeypatch):
    data = encoded(half_red(), "PNG")
    monkeypatch.setattr(pictures, "PIXELS_AT_MOST", 100)
    with pytest.raises(PictureTooLargeError, match="亿像素"):
        list(sheets(data))
    with pytest.raises(PictureError, match="照片不能使用"):
        portrait(data, PASSPORT)


def test_too_many_sheets_are_refused(monkeypatch):
    monkeypatch.setattr(pictures, "SHEETS_AT_MOST", 1)
    data = encoded(half_red(), "TIFF", save_all=True, append_images=[half_red()])
    with pytest.raises(PictureTooLargeError, match="1 张"):
        list(sheets(data))


def test_no_program_is_started_for_a_picture():
    """EPS is read by Ghostscript: what a stranger sends must not reach it."""
    assert "EPS" not in pictures.FORMATS
    with pytest.raises(PictureError):
        list(sheets(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EOF"))


@pytest.mark.parametrize("ratio", [PASSPORT, ONE_INCH])
@pytest.mark.parametrize("size", [(300, 400), (400, 300), (35, 45), (1, 1), (2, 900), (3000, 4000)])
def test_a_portrait_is_cut_to_the_box(size, ratio):
    cut = portrait(encoded(half_red(size), "PNG"), ratio)
    width, height = Image.open(io.BytesIO(cut)).size
    assert abs(width - height * ratio) <= 1
    assert height <= min(size[1], 420)
    assert portrait(cut, ratio) == cut  # free from now on


def test_a_portrait_is_upright_and_small():
    face = Image.effect_noise((1500, 2000), 30).convert("RGB")
    cut = portrait(turned(face.rotate(-90, expand=True).rotate(90, expand=True)), PASSPORT)
    assert Image.open(io.BytesIO(cut)).size == (327, 420)
    assert len(cut) < 48_000


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_prepared_picture_goes_into_a_pdf_undecoded(kind, mode):
    picture = half_red().convert(mode)
    stream = image_stream(encoded(picture, kind))
    assert (stream.width, stream.height) == picture.size
    with pikepdf.new() as pdf:
        held = pikepdf.Stream(pdf, stream.content)
        for key, value in pikepdf.Object.parse(b"<<%b>>" % stream.dictionary).items():
            held[key] = value
        shown = pikepdf.PdfImage(held).as_pil_image()
    assert shown.mode == mode
    assert shown.size == picture.size


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"GIF89a" + bytes(40),
        encoded(half_red().convert("CMYK"), "JPEG"),
        encoded(half_red().convert("P"), "PNG"),
        encoded(half_red().convert("1"), "PNG"),
    ],
)
def test_an_unprepared_picture_is_no_image_stream(data):
    with pytest.raises(PictureError, match="格式不受支持"):
        image_stream(data)
