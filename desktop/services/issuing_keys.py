"""The keys that papers are signed with: one pair for each issuer, made at its first paper, kept in the store.

The store is encrypted with a key in the system's keyring, and so are these; they leave it only as public keys
in a trust list. An issuer that has a certificate from an authority puts its PKCS#12 file in their place.
"""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from desktop.documents.signature import KeySigner, SigningError
from desktop.models import settings
from domain.problems import refuse
from domain.trust import Issuer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from desktop.services.desk import Desk

KEYS: Final = "issuing-keys"
NAME_AT_MOST: Final = 64
"""Characters of an organisation's name in a certificate (X.520, ub-organization-name)."""
YEARS: Final = 10


@dataclass(frozen=True, slots=True)
class IssuingKeys:
    """What an issuer signs with: ``credential`` for the code on the paper, ``signer`` for the file.

    ``salt_key`` makes the salts of identity hashes: the same for the same paper, unknown to others.
    """

    issuer: str
    credential: Ed25519PrivateKey
    signer: KeySigner
    begun: dt.date

    @property
    def salt_key(self) -> bytes:
        """A secret of the issuer that is neither of the keys."""
        return self.credential.sign(b"transfer-desk identity salt")


def keys_of(connection: Connection, issuer: str) -> IssuingKeys | None:
    """Return the keys of an issuer, None where it has not issued anything yet."""
    held = settings.read(connection, KEYS, {}).get(issuer)
    return _opened(issuer, held) if held else None


def provide(connection: Connection, issuer: str, day: dt.date) -> IssuingKeys:
    """Return the keys of an issuer for papers of ``day``, made now where there are none.

    Papers may bear a day before the one on which they are made: the time of the keys begins with the oldest
    of them. Call it within a transaction.
    """
    found = keys_of(connection, issuer)
    if found is not None and day < found.begun:
        held = settings.read(connection, KEYS, {})[issuer]
        _keep(connection, issuer, {**held, "begun": day.isoformat()})
        return replace(found, begun=day)
    if found is None:
        key = Ed25519PrivateKey.generate()
        held = {
            "credential": _text(key.private_bytes_raw()),
            "file": _text(_self_signed(issuer, day)),
            "certificates": [],
            "begun": day.isoformat(),
        }
        found = _opened(issuer, held)
        held["certificates"] = [found.signer.fingerprint]
        _keep(connection, issuer, held)
    return found


def signer_for(desk: Desk, issuer: str, day: dt.date) -> KeySigner:
    """Return who signs the files of an issuer, with keys made now where there are none."""
    with desk.store.read() as connection:
        found = keys_of(connection, issuer)
    if found is None or day < found.begun:
        with desk.store.write() as connection:
            found = provide(connection, issuer, day)
    return found.signer


def use_pkcs12(desk: Desk, *, issuer: str, data: bytes, password: str) -> str:
    """Sign the files of an issuer with the key in a PKCS#12 file from now on; return whom it names.

    Papers signed before keep their signature, and the old certificate stays known.

    Raises:
        Refusal: the file cannot be opened, or has no key that can sign.
    """
    try:
        signer = KeySigner.from_pkcs12(data, password)
    except SigningError as error:
        raise refuse("file", "plain", why=str(error)) from error
    repacked = _repacked(data, password)
    with desk.store.write() as connection:
        provide(connection, issuer, desk.today())
        held = settings.read(connection, KEYS, {})[issuer]
        held["file"] = _text(repacked)
        held["certificates"] = [signer.fingerprint, *held["certificates"]]
        _keep(connection, issuer, held)
    return signer.name


def issuers(
    connection: Connection, revoked: Mapping[str, Mapping[str, tuple[str, dt.date]]], today: dt.date
) -> list[Issuer]:
    """Return the public side of all keys held here, with what each issuer has ``revoked`` up to today."""
    return [
        Issuer(
            name=name,
            key=_opened(name, held).credential.public_key().public_bytes_raw().hex(),
            fingerprints=tuple(held["certificates"]),
            begun=dt.date.fromisoformat(held["begun"]),
            as_of=today,
            revoked=revoked.get(name, {}),
        )
        for name, held in settings.read(connection, KEYS, {}).items()
    ]


def _keep(connection: Connection, issuer: str, held: dict[str, Any]) -> None:
    settings.write(connection, KEYS, {**settings.read(connection, KEYS, {}), issuer: held})


def _opened(issuer: str, held: Mapping[str, Any]) -> IssuingKeys:
    return IssuingKeys(
        issuer=issuer,
        credential=Ed25519PrivateKey.from_private_bytes(base64.b64decode(held["credential"])),
        signer=KeySigner.from_pkcs12(base64.b64decode(held["file"]), ""),
        begun=dt.date.fromisoformat(held["begun"]),
    )


def _self_signed(issuer: str, today: dt.date) -> bytes:
    """Return a new P-256 key with a certificate of its own, as PKCS#12."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, issuer[:NAME_AT_MOST]),
            x509.NameAttribute(NameOID.COMMON_NAME, "文件签名"),
        ]
    )
    begin = dt.datetime.combine(today, dt.time(), dt.UTC) - dt.timedelta(days=1)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return _packed(key, certificate, [])


def _repacked(data: bytes, password: str) -> bytes:
    """Return the content of a PKCS#12 file without its password: the store protects it."""
    key, certificate, others = pkcs12.load_key_and_certificates(data, password.encode() or None)
    return _packed(key, certificate, others)


def _packed(key: Any, certificate: x509.Certificate | None, others: list[x509.Certificate]) -> bytes:
    encryption = serialization.NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"transfer-desk", key, certificate, others, encryption)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
