"""Keys and certificates for tests of signatures: each kind that papers may be signed with."""

from __future__ import annotations

import datetime as dt
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from desktop.documents.archive import Info
from desktop.documents.flow import Space
from desktop.documents.fonts import DRAWING
from desktop.documents.page import flow_pages, write_pdf
from desktop.documents.paragraph import ZhParagraph
from desktop.documents.signature import KeySigner, Signer
from desktop.documents.styles import BODY

ISSUER = "示例技术转移人才培养基地"
PASSWORD = "口令 p12"
DAY = dt.date(2026, 3, 20)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@functools.cache
def key_of(kind: str) -> Key:
    """Return a key by its kind, made once a session: ``p256``, ``p384``, ``rsa``, or ``other`` on P-256."""
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP384R1() if kind == "p384" else ec.SECP256R1())


@functools.cache
def certificate_of(kind: str) -> x509.Certificate:
    """Return a certificate that the key of a kind has signed itself."""
    attributes = ((NameOID.ORGANIZATION_NAME, ISSUER), (NameOID.COMMON_NAME, "文件签名"))
    name = x509.Name([x509.NameAttribute(*attribute) for attribute in attributes])
    usage = {
        "digital_signature": True,
        "content_commitment": True,
        "key_encipherment": False,
        "data_encipherment": False,
        "key_agreement": False,
        "key_cert_sign": False,
        "crl_sign": False,
        "encipher_only": False,
        "decipher_only": False,
    }
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key_of(kind).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2046, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(key_of(kind), hashes.SHA256())
    )


@functools.cache
def signer_of(kind: str = "p256") -> KeySigner:
    der = certificate_of(kind).public_bytes(serialization.Encoding.DER)
    return KeySigner(key_of(kind), [der])


def pkcs12_of(kind: str, password: str = PASSWORD) -> bytes:
    """Return a PKCS#12 file as an authority hands it out."""
    return serialized(key_of(kind), certificate_of(kind), password)


def serialized(
    key: Key | ed25519.Ed25519PrivateKey | None, certificate: x509.Certificate, password: str
) -> bytes:
    sealed = serialization.BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(b"test", key, certificate, None, sealed)


def signed_sheet(signer: Signer | None, keywords: str = "", words: str = "特发此证。") -> bytes:
    """Return a document of one page, signed when there is a ``signer``."""
    with DRAWING:
        pages = flow_pages([Space(12), ZhParagraph(words, BODY)])
        return write_pdf(pages, Info("证书", ISSUER, "培训", DAY, keywords), signer=signer)
