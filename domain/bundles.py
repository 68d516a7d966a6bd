"""A sync that travels on a USB stick: the frame that both sides put around a request and its answers.

The frame says only whose it is and what kind; the content is sealed for the one who shall read it and the
whole is signed by the one who made it. How that is done is each side's business, what is done is said here:
sealing is HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM) with ``about`` as its info; the signature is
Ed25519 over ``words``.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec import Struct, field

MAGIC: Final = b"TDBUNDLE"
BUNDLE_VERSION: Final = 1
REQUEST: Final = "request"
ANSWER: Final = "answer"
JOIN: Final = "join"
WELCOME: Final = "welcome"
BYTES_OF_BATCHES: Final = 32 << 20
"""A bundle takes batches until it has this many bytes of them; the rest is for the next one."""

LARGEST_CONTENT: Final = 256 << 20
"""Bytes of a bundle after decompression; a longer one is refused."""
BYTES_OF_ANSWERS: Final = 128 << 20
"""Bytes of answers in one bundle; what is left comes with the next."""
BYTES_OF_FILES: Final = 64 << 20
"""A bundle takes files, the smallest first, until it has this many bytes of them."""

Kind = Literal["request", "answer", "join", "welcome"]
"""A device that was never on the network asks to join, as number 0, and is answered who it is."""


class Bundle(Struct, array_like=True):
    """One file; ``device`` is the number of the device that asks or is answered, ``made`` when (ms)."""

    version: int
    kind: Kind
    device: int
    made: int
    sealed: bytes
    signature: bytes = b""

    def about(self) -> bytes:
        """Return what is bound to the sealed content: all that stands outside of it."""
        return msgspec.msgpack.encode((self.version, self.kind, self.device, self.made))

    def words(self) -> bytes:
        """Return what is signed."""
        return self.about() + self.sealed


class Carried(Struct, array_like=True):
    """A file or a part of it: pieces of ``CHUNK`` bytes from number ``start`` on; the last may be shorter."""

    sha256: bytes
    size: int
    start: int
    pieces: list[bytes]


class Wish(Struct, array_like=True):
    """A file that the device wants, from piece number ``start`` on."""

    sha256: bytes
    start: int


class Content(Struct, array_like=True):
    """What is sealed, after compression: one encoded SyncRequest, or the SyncAnswers it led to.

    Of those who join: one Registration, answered by one Registered, both JSON. ``stored`` are the files that
    the server has whole by now.
    """

    messages: list[bytes]
    files: list[Carried] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    stored: list[bytes] = field(default_factory=list)


def bundle_parts(bundle: Bundle) -> tuple[bytes, bytes, bytes]:
    """Return the file of a bundle in three parts, of which the sealed content is no copy: it may be large."""
    about, length = bundle.about(), len(bundle.sealed).to_bytes(4, "big")
    head = MAGIC + array_head(len(bundle.__struct_fields__)) + about[1:] + _LONG_BYTES + length
    return head, bundle.sealed, msgspec.msgpack.encode(bundle.signature)


def write_bundle(bundle: Bundle) -> bytes:
    """Return the file of a bundle."""
    return b"".join(bundle_parts(bundle))


def array_head(length: int) -> bytes:
    """Return what msgpack puts before the elements of a list, at most 65,535, that is written as it comes."""
    return b"\xdc" + length.to_bytes(2, "big")


_LONG_BYTES: Final = b"\xc6"
"""What stands in msgpack before a length of four bytes and as many bytes."""


def read_bundle(body: bytes) -> Bundle | None:
    """Return the bundle in a file; None when it is none, or cut short."""
    if not body.startswith(MAGIC):
        return None
    try:
        return msgspec.msgpack.decode(memoryview(body)[len(MAGIC) :], type=Bundle)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # ValueError: text that is no UTF-8
        return None
