"""The credential exists so that a phone can tell a genuine certificate from a copied one, without a network.

It is what the QR code holds: the certificate's facts in CBOR, signed as COSE_Sign1 (RFC 9052) with Ed25519,
written in Base45 (RFC 9285), which a QR code stores compactly. Whoever holds the issuer's public key can
check it. The identity number is in it only as a salted hash of 24 bits: enough to check a card somebody
shows, too little to search for the number (hundreds of people share it).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cbor2
from cryptography.exceptions import InvalidSignature

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX: Final = "TD1:"
LONGEST: Final = 311
"""Characters that a QR code of version 10 holds with error correction M (ISO/IEC 18004, table 7)."""

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_ALGORITHM, _KEY_ID, _EDDSA = 1, 4, -8  # RFC 9053
_SALT, _HASH, _PHOTO = 4, 3, 6  # bytes


class CredentialError(ValueError):
    """The text is no credential of ours; the message says so in Chinese."""


class AlteredError(CredentialError):
    """The text began as a credential but is not as it was signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a credential says; ``identity`` is salt and hash of the identity number, empty for none."""

    number: str
    holder: str
    level: str  # code of the list broker-level
    issued: dt.date
    valid_to: dt.date | None = None
    hours: str = ""
    identity: bytes = b""
    photo: bytes = b""  # the first bytes of the printed photograph's SHA-256

    def matches_identity(self, identity_number: str) -> bool:
        """Tell whether a card somebody shows has the number the credential was made for."""
        return bool(self.identity) and identity_hash(identity_number, self.identity[:_SALT]) == self.identity


def identity_hash(identity_number: str, salt: bytes) -> bytes:
    """Return salt and shortened hash of an identity number (letters in capitals)."""
    salt = salt[:_SALT]
    return salt + hashlib.sha256(salt + identity_number.strip().upper().encode()).digest()[:_HASH]


def photo_hash(photo: bytes) -> bytes:
    """Return what a credential says of a photograph."""
    return hashlib.sha256(photo).digest()[:_PHOTO]


def key_id(key: Ed25519PublicKey) -> bytes:
    """Return the six bytes by which a credential names the key it was signed with."""
    return hashlib.sha256(key.public_bytes_raw()).digest()[:6]


def issue_credential(claims: Claims, key: Ed25519PrivateKey) -> str:
    """Return ``claims`` signed with ``key``, ready for a QR code; the same for the same claims."""
    protected = cbor2.dumps({_ALGORITHM: _EDDSA, _KEY_ID: key_id(key.public_key())}, canonical=True)
    payload = cbor2.dumps(_to_map(claims), canonical=True)
    signature = key.sign(_signed(protected, payload))
    return PREFIX + to_base45(cbor2.dumps([protected, {}, payload, signature]))


def signing_key_id(text: str) -> bytes:
    """Return which key a credential says it was signed with.

    Raises CredentialError, or AlteredError where the text is a damaged credential.
    """
    return _open(text)[3]


def read_credential(text: str, key_of: Callable[[bytes], Ed25519PublicKey]) -> Claims:
    """Return the claims of a credential if it is as it was signed; ``key_of`` gives the key for its id.

    Raises CredentialError for other text, AlteredError for an altered credential, what ``key_of`` raises.
    """
    protected, payload, signature, key = _open(text)
    try:
        key_of(key).verify(signature, _signed(protected, payload))
        return _from_map(cbor2.loads(payload))
    except InvalidSignature as error:
        raise AlteredError("验证码与签名不符：内容被改动过。") from error
    except (cbor2.CBORDecodeError, ValueError, TypeError, LookupError) as error:
        raise AlteredError("验证码的内容不能识别。") from error


def _open(text: str) -> tuple[bytes, bytes, bytes, bytes]:
    """Return protected header, payload, signature and key id of a credential written as we write it."""
    if not text.startswith(PREFIX):
        raise CredentialError("这不是技转工作台的证书验证码（应以 TD1: 开头）。")
    try:
        message = from_base45(text.removeprefix(PREFIX))
        protected, header, payload, signature = cbor2.loads(message)
        key = cbor2.loads(protected)[_KEY_ID]
        whole = cbor2.dumps([protected, {}, payload, signature])
        sound = not header and whole == message and to_base45(message) == text.removeprefix(PREFIX)
        if not sound or not all(isinstance(part, bytes) for part in (payload, signature, key)):
            raise AlteredError("验证码不完整或被改动过。")
    except (cbor2.CBORDecodeError, ValueError, TypeError, LookupError) as error:
        raise AlteredError("验证码不完整或被改动过。") from error
    return protected, payload, signature, key


def _signed(protected: bytes, payload: bytes) -> bytes:
    """Return what COSE has signed (RFC 9052, 4.4)."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def _to_map(claims: Claims) -> dict[int, object]:
    values: dict[int, object] = {
        1: claims.number,
        2: claims.holder,
        3: claims.level,
        4: _day_number(claims.issued),
        5: claims.valid_to and _day_number(claims.valid_to),
        6: claims.hours,
        7: claims.identity,
        8: claims.photo,
    }
    return {number: value for number, value in values.items() if value}


def _from_map(values: dict[int, object]) -> Claims:
    return Claims(
        number=_text(values[1]),
        holder=_text(values[2]),
        level=_text(values[3]),
        issued=_day(values[4]),
        valid_to=_day(values[5]) if 5 in values else None,
        hours=_text(values.get(6, "")),
        identity=_bytes(values.get(7, b"")),
        photo=_bytes(values.get(8, b"")),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("bytes were expected")
    return value


def _day_number(day: dt.date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _day(value: object) -> dt.date:
    if not isinstance(value, int):
        raise TypeError("a day was expected")
    return dt.date(value // 10_000, value // 100 % 100, value % 100)


def to_base45(data: bytes) -> str:
    """Return ``data`` in the 45 characters of a QR code's alphanumeric mode (RFC 9285)."""
    digits: list[str] = []
    for place in range(0, len(data), 2):
        pair = data[place : place + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            digits.append(_ALPHABET[digit])
    return "".join(digits)


def from_base45(text: str) -> bytes:
    """Return the bytes of Base45 ``text``; raises ValueError where it is none."""
    data = bytearray()
    for place in range(0, len(text), 3):
        group = text[place : place + 3]
        number = sum(_ALPHABET.index(char) * 45**power for power, char in enumerate(group))
        size = len(group) - 1
        if not size or number >= 256**size:
            raise ValueError("this is not Base45")
        data += number.to_bytes(size, "big")
    return bytes(data)
