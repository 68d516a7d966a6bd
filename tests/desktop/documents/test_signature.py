"""The signature: valid for other software too, the same each time, refused where a key cannot sign."""

from __future__ import annotations

import hashlib
import io

import pytest
from asn1crypto import cms
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from desktop.documents.archive import Info
from desktop.documents.signature import KeySigner, SigningError, fill, signature_dictionary
from tests.conformance import assert_archival
from tests.signers import (
    DAY,
    ISSUER,
    PASSWORD,
    certificate_of,
    key_of,
    pkcs12_of,
    serialized,
    signed_sheet,
    signer_of,
)

KINDS = ("p256", "p384", "rsa")


def judged(document, kind):
    """Return what pyHanko says of the one signature in a document."""
    reader = PdfFileReader(io.BytesIO(document))
    (signature,) = reader.embedded_signatures
    context = ValidationContext(trust_roots=[cms_certificate(kind)], allow_fetching=False)
    return validate_pdf_signature(signature, signer_validation_context=context)


def cms_certificate(kind):

    return Certificate.load(certificate_of(kind).public_bytes(Encoding.DER))


@pytest.mark.parametrize("kind", KINDS)
def test_pyhanko_finds_the_signature_valid_and_over_the_whole_file(kind):
    status = judged(signed_sheet(signer_of(kind)), kind)
    assert status.bottom_line
    assert status.intact
    assert status.valid
    assert status.trusted
    assert status.coverage.name == "ENTIRE_FILE"


def test_pyhanko_finds_an_altered_byte():
    document = signed_sheet(signer_of())
    place = document.index(b"stream\n") + 12
    altered = document[:place] + bytes([document[place] ^ 1]) + document[place + 1 :]
    assert not judged(altered, "p256").bottom_line


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_document_is_signed_with_the_same_bytes(kind):
    assert signed_sheet(signer_of(kind)) == signed_sheet(signer_of(kind))


def test_a_signed_document_is_still_an_archival_one():
    assert_archival(signed_sheet(signer_of()), "2a", signed=True)


@pytest.mark.parametrize("kind", KINDS)
def test_the_key_of_a_pkcs12_file_signs(kind):
    signer = KeySigner.from_pkcs12(pkcs12_of(kind), PASSWORD)
    assert signer.name == ISSUER
    assert signer.fingerprint == certificate_of(kind).fingerprint(hashes.SHA256()).hex()
    assert signed_sheet(signer) == signed_sheet(signer_of(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_never_outgrows_its_room(kind):
    signer = signer_of(kind)
    for number in range(50):  # the integers of ECDSA come out in several lengths
        assert len(signer.sign(hashlib.sha256(bytes([number])).digest())) <= signer.room


def test_the_message_names_its_certificate_and_carries_no_time():
    """PAdES baseline B-B: signing-certificate-v2 is in it, signing-time is not (EN 319 142-1, 6.3)."""
    content = cms.ContentInfo.load(signer_of().sign(bytes(32)))["content"]
    (signer,) = content["signer_infos"]
    kinds = {attribute["type"].native for attribute in signer["signed_attrs"]}
    assert kinds == {"content_type", "message_digest", "signing_certificate_v2"}


def test_certificates_that_vouch_are_taken_along():

    ders = [certificate_of(kind).public_bytes(Encoding.DER) for kind in ("p256", "other")]
    signer = KeySigner(key_of("p256"), ders)
    content = cms.ContentInfo.load(signer.sign(bytes(32)))["content"]
    assert sorted(certificate.chosen.dump() for certificate in content["certificates"]) == sorted(ders)
    assert judged(signed_sheet(signer), "p256").bottom_line


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_wrong_password_is_refused(password):
    with pytest.raises(SigningError, match="口令"):
        KeySigner.from_pkcs12(pkcs12_of("p256"), password)


def test_what_is_no_pkcs12_file_is_refused():
    with pytest.raises(SigningError, match="PKCS#12"):
        KeySigner.from_pkcs12(b"%PDF-1.7", PASSWORD)


def test_a_file_without_a_key_that_signs_is_refused():
    for key in (None, ed25519_with_certificate()):
        certificate = key[1] if key else certificate_of("p256")
        with pytest.raises(SigningError, match="私钥"):
            KeySigner.from_pkcs12(serialized(key and key[0], certificate, PASSWORD), PASSWORD)


def ed25519_with_certificate():
    key = ed25519.Ed25519PrivateKey.generate()
    held = certificate_of("p256")
    builder = x509.CertificateBuilder().subject_name(held.subject).issuer_name(held.subject)
    builder = builder.public_key(key.public_key()).serial_number(7)
    builder = builder.not_valid_before(held.not_valid_before_utc).not_valid_after(held.not_valid_after_utc)
    return key, builder.sign(key, None)


def test_a_file_without_a_place_is_not_signed():
    with pytest.raises(ValueError, match="no place"):
        fill(signed_sheet(None), signer_of())


def test_a_signature_longer_than_its_place_is_not_written():
    class Grown(KeySigner):
        def sign(self, digest: bytes) -> bytes:
            return super().sign(digest) + bytes(300)

    key = key_of("p256")
    assert isinstance(key, ec.EllipticCurvePrivateKey)

    with pytest.raises(ValueError, match="longer"):
        signed_sheet(Grown(key, [certificate_of("p256").public_bytes(Encoding.DER)]))


def test_the_signature_bears_the_day_of_the_paper_and_the_name_of_the_signer():

    told = signature_dictionary(signer_of(), Info("a", "b", "c", DAY))
    assert b"/M(D:20260320" in told
    assert ISSUER.encode("utf-16-be").hex().encode() in told
