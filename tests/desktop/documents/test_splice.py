"""The fast writer must draw what ReportLab draws, keep the archival standards and forget what went before."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import ImageChops
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from desktop.documents import splice
from desktop.documents.certificate import draw_certificate, draw_certificates, sample_templates
from desktop.documents.fonts import missing_characters, prepare
from desktop.documents.template_file import parse_template
from desktop.paths import resources
from tests.certificates import CERTIFICATE, LONG_NAME
from tests.conformance import assert_archival
from tests.signers import certificate_of, signer_of
from tests.structure import tree

DESIGNS = sorted(sample_templates().latest)
SHADES = 1  # of 255: a text in two fonts is two texts to a renderer, which rounds each position once more
CHARACTER = 32  # pixels: PDFium sets glyphs on whole pixels, and what falls on a half may go either way
KINDS = {
    "usual": CERTIFICATE,
    "long": replace(CERTIFICATE, holder=LONG_NAME, programme="成果转化实务专题研修" * 8),
    "rare": replace(CERTIFICATE, holder="𬭳𬤇䶮·喆", title="〇字证书——样张", filing_number=""),
    "bare": replace(CERTIFICATE, photo=None, verification="", sex="", id_number="", statement=""),
    "draft": replace(CERTIFICATE, draft=True),
}


def printed(data, design="classic", signer=None):
    return draw_certificate(data, sample_templates().latest[design], signer).content


def picture(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].render(scale=150 / 72).to_pil().convert("RGB")


def text(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].get_textpage().get_text_range()


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", KINDS)
def test_both_writers_draw_the_same_sheet(design, kind):
    data, template = KINDS[kind], sample_templates().latest[design]
    spliced, reference = draw_certificate(data, template).content, draw_certificates([data], [template])
    assert text(spliced) == text(reference)
    difference = ImageChops.difference(picture(spliced), picture(reference)).convert("L")
    left, top, right, bottom = difference.point(lambda shade: 255 * (shade > SHADES)).getbbox() or (0,) * 4
    assert max(right - left, bottom - top) <= CHARACTER


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_design_is_archival_and_accessible(design, kind):
    data = KINDS[kind]
    assert_archival(printed(data, design), "2a")
    if not data.draft:
        assert_archival(printed(data, design, signer_of()), "2a", signed=True)


def test_a_class_in_one_file_is_archival():
    assert_archival(draw_certificates([CERTIFICATE, KINDS["long"]]), "2a")


@pytest.mark.parametrize("design", DESIGNS)
def test_the_signature_is_valid_over_the_whole_file(design):
    trusted = Certificate.load(certificate_of("p256").public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=[trusted], allow_fetching=False)
    (signature,) = PdfFileReader(io.BytesIO(printed(CERTIFICATE, design, signer_of()))).embedded_signatures
    status = validate_pdf_signature(signature, signer_validation_context=context)
    assert status.bottom_line
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE


def test_the_signature_lies_over_its_words_or_is_unseen():
    for design, seen in (("classic", True), ("official", True), ("booklet", False)):
        with pikepdf.open(io.BytesIO(printed(CERTIFICATE, design, signer_of()))) as pdf:
            (field,) = pdf.Root.AcroForm.Fields
            left, bottom, right, top = map(float, field.Rect)
            assert (right > left and top > bottom) == seen
            assert ("/AP" in field) == seen
            assert str(field.TU) == "数字签名"


def test_a_screen_reader_hears_a_heading_texts_and_pictures_in_order():
    with pikepdf.open(io.BytesIO(printed(CERTIFICATE))) as pdf:
        document, kids = tree(pdf)
        assert document == "/Document"
        assert kids[0] == ("/H1", [CERTIFICATE.title])
        assert kids[3] == ("/P", ["王䶮"])
        assert [number for number, (role, _) in enumerate(kids) if role == "/Figure"] == [2, 6]
        told = [str(element.Alt) for element in pdf.Root.StructTreeRoot.K.K if "/Alt" in element]
        assert told == ["持证人照片", "二维码：扫码离线验真，证书编号 LNJJ-2026-00040"]


def test_a_screen_reader_finds_the_signature_last():
    with pikepdf.open(io.BytesIO(printed(CERTIFICATE, signer=signer_of()))) as pdf:
        form = pdf.Root.StructTreeRoot.K.K[-1]
        assert form.S == "/Form"
        assert form.K.Obj.objgen == pdf.Root.AcroForm.Fields[0].objgen
        assert pdf.pages[0].Tabs == "/S"


def test_two_characters_with_one_glyph_read_back_as_themselves():
    # U+2F00 一 (a Kangxi radical), U+2F08 人 and U+2F17 十 are drawn with the glyphs of 一 人 十.
    data = replace(CERTIFICATE, programme="⼀人⼗一⼈十班", holder="⼀一")
    assert "⼀人⼗一⼈十班" in text(printed(data)).replace("\r\n", "")
    assert "⼀一" in text(printed(data))


COMMON = st.one_of(
    st.characters(min_codepoint=0x2E80, max_codepoint=0x2FD5),  # radicals, which share glyphs with hanzi
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0xF900, max_codepoint=0xFA6D),  # compatibility forms, likewise
)
RARE = st.characters(min_codepoint=0x20000, max_codepoint=0x2A6DF)


# Rare characters in the name only: the text of a spread line is told to readers beside it, and PDFium takes
# nothing beyond U+FFFF from there.
@given(st.text(COMMON | RARE, min_size=1, max_size=12), st.text(COMMON, max_size=12))
@settings(max_examples=25)
def test_every_name_reads_back_as_it_was_written(holder, programme):
    assume(not missing_characters([("", holder + programme)]))
    found = text(printed(replace(CERTIFICATE, photo=None, holder=holder, programme=programme)))
    assert holder in found
    assert f"参加{programme}，" in found.replace("\r\n", "")


def test_the_words_of_a_template_may_share_glyphs_too():
    source = (resources() / "templates" / "classic.toml").read_text("utf-8")
    template = parse_template(source.replace("（盖章）", "⼀一").encode(), "双形.toml")
    printed_text = text(draw_certificate(CERTIFICATE, template).content)
    assert "⼀一" in printed_text


def test_what_was_printed_before_leaves_no_trace():
    wanted = printed(CERTIFICATE)
    for other in (KINDS["long"], KINDS["rare"], replace(CERTIFICATE, holder="欧阳修", level="高级")):
        printed(other)
        printed(other, "official")
    assert printed(CERTIFICATE) == wanted
    splice.splicer.cache_clear()
    prepare("Song", "Kai")
    assert printed(CERTIFICATE) == wanted
    assert printed(replace(CERTIFICATE, issuer="另一单位")) != wanted


PRINT = """
import hashlib
from desktop.documents.certificate import draw_certificate, draw_certificates
from tests.certificates import CERTIFICATE
content = draw_certificate(CERTIFICATE).content + draw_certificates([CERTIFICATE])
print(hashlib.sha256(content).hexdigest())
"""


def test_two_machines_print_the_same_file(tmp_path):
    own = hashlib.sha256(draw_certificate(CERTIFICATE).content + draw_certificates([CERTIFICATE])).hexdigest()
    for number, (locale, zone) in enumerate((("C", "America/New_York"), ("zh_CN.UTF-8", "Asia/Shanghai"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        other = {"TMPDIR": str(folder), "LC_ALL": locale, "TZ": zone, "PYTHONHASHSEED": str(number)}
        root = Path(__file__).parents[3]
        done = subprocess.run(
            [sys.executable, "-c", PRINT],
            env={**os.environ, **other},
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        )
        assert done.stdout.strip() == own


@pytest.mark.parametrize("design", DESIGNS)
def test_a_signed_certificate_is_small_with_a_photograph_of_ten_kilobytes(design):
    photo = CERTIFICATE.photo or b""
    assert len(printed(CERTIFICATE, design, signer_of())) - len(photo) + 10_000 <= 60_000
