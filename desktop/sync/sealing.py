"""The device's own keys at work: signing its words, sealing what only the server may read, and back.

Sealing is HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM; signing is Ed25519.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_sign_key() -> str:
    """Return a new private signing key in hexadecimal."""
    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


def new_seal_key() -> str:
    """Return a new private sealing key in hexadecimal."""
    return X25519PrivateKey.generate().private_bytes_raw().hex()


def public_sign_key(private: str) -> str:
    """Return the public half of a signing key."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private)).public_key().public_bytes_raw().hex()


def public_seal_key(private: str) -> str:
    """Return the public half of a sealing key."""
    return X25519PrivateKey.from_private_bytes(bytes.fromhex(private)).public_key().public_bytes_raw().hex()


def sign(private: str, words: bytes) -> bytes:
    """Return the signature of a private key."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private)).sign(words)


def is_signed(public: str, words: bytes, signature: bytes) -> bool:
    """Tell whether the signature is that of a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, words)
    except (InvalidSignature, ValueError):
        return False
    return True


def seal(public: str, content: bytes, about: bytes) -> bytes:
    """Seal a content for the holder of a sealing key; ``about`` is bound to it without being in it."""
    return SUITE.encrypt(content, X25519PublicKey.from_public_bytes(bytes.fromhex(public)), about)


def opened(private: str, sealed: bytes, about: bytes) -> bytes | None:
    """Return a sealed content; None when it was altered or is for somebody else."""
    try:
        return SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(bytes.fromhex(private)), about)
    except (InvalidTag, ValueError):
        return None
