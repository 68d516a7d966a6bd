"""A file sealed in pieces, so that of a large one no more than a piece at a time is in memory.

Each piece is encrypted with AES-256-GCM under a nonce of its own. Bound to it, without being in it, are the
name of the content, the number of the piece, and whether it is the last one (the STREAM construction of
Hoang, Reyhanitabar, Rogaway and Vizár, 2015). So a piece that was altered, moved within its file or into
another, left out, or cut off at the end is refused, and a file can be written before its length is known.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag

from domain.protocol import CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE: Final = 12
TAG: Final = 16
MORE: Final = NONCE + TAG
"""Bytes that a piece is longer on disk."""
SEALED: Final = CHUNK + MORE
"""Bytes of a piece on disk, but for the last one, which may be shorter."""


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One file of pieces under a name that is bound to each of them."""

    path: Path
    cipher: AESGCM
    name: str

    @property
    def count(self) -> int:
        """Return how many pieces there are, a broken one at the end included."""
        return -(-self.path.stat().st_size // SEALED)

    @property
    def size(self) -> int:
        """Return the bytes of the content."""
        return self.path.stat().st_size - self.count * MORE

    def seal(self, number: int, piece: bytes, *, last: bool) -> bytes:
        """Return a piece as it lies on disk."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self.cipher.encrypt(nonce, piece, self._bound(number, last=last))

    def read(self, number: int, *, last: bool | None = None) -> bytes:
        """Return one piece; without ``last`` it is the one at the end of the file that must be the last.

        Raises:
            OSError: there is no such file.
            InvalidTag: the piece is not what was written there.
        """
        with self.path.open("rb") as source:
            return self._read(source, number, last=number == self.count - 1 if last is None else last)

    def pieces(self) -> Iterator[bytes]:
        """Yield the whole content piece by piece.

        Raises:
            OSError: there is no such file.
            InvalidTag: it is not what was written.
        """
        with self.path.open("rb") as source:
            end = self.count - 1
            for number in range(max(1, end + 1)):  # even an empty content has a piece
                yield self._read(source, number, last=number == end)

    def _read(self, source: BinaryIO, number: int, *, last: bool) -> bytes:
        source.seek(number * SEALED)
        sealed = source.read(SEALED)
        if len(sealed) < MORE:
            raise InvalidTag
        return self.cipher.decrypt(sealed[:NONCE], sealed[NONCE:], self._bound(number, last=last))

    def _bound(self, number: int, *, last: bool) -> bytes:
        return f"{self.name} {number} {'last' if last else 'more'}".encode()
