"""The server's own keys, made once: all its workers must sign, seal and recognise tokens alike."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    import psycopg

KEY_BYTES: Final = 32
_NAMES: Final = ("token", "sign", "seal", "blob")


@dataclass(frozen=True, slots=True, repr=False)
class ServerKeys:
    """Four independent secrets of 32 bytes: HMAC of tokens, Ed25519, X25519, root of the files' keys."""

    token: bytes
    sign_seed: bytes
    seal_seed: bytes
    blob: bytes

    @property
    def public_sign(self) -> str:
        """The Ed25519 key by which devices check what the server signs, in hexadecimal."""
        return Ed25519PrivateKey.from_private_bytes(self.sign_seed).public_key().public_bytes_raw().hex()

    @property
    def public_seal(self) -> str:
        """The X25519 key for which devices seal bundles, in hexadecimal."""
        return X25519PrivateKey.from_private_bytes(self.seal_seed).public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """Return the server's Ed25519 signature in hexadecimal."""
        return Ed25519PrivateKey.from_private_bytes(self.sign_seed).sign(message).hex()

    def blob_key(self, organisation: bytes) -> bytes:
        """Return the AES-256 key of an organisation's files (HKDF-SHA256, RFC 5869)."""
        derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"blob " + organisation)
        return derive.derive(self.blob)


def ensure(connection: psycopg.Connection) -> ServerKeys:
    """Return the keys, made now if this is the first start; workers that start together agree on one set."""
    for name in _NAMES:
        connection.execute(
            "INSERT INTO server_secret (name, value) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (name, os.urandom(KEY_BYTES)),
        )
    held: dict[str, bytes] = {
        name: bytes(value) for name, value in connection.execute("SELECT name, value FROM server_secret")
    }
    return ServerKeys(*(held[name] for name in _NAMES))
