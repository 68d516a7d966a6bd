"""The signature exists so that one altered byte of a paper is found, by anybody and without a network.

It is a PAdES baseline B-B signature (ETSI EN 319 142-1) made in one pass: the writer leaves a placeholder,
the finished file is hashed around it and the CMS put in. The parts of the CMS that never change are built
once; the rest is three lines of DER, because building it as objects takes longer than drawing the page
(docs/decisions/015). Signatures are deterministic, so that the same paper is the same file.

A key in a card, SM2 (GM/T 0031) or a time stamp need no change here: they are another :class:`Signer`.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from typing import TYPE_CHECKING, Protocol

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from desktop.documents.archive import Info

FIELD = "Signature"
FIELD_LABEL = "数字签名"
_DIGEST = hashlib.sha256
_RANGE = b"[ 0 1111111111 2222222222 3333333333 ]"
_RANGE_PLACE = re.compile(rb"\[ ?0 1111111111 2222222222 3333333333 ?\]")
_GAP = re.compile(rb"/Contents ?(<0{512,}>)")
_CURVE_SIGNATURE = 72  # bytes at most: two 33-byte integers in DER


class SigningError(ValueError):
    """The key cannot sign papers; the message says why, in Chinese."""


class Signer(Protocol):
    """Whoever signs: a name for the signature's field, and a CMS for the digest of a file."""

    @property
    def name(self) -> str:
        """Who signs, as the certificate says."""

    @property
    def room(self) -> int:
        """The most bytes that :meth:`sign` returns."""

    def sign(self, digest: bytes) -> bytes:
        """Return the CMS (DER) over the SHA-256 ``digest``; the same for the same digest."""


class KeySigner:
    """Signs with a private key held in memory: ECDSA with P-256 or P-384, or RSA."""

    def __init__(
        self,
        key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
        certificates: Sequence[bytes],
    ) -> None:
        """Take the key, and its certificate with those that vouch for it, each as DER."""
        self._key = key
        self._frame = CmsFrame(certificates, is_curve=isinstance(key, ec.EllipticCurvePrivateKey))
        self.fingerprint = hashlib.sha256(certificates[0]).hexdigest()
        size = _CURVE_SIGNATURE if isinstance(key, ec.EllipticCurvePrivateKey) else key.key_size // 8
        if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size > 256:
            size = key.curve.key_size // 4 + 12
        self.room = len(self._frame.assemble(bytes(32), bytes(size))) + 8

    @classmethod
    def from_pkcs12(cls, data: bytes, password: str) -> KeySigner:
        """Return the signer in a PKCS#12 file; raises :class:`SigningError` when there is none."""
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(data, password.encode() or None)
        except ValueError as error:
            raise SigningError("证书文件打不开：口令不对，或不是 PKCS#12（.p12、.pfx）文件。") from error
        if certificate is None or not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise SigningError("证书文件里没有可用的私钥和证书（支持 P-256、P-384 和 RSA）。")
        chain = (certificate, *others)
        return cls(key, [item.public_bytes(serialization.Encoding.DER) for item in chain])

    @property
    def name(self) -> str:
        """The organisation or person the certificate names."""
        return self._frame.name

    def sign(self, digest: bytes) -> bytes:
        """Return the CMS over ``digest``."""
        message = self._frame.attributes(digest)
        if isinstance(self._key, rsa.RSAPrivateKey):
            signature = self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        else:
            signature = self._key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        return self._frame.assemble(digest, signature)


class CmsFrame:
    """Everything in a signature that does not depend on what is signed (RFC 5652, RFC 5035)."""

    def __init__(self, certificates: Sequence[bytes], *, is_curve: bool) -> None:
        own = x509.Certificate.load(certificates[0])
        named = own.subject.native
        self.name = str(named.get("organization_name") or named.get("common_name") or "")
        # Every certificate is named by its hash, so that none can be exchanged (ESS signing-certificate-v2).
        known = [tsp.ESSCertIDv2({"cert_hash": _DIGEST(der).digest()}) for der in certificates]
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [_MARK]}),
                cms.CMSAttribute(
                    {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": known})]}
                ),
            ]
        )
        self._attributes: bytes = attributes.dump()
        self._signer = cms.IssuerAndSerialNumber(
            {"issuer": own.issuer, "serial_number": own.serial_number}
        ).dump()
        self._digest_algorithm = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
        scheme = "sha256_ecdsa" if is_curve else "sha256_rsa"
        self._scheme = algos.SignedDigestAlgorithm({"algorithm": scheme}).dump()
        self._certificates = _tlv(0xA0, *sorted(certificates))
        self._content = _tlv(0x30, core.ObjectIdentifier("1.2.840.113549.1.7.1").dump())
        self._kind = core.ObjectIdentifier("1.2.840.113549.1.7.2").dump()

    def attributes(self, digest: bytes) -> bytes:
        """Return what the key signs: the signed attributes with ``digest`` in them."""
        return self._attributes.replace(_MARK, digest)

    def assemble(self, digest: bytes, signature: bytes) -> bytes:
        """Return the whole CMS."""
        signed = b"\xa0" + self.attributes(digest)[1:]  # in the message the set is tagged [0]
        signer = _tlv(
            0x30, _ONE, self._signer, self._digest_algorithm, signed, self._scheme, _tlv(0x04, signature)
        )
        body = _tlv(
            0x30,
            _ONE,
            _tlv(0x31, self._digest_algorithm),
            self._content,
            self._certificates,
            _tlv(0x31, signer),
        )
        return _tlv(0x30, self._kind, _tlv(0xA0, body))


_ONE = b"\x02\x01\x01"  # INTEGER 1
_MARK = _DIGEST(b"the place of the message digest").digest()


def _tlv(tag: int, *parts: bytes) -> bytes:
    """Return one DER element: tag, length, value."""
    value = b"".join(parts)
    if len(value) < 0x80:
        return bytes((tag, len(value))) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + value


def signature_dictionary(signer: Signer, info: Info) -> bytes:
    """Return the signature dictionary with room for the signature, as it stands in the file."""
    name = ("\ufeff" + signer.name).encode("utf-16-be").hex()
    return (
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange%b/Contents<%b>"
        b"/M(%b)/Name<%b>>>"
    ) % (_RANGE, b"0" * (2 * signer.room), info.pdf_date.encode(), name.encode())


def fill(document: bytes | bytearray, signer: Signer) -> bytes:
    """Return ``document`` signed; it holds one placeholder of :func:`signature_dictionary`.

    Raises ValueError when it holds none, or when the signature has no room.
    """
    content = bytearray(document)
    _fill(content, signer)
    return bytes(content)


def fill_file(path: Path, signer: Signer) -> None:
    """Sign the file at ``path`` in its place, however large it is; raises as :func:`fill`, and OSError."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        _fill(content, signer)


def _fill(content: bytearray | mmap.mmap, signer: Signer) -> None:
    gap, place = _GAP.search(content), _RANGE_PLACE.search(content)
    if gap is None or place is None:
        raise ValueError("the file has no place for a signature")
    (start, stop), (first, last) = gap.span(1), place.span()
    del gap, place  # they hold on to the content
    ranges = b"[ 0 %d %d %d" % (start, stop, len(content) - stop)
    content[first:last] = ranges.ljust(last - first - 1) + b"]"
    with memoryview(content) as view, view[:start] as before, view[stop:] as after:
        digest = _DIGEST(before)
        digest.update(after)
    message = signer.sign(digest.digest()).hex().encode()
    if len(message) > stop - start - 2:
        raise ValueError("the signature is longer than its place")
    content[start + 1 : start + 1 + len(message)] = message
