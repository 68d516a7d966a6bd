"""The check of a signature: one altered byte is found wherever it is, and nothing makes the check fail."""

from __future__ import annotations

import dataclasses
import io
import re

import pikepdf
import pytest
from asn1crypto import cms
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

from desktop.documents.signature import KeySigner
from desktop.documents.signature_check import Integrity, SignatureReport, check_signature
from tests.signers import DAY, ISSUER, PASSWORD, certificate_of, key_of, pkcs12_of, signed_sheet, signer_of


@pytest.fixture(scope="module")
def document():
    return signed_sheet(signer_of())


def judge(content):
    return check_signature(content).integrity


def digits_of(document: bytes) -> range:
    """Return where the hexadecimal digits of the signature stand."""
    found = re.search(rb"/Contents ?<([0-9a-f]+)>", document)
    assert found
    return range(*found.span(1))


def replaced(document, place, byte):
    return document[:place] + bytes([byte]) + document[place + 1 :]


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa"])
def test_an_untouched_file_is_intact_and_names_its_signer(kind):
    expected = SignatureReport(Integrity.INTACT, ISSUER, signer_of(kind).fingerprint, DAY)
    assert check_signature(signed_sheet(signer_of(kind))) == expected


def places(document):
    """Return where to alter the file: some bytes of every region, and all of the signature's dictionary."""
    start, stop = document.index(b"/Type/Sig/"), document.index(b">>", document.index(b"/M(D:"))
    digits = digits_of(document)
    own = [place for place in range(start, stop + 2) if place not in digits]
    padding = range(digits.start + len(document[digits.start : digits.stop].rstrip(b"0")), digits.stop)
    return {
        *range(12),
        *range(12, len(document), len(document) // 120),
        *own,
        *digits[::7],
        *digits[-4:],
        *padding[:3],
        *range(len(document) - 40, len(document)),
    }


def test_each_altered_byte_is_found(document):
    chosen = places(document)
    assert len(chosen) > 300
    missed = [
        place
        for place in chosen
        if judge(replaced(document, place, document[place] ^ 1)) is not Integrity.ALTERED
    ]
    assert missed == []


def test_the_case_of_a_digit_of_the_signature_is_found(document):
    letters = [place for place in digits_of(document) if chr(document[place]).isalpha()]
    for place in letters[::40]:
        assert judge(replaced(document, place, document[place] ^ 0x20)) is Integrity.ALTERED


@pytest.mark.parametrize("more", [b"\n", b" ", b"%%EOF\n", b"1 0 obj<<>>endobj\n"])
def test_what_is_added_at_either_end_is_found(document, more):
    assert judge(document + more) is Integrity.ALTERED
    assert judge(more + document) is Integrity.ALTERED


def test_a_file_cut_short_is_found(document):
    for size in (len(document) - 1, len(document) // 2, document.index(b"/ByteRange") + 60):
        assert judge(document[:size]) is Integrity.ALTERED


def test_an_update_on_top_is_found(document):
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    writer.root["/Lang"] = writer.root["/Lang"]
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(document)
    assert judge(out.getvalue()) is Integrity.ALTERED


def test_a_signature_moved_to_another_file_is_found(document):
    other = signed_sheet(signer_of(), words="特发此状。")
    lent, place = digits_of(document), digits_of(other)
    moved = other[: place.start] + document[lent.start : lent.stop] + other[place.stop :]
    assert judge(moved) is Integrity.ALTERED


def test_a_signature_by_a_key_that_the_certificate_does_not_name_is_found():
    der = certificate_of("p256").public_bytes(Encoding.DER)
    assert judge(signed_sheet(KeySigner(key_of("other"), [der]))) is Integrity.ALTERED


def test_a_certificate_that_the_signature_does_not_name_is_found():
    """The certificates are not signed themselves: one put in their place would lend another's name."""
    der = certificate_of("p256").public_bytes(Encoding.DER)
    other = certificate_of("other").public_bytes(Encoding.DER)

    class Lent(KeySigner):
        def sign(self, digest: bytes) -> bytes:
            content = cms.ContentInfo.load(super().sign(digest))
            content["content"]["certificates"] = [Certificate.load(other)]
            return bytes(content.dump())

    assert judge(signed_sheet(Lent(key_of("p256"), [der]))) is Integrity.ALTERED


def test_a_file_without_a_signature_is_unsigned():
    assert judge(signed_sheet(None)) is Integrity.UNSIGNED
    assert judge(b"") is Integrity.UNSIGNED


def test_a_file_signed_with_other_software_is_foreign():
    out = io.BytesIO()
    with pikepdf.new() as blank:
        blank.add_blank_page()
        blank.save(out)
    signer = signers.SimpleSigner.load_pkcs12_data(pkcs12_of("p256"), [], PASSWORD.encode())
    for subfilter in (SigSeedSubFilter.PADES, SigSeedSubFilter.ADOBE_PKCS7_DETACHED):
        metadata = signers.PdfSignatureMetadata(field_name="Signature1", subfilter=subfilter)
        signed = signers.sign_pdf(IncrementalPdfFileWriter(out), metadata, signer).getvalue()
        assert judge(signed) is Integrity.FOREIGN
        assert judge(replaced(signed, 30, signed[30] ^ 1)) is Integrity.FOREIGN


@given(st.binary(max_size=300), st.integers(0, 10_000), st.integers(0, 400))
def test_any_bytes_are_judged_and_none_is_intact(junk, place, length):
    document = signed_sheet(signer_of())
    start = document.index(b"/ByteRange") + place % 2000
    content = document[:start] + junk + document[start + length :]
    assert content == document or judge(content) is not Integrity.INTACT
    assert judge(junk) in {Integrity.UNSIGNED, Integrity.FOREIGN}


def test_a_report_says_nothing_of_the_signer_of_an_altered_file(document):
    altered = check_signature(document + b"\n")
    assert dataclasses.astuple(altered) == (Integrity.ALTERED, "", "", None)
