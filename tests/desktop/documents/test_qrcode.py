"""The QR code must be read from a bad copy: turned, blurred, compressed, scanned coarsely."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from desktop.documents.certificate import draw_certificate
from desktop.documents.credential import LONGEST, PREFIX, to_base45
from desktop.documents.qrcode import qr_operators
from tests.certificates import CERTIFICATE

# What is left away around the code, in points: left, bottom, right, top. The code itself is 25 mm wide.
AROUND = (88.0, 68.0, 627.0, 401.0)
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
PRINTER = 600  # dots per inch
RESOLUTIONS = (96, 150, 200, 300)
PAPERS = 10


def scanned(paper: Image.Image, dpi: int, angle: float = 0) -> Image.Image:
    """Return what a scanner makes of a paper that lies at an ``angle``."""
    turned = paper.rotate(angle, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
    size = round(turned.width * dpi / PRINTER), round(turned.height * dpi / PRINTER)
    return turned.resize(size, Image.Resampling.BOX)


def compressed(picture: Image.Image, quality: int = 35) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


def blurred(picture: Image.Image, dpi: int) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(dpi / 250))


def bad_copies(paper: Image.Image, dpi: int) -> dict[str, Image.Image]:
    plain = scanned(paper, dpi)
    return {
        "plain": plain,
        "turned": scanned(paper, dpi, angle=7),
        "compressed": compressed(plain),
        "blurred": blurred(plain, dpi),
        "all three": compressed(blurred(scanned(paper, dpi, angle=-4), dpi), 50),
    }


def read(picture: Image.Image) -> str:
    """Return the text of the code; a coarse copy is doubled if need be, as a camera's many shots would do."""
    double = picture.resize((2 * picture.width, 2 * picture.height), Image.Resampling.BICUBIC)
    for tried in (picture, double):
        if found := zxingcpp.read_barcode(tried, formats=QR):
            return found.text
    return ""


def credential(number: int) -> str:
    """Return what looks like a credential of the greatest length."""
    return (PREFIX + to_base45(hashlib.shake_256(bytes([number])).digest(210)))[:LONGEST]


def test_two_hundred_bad_copies_are_all_read():
    copies, unread = 0, []
    for number in range(PAPERS):
        data = replace(CERTIFICATE, photo=None, verification=credential(number))
        with pypdfium2.PdfDocument(draw_certificate(data).content) as document:
            paper = document[0].render(scale=PRINTER / 72, crop=AROUND, grayscale=True).to_pil()
        for dpi in RESOLUTIONS:
            for name, copy in bad_copies(paper, dpi).items():
                copies += 1
                if read(copy) != data.verification:
                    unread.append(f"{dpi} dpi {name}")
    assert not unread, unread
    assert copies == 200


def test_the_longest_credential_takes_version_10():
    operators = qr_operators(credential(1), 0, 0, 100)
    assert " /W 57 /H 57 " in operators  # ISO/IEC 18004: 17 + 4 modules for each version


def test_the_code_has_its_quiet_zone():
    operators = qr_operators("TD1:A", 10, 20, 58)  # version 1: 21 modules and twice 4 beside them
    assert "10.00 20.00 58.00 58.00 re f 42.000 0 0 42.000 18.000 28.000 cm" in operators


def test_more_than_a_code_can_hold_is_an_error():
    with pytest.raises(ValueError, match=r"\S"):
        qr_operators("长" * 3000, 0, 0, 100)
