"""A certificate must say everything it was given, whole, on one sheet that can be scanned."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest
import zxingcpp
from PIL import Image

from desktop.documents import certificate
from desktop.documents.certificate import (
    default_template,
    draw_certificate,
    draw_certificates,
    preflight,
    print_record,
    sample_templates,
)
from desktop.documents.fitting import TooMuchTextError
from desktop.documents.fonts import MissingGlyph
from desktop.documents.pictures import PictureError
from tests.certificates import CERTIFICATE, CREDENTIAL, LONG_NAME, portrait
from tests.signers import ISSUER, signer_of

BARE = replace(
    CERTIFICATE,
    sex="",
    id_number="",
    filing_number="",
    photo=None,
    valid_to=None,
    validity="",
    statement="",
    verification="",
)
DESIGNS = sorted(sample_templates().latest)


def printed(data, design="classic", signer=None):
    return draw_certificate(data, sample_templates().latest[design], signer).content


def test_there_are_several_designs():
    assert DESIGNS == ["booklet", "classic", "official"]
    assert default_template().key == "classic@1"


@pytest.mark.parametrize("design", DESIGNS)
def test_it_says_everything_that_was_put_in(design, read_pages):
    (page,) = read_pages(printed(replace(CERTIFICATE, photo=None), design))
    for text in (
        CERTIFICATE.title,
        "证书编号：LNJJ-2026-00040",
        "备案编号：国科火备2026-12",
        "王䶮",
        "证件号码：210203********1039",
        "2026年3月2日至2026年3月13日",
        "初级课程80学时",
        "合格",
        CERTIFICATE.issuer,
        "2026年4月12日",
        "有效期至：2029年4月11日",
        CERTIFICATE.validity,
        CERTIFICATE.statement,
        "照片",
        "扫码离线验真",
        f"校验码 {CERTIFICATE.code}",
    ):
        assert text in page, text


@pytest.mark.parametrize("design", DESIGNS)
def test_empty_fields_leave_no_stray_labels(design, read_pages):
    (page,) = read_pages(printed(BARE, design))
    for label in ("证件号码", "备案编号", "证书信息", "扫码", "校验码", "有效期", "数字签名"):
        assert label not in page


def test_plain_text_in_the_code_does_not_promise_a_check(read_pages):
    (page,) = read_pages(printed(replace(CERTIFICATE, verification="LNJJ-2026-00040 王䶮")))
    assert "证书信息" in page
    assert "验真" not in page
    assert "校验码" not in page


def test_the_verification_code_has_no_blanks_that_one_could_miss():
    assert replace(CERTIFICATE, verification="TD1:AB C+D 01 2").code == "ABC+D012"
    assert replace(CERTIFICATE, verification="plain").code == ""


@pytest.mark.parametrize(
    ("design", "size"), [("classic", (842, 595)), ("official", (842, 595)), ("booklet", (420, 595))]
)
def test_it_is_one_sheet_with_its_metadata(design, size):
    with pikepdf.open(io.BytesIO(printed(CERTIFICATE, design))) as pdf:
        assert len(pdf.pages) == 1
        _, _, width, height = map(float, pdf.pages[0].mediabox)
        assert (round(width), round(height)) == size
        assert str(pdf.docinfo["/Title"]) == "技术经纪人（初级）培训合格证书 王䶮"
        assert str(pdf.docinfo["/Keywords"]) == CREDENTIAL


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("holder", ["李喆", "赵㛃", "陈𬭳", "阿卜杜热合曼·买买提吐尔逊江", LONG_NAME])
def test_names_of_any_length_are_printed_whole(design, holder, read_pages):
    (page,) = read_pages(printed(replace(CERTIFICATE, holder=holder), design))
    assert holder in page


def test_what_had_to_shrink_is_told():
    assert draw_certificate(CERTIFICATE).fitted == ()
    template = sample_templates().latest["official"]
    (fitted,) = draw_certificate(replace(CERTIFICATE, holder=LONG_NAME), template).fitted
    assert fitted.label == "持证人姓名"
    assert fitted.text == LONG_NAME
    assert fitted.from_size == 30
    assert 21 <= fitted.to_size < 30
    assert fitted.lines == 2
    (fitted,) = draw_certificate(replace(CERTIFICATE, programme="成果转化实务专题研修" * 8)).fitted
    assert fitted.label == "培训项目"
    assert fitted.to_size < fitted.from_size


@pytest.mark.parametrize("design", DESIGNS)
def test_the_qr_code_can_be_scanned_from_the_sheet(design, render):
    picture = render(printed(CERTIFICATE, design), width=1750)
    (code,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    assert code.text == CREDENTIAL


def test_the_photograph_stands_in_its_box(render):
    buffer = io.BytesIO()
    Image.new("RGB", (295, 413), "red").save(buffer, "PNG")
    picture = render(printed(replace(CERTIFICATE, photo=buffer.getvalue())), width=1188)  # 4 pixels to the mm
    red = [x for x in range(picture.width) if picture.getpixel((x, 95 * 4)) == (254, 0, 0)]
    assert len(red) == pytest.approx(35 * 4, abs=4)
    assert min(red) == pytest.approx(36 * 4, abs=4)


def test_a_prepared_photograph_goes_in_byte_by_byte():
    photo = portrait()
    assert photo in printed(replace(CERTIFICATE, photo=photo))
    assert photo in draw_certificates([replace(CERTIFICATE, photo=photo)])


@pytest.mark.parametrize("design", DESIGNS)
def test_a_draft_bears_the_watermark_and_is_neither_signed_nor_verifiable(design, read_pages):
    draft = replace(CERTIFICATE, draft=True)
    paper = printed(draft, design, signer_of())
    assert "草" in read_pages(paper)[0]
    assert "草" not in read_pages(printed(CERTIFICATE, design))[0]
    for trace in (b"/ByteRange", b"Widget", CREDENTIAL.encode(), CERTIFICATE.code.encode()):
        assert trace not in paper
    assert paper == printed(draft, design)


def test_who_signs_is_printed_only_when_it_is_signed(read_pages):
    (signed,) = read_pages(printed(CERTIFICATE, signer=signer_of()))
    assert f"数字签名：{ISSUER}　2026年4月12日" in signed
    (unsigned,) = read_pages(printed(CERTIFICATE))
    assert "数字签名" not in unsigned


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


def test_what_cannot_be_printed_is_refused_with_its_label():
    with pytest.raises(MissingGlyph, match="持证人姓名：“𡋾”（U\\+212FE）"):
        draw_certificate(replace(CERTIFICATE, holder="王𡋾"))
    with pytest.raises(PictureError):
        draw_certificate(replace(CERTIFICATE, photo=b"no picture"))
    with pytest.raises(TooMuchTextError):
        draw_certificate(replace(CERTIFICATE, statement="很长的说明。" * 900))
    with pytest.raises(ValueError, match="no certificate"):
        draw_certificates([])


def test_preflight_tells_all_of_it_without_drawing():
    assert preflight(CERTIFICATE) == []
    (missing, photo) = preflight(replace(CERTIFICATE, holder="王𡋾", photo=None))
    assert (missing.label, missing.stops) == ("持证人姓名", True)
    assert "U+212FE" in missing.why
    assert (photo.label, photo.stops) == ("照片", False)
    (broken,) = preflight(replace(CERTIFICATE, photo=b"no picture"))
    assert (broken.label, broken.stops) == ("照片", True)
    (full,) = preflight(replace(CERTIFICATE, statement="很长的说明。" * 900))
    assert full.stops
    assert "放不下" in full.why
    unprintable: Any = SimpleNamespace(name="𡋾公司")
    (unsigned,) = preflight(CERTIFICATE, signer=unprintable.name)
    assert unsigned.stops
    with pytest.raises(MissingGlyph, match="U\\+212FE"):
        draw_certificate(CERTIFICATE, signer=unprintable)
    (shrunk,) = preflight(replace(CERTIFICATE, holder=LONG_NAME))
    assert (shrunk.label, shrunk.stops) == ("持证人姓名", False)
    assert "27 磅缩小到" in shrunk.why


def test_the_record_of_a_print_names_design_fonts_and_libraries():
    template = sample_templates().latest["official"]
    record = json.loads(print_record(template))
    assert record["template"] == "official@1"
    assert record["template_sha256"] == template.sha256
    assert "NotoSerifSC-Regular" in {font["name"] for font in record["fonts"]}
    assert all(len(font["sha256"]) == 64 and font["version"] for font in record["fonts"])
    assert set(record["libraries"]) == {"harfbuzz", "zlib"}
    assert print_record(template) == print_record(template)


def test_the_module_is_listed():
    assert certificate.NAME == "certificate"
    assert certificate.LABEL
