"""Photos come from telephones and scanners: turned, huge, damaged; they must still stand upright."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from desktop.documents.pictures import PictureError, open_pictures, open_portrait

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


def test_a_plain_jpeg_goes_in_byte_by_byte():
    data = encoded(half_red(), "JPEG")
    (picture,) = open_pictures(data)
    assert (picture.width, picture.height) == (40, 20)
    assert picture.reader.jpeg_fh().read() == data


def test_a_turned_photo_is_set_upright():
    (picture,) = open_pictures(turned(half_red()))
    assert (picture.width, picture.height) == (40, 20)
    red, _, blue = Image.open(picture.reader.jpeg_fh()).crop((3, 10, 4, 11)).tobytes()
    assert red > 200 > blue


def test_a_large_photo_is_made_smaller():
    (picture,) = open_pictures(encoded(half_red((4000, 1000)), "JPEG"))
    assert (picture.width, picture.height) == (2400, 600)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L", "CMYK"])
def test_every_mode_becomes_grey_or_colour(mode):
    kind = "TIFF" if mode == "CMYK" else "PNG"
    (picture,) = open_pictures(encoded(half_red().convert(mode), kind))
    assert picture.reader._image.mode in ("L", "RGB")


def test_what_is_transparent_becomes_paper():
    (picture,) = open_pictures(encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 0)), "PNG"))
    assert picture.reader._image.getpixel((1, 1)) == (255, 255, 255)


def test_a_scan_of_several_sheets_gives_several_pictures():
    sheets = [half_red(), half_red((20, 40))]
    data = encoded(sheets[0], "TIFF", save_all=True, append_images=sheets[1:])
    assert [(p.width, p.height) for p in open_pictures(data)] == [(40, 20), (20, 40)]


@pytest.mark.parametrize("data", [b"", b"no picture", encoded(half_red((400, 400)), "JPEG")[:500]])
def test_a_damaged_picture_is_refused(data):
    with pytest.raises(PictureError, match="图片无法读取"):
        list(open_pictures(data))
    with pytest.raises(PictureError, match="照片无法读取"):
        open_portrait(data, 35 / 45)


@pytest.mark.parametrize("size", [(300, 400), (400, 300), (35, 45), (1, 1), (2, 900)])
def test_a_portrait_is_cut_to_the_box(size):
    portrait = open_portrait(encoded(half_red(size), "PNG"), 35 / 45)
    assert portrait.width / portrait.height == pytest.approx(35 / 45, abs=0.5 / portrait.height)
    assert portrait.width <= size[0]
    assert portrait.height <= size[1]
