"""TLS towards a server whose certificate nobody vouches for: the invitation says which key it must have.

An agency's own server has a self-signed certificate. The pin, carried by hand in the invitation, makes it
as trustworthy as one of a known authority, and protects against an authority that is not.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate


class PinMismatchError(ssl.SSLError):
    """The server's key is not the one that the invitation names."""


class PinnedContext(ssl.SSLContext):
    """A context that accepts exactly one public key; names and dates of its certificate do not matter.

    The key is looked at before the first byte of a request leaves.
    """

    pin: str

    @classmethod
    def of(cls, pin: str) -> PinnedContext:
        """Return a context for the SHA-256 of a public key (its SubjectPublicKeyInfo), in hexadecimal."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.pin = pin.lower()
        return context

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """Shake hands and look at the key.

        Raises:
            PinMismatchError: it is another one.
        """
        wrapped = super().wrap_socket(*arguments, **options)
        certificate = wrapped.getpeercert(binary_form=True)
        if certificate is None or not hmac.compare_digest(pin_of(certificate), self.pin):
            wrapped.close()
            raise PinMismatchError("the server's key is not the one of the invitation")
        return wrapped

    def wrap_bio(self, *_arguments: Any, **_options: Any) -> ssl.SSLObject:
        """Refuse the other way to shake hands (TLS within TLS): there the key would go unseen."""
        raise PinMismatchError("a pinned connection cannot run inside another TLS connection")


def pin_of(certificate: bytes) -> str:
    """Return the pin of a certificate (DER): the SHA-256 of its public key, in hexadecimal."""
    key = load_der_x509_certificate(certificate).public_key()
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
