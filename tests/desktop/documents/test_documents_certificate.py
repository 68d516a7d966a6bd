"""A certificate must say everything it was given, whole, on one sheet that can be scanned."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal

import pikepdf
import pytest
import zxingcpp
from PIL import Image

from desktop.documents import certificate
from desktop.documents.certificate import CertificateData, draw_certificate, draw_certificates
from desktop.documents.fitting import TooMuchTextError
from desktop.documents.fonts import MissingGlyph
from desktop.documents.pictures import PictureError

CERTIFICATE = CertificateData(
    title="技术经纪人（初级）培训合格证书",
    number="LNJJ-2026-00040",
    holder="王䶮",
    sex="男",
    id_number="210203********1039",
    programme="2026年度第三期技术经纪人培训班",
    level="初级",
    started=dt.date(2026, 3, 2),
    ended=dt.date(2026, 3, 13),
    hours=Decimal("80.0"),
    result="合格",
    issuer="大连市技术转移促进中心",
    issued=dt.date(2026, 4, 12),
    filing_number="国科火备2026-12",
    validity="有效期三年。",
    statement="本证书为培训合格证明，不作为职业资格凭证。",
    verification="TD1:" + "6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDE" * 4,
)
LONG_NAME = "阿卜杜热合曼·买买提吐尔逊江·阿布都热依木·吾斯曼江·艾合买提"


def photo(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (295, 413), colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_it_says_everything_that_was_put_in(read_pages):
    (page,) = read_pages(draw_certificate(CERTIFICATE))
    for text in (
        CERTIFICATE.title,
        "证书编号：LNJJ-2026-00040",
        "备案编号：国科火备2026-12",
        "王䶮",
        "210203********1039",
        "2026年3月2日至2026年3月13日",
        "初级课程80学时",
        "考核结果：合格",
        CERTIFICATE.issuer,
        "2026年4月12日",
        "有效期三年。",
        CERTIFICATE.statement,
        "照片",
    ):
        assert text in page


def test_it_is_one_landscape_sheet_with_its_metadata():
    with pikepdf.open(io.BytesIO(draw_certificate(CERTIFICATE))) as pdf:
        assert len(pdf.pages) == 1
        _, _, width, height = map(float, pdf.pages[0].mediabox)
        assert (round(width), round(height)) == (842, 595)
        assert str(pdf.docinfo["/Title"]) == "技术经纪人（初级）培训合格证书 王䶮"


@pytest.mark.parametrize("holder", ["李喆", "赵㛃", "陈𬭳", "阿卜杜热合曼·买买提吐尔逊江", LONG_NAME])
def test_names_of_any_length_are_printed_whole(holder, read_pages):
    (page,) = read_pages(draw_certificate(replace(CERTIFICATE, holder=holder)))
    assert holder in page


def test_empty_fields_leave_no_stray_labels(read_pages):
    bare = replace(
        CERTIFICATE, sex="", id_number="", filing_number="", validity="", statement="", verification=""
    )
    (page,) = read_pages(draw_certificate(bare))
    assert "证件号码" not in page
    assert "备案编号" not in page
    assert "证书信息" not in page


def test_the_qr_code_can_be_scanned_from_the_sheet(render):
    picture = render(draw_certificate(CERTIFICATE), width=1750)
    (code,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    assert code.text == CERTIFICATE.verification


def test_the_photograph_stands_in_its_box(render):
    with_photo = replace(CERTIFICATE, photo=photo("red"))
    picture = render(draw_certificate(with_photo), width=1188)  # 4 pixels to the millimetre
    red = [x for x in range(picture.width) if picture.getpixel((x, 95 * 4)) == (254, 0, 0)]
    assert len(red) == pytest.approx(35 * 4, abs=4)
    assert min(red) == pytest.approx(36 * 4, abs=4)


def test_only_a_draft_bears_the_watermark(read_pages):
    assert "草" not in read_pages(draw_certificate(CERTIFICATE))[0]
    assert "草" in read_pages(draw_certificate(replace(CERTIFICATE, draft=True)))[0]


def test_a_class_is_printed_in_one_file(read_pages):
    holders = ["王䶮", "李喆", "赵㛃"]
    data = draw_certificates([replace(CERTIFICATE, holder=holder) for holder in holders])
    pages = read_pages(data)
    assert len(pages) == 3
    assert all(holder in page for holder, page in zip(holders, pages, strict=True))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert [str(item.title) for item in pdf.open_outline().root] == [
            f"{holder} LNJJ-2026-00040" for holder in holders
        ]


def test_the_same_certificate_is_the_same_file():
    with_photo = replace(CERTIFICATE, photo=photo("red"))
    assert draw_certificate(with_photo) == draw_certificate(with_photo)
    assert draw_certificate(with_photo) != draw_certificate(CERTIFICATE)


def test_what_cannot_be_printed_is_refused_with_its_label():
    with pytest.raises(MissingGlyph, match="持证人姓名：“𠮷”（U\\+20BB7）"):
        draw_certificate(replace(CERTIFICATE, holder="王𠮷"))
    with pytest.raises(PictureError):
        draw_certificate(replace(CERTIFICATE, photo=b"no picture"))
    with pytest.raises(TooMuchTextError):
        draw_certificate(replace(CERTIFICATE, statement="很长的说明。" * 900))
    with pytest.raises(ValueError, match="no certificate"):
        draw_certificates([])


def test_the_module_is_listed():
    assert certificate.NAME == "certificate"
    assert certificate.LABEL
