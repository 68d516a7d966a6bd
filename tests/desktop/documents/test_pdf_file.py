"""A written file must be archival by itself, say one thing about itself, and bear a signature that holds."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from desktop.documents.archive import Conformance, Info, srgb_profile, xmp_packet
from desktop.documents.page import A4, MM, OFFICIAL, Page, flow_pages, roman, write_pdf
from desktop.documents.paragraph import ZhParagraph
from desktop.documents.signature import KeySigner
from desktop.documents.styles import BODY, title
from tests.conformance import Profile, assert_archival

INFO = Info("证书 㛃𬭳", "大连（中心）", "主题 <&>", dt.date(2026, 3, 1), keywords="技术转移")
MOMENT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
PROFILES: dict[Conformance, Profile] = {Conformance.A2A: "2a", Conformance.A3B: "3b"}


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def certificate(key) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "大连市技术转移中心")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(77)
        .not_valid_before(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2036, 1, 1, tzinfo=dt.UTC))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


@pytest.fixture(scope="module")
def signer(key, certificate) -> KeySigner:
    return KeySigner(key, [certificate.public_bytes(serialization.Encoding.DER)])


def sheets(**changes: Any) -> list[Page]:
    pages = flow_pages([title("题目"), ZhParagraph("正文" * 900, BODY)])
    return [replace(page, **changes) for page in pages]


@pytest.mark.parametrize("conformance", Conformance)
def test_a_written_file_is_archival(conformance):
    assert_archival(write_pdf(sheets(draft=True), INFO, conformance=conformance), PROFILES[conformance])


@pytest.mark.parametrize("conformance", Conformance)
@pytest.mark.parametrize("seal", [None, (300.0, 100.0, 380.0, 180.0)])
def test_a_signed_file_is_archival_and_the_signature_covers_it(signer, certificate, conformance, seal):
    pages = sheets()
    pages[-1] = replace(pages[-1], seal=seal)
    signed = write_pdf(pages, INFO, conformance=conformance, signer=signer)
    assert signed == write_pdf(pages, INFO, conformance=conformance, signer=signer)
    assert_archival(signed, PROFILES[conformance], signed=True)
    status = judged(signed, certificate)
    assert status.intact
    assert status.trusted
    assert status.coverage.name == "ENTIRE_FILE"


def test_one_altered_byte_of_the_page_breaks_the_signature(signer, certificate):
    signed = bytearray(write_pdf(sheets(), INFO, signer=signer))
    place = signed.index(b"/MediaBox")
    altered = signed[:place] + b"/mediaBox" + signed[place + 9 :]
    assert not judged(bytes(altered), certificate).intact


def judged(signed: bytes, certificate: x509.Certificate) -> Any:
    der = certificate.public_bytes(serialization.Encoding.DER)
    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_regular_signatures
    anchor = type(signature.signer_cert).load(der)
    return validate_pdf_signature(signature, ValidationContext(trust_roots=[anchor], moment=MOMENT))


def test_the_field_lies_over_the_place_of_the_seal_or_is_unseen(signer):
    pages = sheets()
    assert len(pages) > 1
    pages[-1] = replace(pages[-1], seal=(300.0, 100.0, 380.0, 180.0))
    for shown, where, rect in ((pages, -1, [300, 100, 380, 180]), (sheets(), 0, [0, 0, 0, 0])):
        with pikepdf.open(io.BytesIO(write_pdf(shown, INFO, signer=signer))) as pdf:
            (field,) = pdf.Root.AcroForm.Fields
            assert [float(edge) for edge in field.Rect] == rect
            assert field.P.objgen == pdf.pages[where].objgen
            assert str(field.TU) == "数字签名"
            kid = list(pdf.Root.StructTreeRoot.K.K)[-1]
            assert (str(kid.S), kid.K.Obj.objgen) == ("/Form", field.objgen)
            parents = pdf.Root.StructTreeRoot.ParentTree.Nums
            assert parents[-1].objgen == kid.objgen
            assert int(parents[-2]) == int(field.StructParent) == len(shown)


def test_the_file_says_the_same_of_itself_twice_and_nothing_of_the_clock():
    data = write_pdf(sheets(), INFO)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.Root.Metadata.read_bytes() == xmp_packet(INFO, Conformance.A2A)
        assert {str(name): str(text) for name, text in pdf.docinfo.items()} == {
            "/Title": INFO.title,
            "/Author": INFO.author,
            "/Subject": INFO.subject,
            "/Keywords": INFO.keywords,
            "/Creator": "技转工作台",
            "/Producer": "Transfer Desk",
            "/CreationDate": "D:20260301000000+08'00'",
            "/ModDate": "D:20260301000000+08'00'",
        }
        assert pdf.Root.OutputIntents[0].DestOutputProfile.read_bytes() == srgb_profile()
        assert str(pdf.Root.Lang) == "zh-CN"
        assert bytes(pdf.trailer.ID[0]).hex() == INFO.identifier
    assert b"ReportLab" not in data
    assert b"Helvetica" not in data


def test_other_content_gives_another_identifier():
    first, second = (
        pikepdf.open(io.BytesIO(write_pdf(flow_pages([ZhParagraph(text, BODY)]), INFO))) for text in "甲乙"
    )
    assert bytes(first.trailer.ID[0]) == bytes(second.trailer.ID[0])
    assert bytes(first.trailer.ID[1]) != bytes(second.trailer.ID[1])


def test_a_link_may_be_printed():
    def paint(canvas: Any) -> None:
        canvas.linkURL("https://example.org", (10, 10, 50, 50))
        canvas.bookmarkPage("here")
        canvas.linkRect("", "here", (60, 10, 90, 50))

    data = write_pdf([Page(paint)], INFO, conformance=Conformance.A3B)
    assert_archival(data, "3b")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert [int(link.F) for link in pdf.pages[0].Annots] == [4, 4]


def test_front_pages_are_counted_by_themselves(read_pages):
    pages = [*sheets(front=True), *sheets()]
    data = write_pdf(pages, INFO)
    half = len(pages) // 2
    with pikepdf.open(io.BytesIO(data)) as pdf:
        labels = [str(page.label) for page in pdf.pages]
    assert labels == [*(roman(n) for n in range(1, half + 1)), *(str(n) for n in range(1, half + 1))]
    feet = [text[-12:] for text in read_pages(data)]
    assert feet[half - 1].endswith(roman(half))
    assert f"第 {half} 页　共 {half} 页" in feet[-1]


def test_an_official_number_stands_at_the_outer_side(opened):
    document = opened(write_pdf(sheets(official=True), INFO))
    for number, edges in ((0, (A4[0] / 2, A4[0] - OFFICIAL.right)), (1, (OFFICIAL.left, A4[0] / 2))):
        found = document.getAllText(number).text().splitlines()
        assert f"— {number + 1} —" in [line.strip() for line in found]
        box = document.getSelectionAtIndex(number, len(document.getAllText(number).text()) - 5, 5)
        assert edges[0] < box.boundingRectangle().left() < box.boundingRectangle().right() < edges[1]
        assert box.boundingRectangle().top() > A4[1] - OFFICIAL.bottom + 6 * MM


@pytest.mark.parametrize(("number", "text"), [(1, "i"), (4, "iv"), (9, "ix"), (49, "xlix"), (194, "cxciv")])
def test_roman_numerals(number, text):
    assert roman(number) == text
