"""The check of a signature says whether a file is, byte for byte, what its signer signed, without a network.

Whether the signer is one to trust is another question, answered from the trust list. The check is stricter
than a PDF reader's: a signature of our making must have exactly the bytes we would have written, so that even
what no digest covers (the padding, the letter case of the hexadecimal digits) cannot be altered unseen.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import re
from dataclasses import dataclass
from typing import NamedTuple

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from desktop.documents.archive import PRODUCER
from desktop.documents.signature import CmsFrame
from desktop.documents.tags import pdf_text

_RANGE = re.compile(rb"/ByteRange ?\[ ?0 (\d{1,10}) (\d{1,10}) (\d{1,10}) *\]")
_DAY = re.compile(rb"/M ?\(D:(\d{8})")
# What only files of ours hold, in several places: one altered byte cannot make them look like another's.
_OURS = (
    f"<pdf:Producer>{PRODUCER}<".encode(),
    f"/Producer {pdf_text(PRODUCER)}".encode(),
    b"/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange",
)
_SIGNS = (b"/ByteRange", b"CAdES", b"adbe.pkcs7")
# What asn1crypto and cryptography raise for bytes that are no CMS or no certificate.
_MALFORMED = (ValueError, TypeError, LookupError, AttributeError, UnsupportedAlgorithm)


class Integrity(enum.Enum):
    """What the signature of a file says about it."""

    INTACT = "intact"  # every byte is as signed
    ALTERED = "altered"  # something is not as signed
    UNSIGNED = "unsigned"  # there is no signature
    FOREIGN = "foreign"  # signed with other software, which can check it


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """The outcome for one file; who signed it and when is known only where it is intact."""

    integrity: Integrity
    signer: str = ""
    fingerprint: str = ""  # SHA-256 of the signer's certificate, hexadecimal
    day: dt.date | None = None  # as the signer claims: there is no time stamp


class _Signed(NamedTuple):
    """The parts of a file with a signature that covers all of it."""

    digest: bytes
    message: bytes  # the CMS, without its padding
    gap: bytes  # what stands between the angle brackets


def check_signature(document: bytes) -> SignatureReport:
    """Return what the signature of a PDF ``document`` says; never raises for any bytes."""
    signed = _signed(document)
    if signed is None:
        marked = any(sign in document for sign in _SIGNS)
        return SignatureReport(_broken(document) if marked else Integrity.UNSIGNED)
    try:
        return _judge(document, signed)
    except _MALFORMED:
        return SignatureReport(_broken(document))


def _judge(document: bytes, signed: _Signed) -> SignatureReport:
    """Return the outcome for a signature in its place; raises one of ``_MALFORMED`` for anything unusual."""
    certificates, signature = _parts(signed.message)
    key = x509.load_der_x509_certificate(certificates[0]).public_key()
    frame = CmsFrame(certificates, is_curve=isinstance(key, ec.EllipticCurvePublicKey))
    written = frame.assemble(signed.digest, signature).hex().encode()
    if signed.gap != written.ljust(len(signed.gap), b"0"):
        return SignatureReport(_broken(document))
    if not _verifies(key, signature, frame.attributes(signed.digest)):
        return SignatureReport(Integrity.ALTERED)
    fingerprint = hashlib.sha256(certificates[0]).hexdigest()
    return SignatureReport(Integrity.INTACT, frame.name, fingerprint, _day(document))


def _broken(document: bytes) -> Integrity:
    """Tell a damaged signature of ours from one that other software made in its own way."""
    return Integrity.ALTERED if any(mark in document for mark in _OURS) else Integrity.FOREIGN


def _signed(document: bytes) -> _Signed | None:
    """Return the signature that covers the whole file but for its own place, None if there is none."""
    for match in _RANGE.finditer(document):
        start, stop, rest = map(int, match.groups())
        if not start < stop <= len(document) or stop + rest != len(document):
            continue
        gap = document[start:stop]
        if gap[:1] != b"<" or gap[-1:] != b">":
            continue
        digest = hashlib.sha256(memoryview(document)[:start])
        digest.update(memoryview(document)[stop:])
        message = _unpadded(gap[1:-1])
        if message:
            return _Signed(digest.digest(), message, gap[1:-1])
    return None


def _unpadded(digits: bytes) -> bytes:
    """Return the DER element at the start of hexadecimal ``digits``, nothing where there is none."""
    try:
        data = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""
    if len(data) < 4 or data[0] != 0x30 or data[1] != 0x82:  # a CMS has from 256 to 65,535 bytes
        return b""
    return data[: 4 + int.from_bytes(data[2:4], "big")]


def _parts(message: bytes) -> tuple[list[bytes], bytes]:
    """Return the certificates with the signer's first, and the signature value."""
    content = cms.ContentInfo.load(message, strict=True)["content"]
    (signer,) = content["signer_infos"]
    attributes = {item["type"].native: item["values"][0] for item in signer["signed_attrs"]}
    held = {hashlib.sha256(der).digest(): der for der in (c.chosen.dump() for c in content["certificates"])}
    named = attributes["signing_certificate_v2"]["certs"]
    certificates = [held[known["cert_hash"].native] for known in named]
    return certificates, signer["signature"].native


def _verifies(key: object, signature: bytes, message: bytes) -> bool:
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _day(document: bytes) -> dt.date | None:
    match = _DAY.search(document)
    try:
        return dt.datetime.strptime(match[1].decode(), "%Y%m%d").date() if match else None  # noqa: DTZ007 - a day
    except ValueError:
        return None
