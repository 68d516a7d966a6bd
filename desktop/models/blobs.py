"""Files of attachments: named by the SHA-256 of their content, each sealed on its own.

They are read and written a piece at a time, with a key derived from the store's key. What is on its way from
the server is kept as it comes, and becomes a file under its name when it is whole and is what the name says.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desktop.models.sealed_file import SEALED, SealedFile
from domain.protocol import CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

FOLDER: Final = "blobs"
NAME: Final = re.compile("[0-9a-f]{64}")
COMING: Final = ".part"
ASIDE: Final = ".damaged"


class DamagedBlobError(Exception):
    """The file is missing or is not what its name says."""


@dataclass(frozen=True, slots=True)
class Blobs:
    """The attachment files of one workspace."""

    folder: Path
    cipher: AESGCM

    @classmethod
    def open(cls, workspace: Path, key: bytes) -> Blobs:
        """Open the attachment folder of a workspace with the store's key."""
        derived = HKDF(SHA256(), 32, salt=None, info=b"transfer-desk attachments").derive(key)
        return cls(workspace / FOLDER, AESGCM(derived))

    def put(self, content: bytes) -> str:
        """Keep a content and return its name; what is already there is not written again."""
        name = hashlib.sha256(content).hexdigest()
        if name not in self:
            self._keep(name, io.BytesIO(content))
        return name

    def put_file(self, path: Path) -> str:
        """Keep the content of a file and return its name, with no more than two pieces of it in memory.

        It is read twice: its name is bound to every piece, and known only at its end.

        Raises:
            OSError: it cannot be read, or was written to meanwhile.
        """
        with path.open("rb") as source:
            name = hashlib.file_digest(source, "sha256").hexdigest()
            if name not in self:
                source.seek(0)
                self._keep(name, source)
        return name

    def _keep(self, name: str, source: BinaryIO) -> None:
        """Seal a content under its name, whole or not at all."""
        made = self._sealed(name, f".{secrets.token_hex(4)}")
        made.path.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        try:
            with made.path.open("wb") as out:
                for number, (piece, last) in enumerate(_cut(source)):
                    digest.update(piece)
                    out.write(made.seal(number, piece, last=last))
                out.flush()
                os.fsync(out.fileno())
        except OSError:
            made.path.unlink(missing_ok=True)  # else a full disk stays full
            raise
        if digest.hexdigest() != name:
            made.path.unlink()
            raise OSError(f"{name} changed while it was read")
        _give_name(made)

    def get(self, name: str) -> bytes:
        """Return a content by its name.

        Raises:
            DamagedBlobError: it is missing, altered, or sealed by another key.
        """
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a content in pieces of ``CHUNK`` bytes and a shorter rest.

        Raises:
            DamagedBlobError: as ``get``, possibly after some sound pieces.
        """
        try:
            yield from self._file(name).pieces()
        except (OSError, InvalidTag) as error:
            raise DamagedBlobError(name) from error

    def piece(self, name: str, number: int) -> bytes:
        """Return one piece of a content.

        Raises:
            DamagedBlobError: as ``get``.
        """
        try:
            return self._file(name).read(number)
        except (OSError, InvalidTag) as error:
            raise DamagedBlobError(name) from error

    def size(self, name: str) -> int:
        """Return the bytes of a content that is here, by the length of its file."""
        return self._file(name).size

    def measure(self, name: str) -> int:
        """Return the bytes of a content whose file ends where it was written to end.

        Raises:
            DamagedBlobError: it is missing, or was cut off or altered at its end.
        """
        file = self._file(name)
        try:
            file.read(file.count - 1, last=True)
        except (OSError, InvalidTag, ValueError) as error:
            raise DamagedBlobError(name) from error
        return file.size

    def coming(self, name: str) -> Coming:
        """Return what has come so far of a content that is on its way."""
        return Coming(self._sealed(name, COMING))

    def set_aside(self, name: str) -> None:
        """Take a damaged file away from under its name, for the content to be fetched anew."""
        if name in self:
            self._path(name).replace(self._path(name, ASIDE))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(NAME.fullmatch(name)) and self._path(name).exists()

    def _file(self, name: str) -> SealedFile:
        if not NAME.fullmatch(name):
            raise DamagedBlobError(name)
        return self._sealed(name)

    def _sealed(self, name: str, ending: str = "") -> SealedFile:
        return SealedFile(self._path(name, ending), self.cipher, name)

    def _path(self, name: str, ending: str = "") -> Path:
        return self.folder / name[:2] / f"{name}{ending}"


class Coming:
    """A content on its way here, of which every whole piece outlives cuts, kills and restarts."""

    def __init__(self, file: SealedFile) -> None:
        self._file = file
        self.count, self.whole = self._find()

    def add(self, piece: bytes, *, last: bool) -> None:
        """Keep the next piece; all but the last have ``CHUNK`` bytes."""
        self._file.path.parent.mkdir(parents=True, exist_ok=True)
        with self._file.path.open("ab") as out:
            out.truncate(self.count * SEALED)
            out.write(self._file.seal(self.count, piece, last=last))
            out.flush()
            os.fsync(out.fileno())
        self.count += 1
        self.whole = last

    def finish(self) -> bool:
        """Give the content its name; False, and all is gone, when it is not what the name says."""
        digest = hashlib.sha256()
        try:
            for piece in self._file.pieces():
                digest.update(piece)
        except (OSError, InvalidTag):
            sound = False
        else:
            sound = digest.hexdigest() == self._file.name
        if sound:
            _give_name(self._file)
        else:
            self.discard()
        return sound

    def discard(self) -> None:
        """Begin anew."""
        self._file.path.unlink(missing_ok=True)
        self.count, self.whole = 0, False

    def _find(self) -> tuple[int, bool]:
        """Return how many pieces are here and whether they are all; one torn by a kill does not count."""
        if not self._file.path.exists() or not self._file.count:
            return 0, False
        end = self._file.count - 1
        for last in (True, False):
            try:
                self._file.read(end, last=last)
            except InvalidTag:
                continue
            return end + 1, last
        return end, False


def _cut(source: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Yield pieces of ``CHUNK`` bytes and a rest, which is the last; even an empty content has a piece."""
    piece, following = source.read(CHUNK), source.read(CHUNK)
    while following:
        yield piece, False
        piece, following = following, source.read(CHUNK)
    yield piece, True


def _give_name(draft: SealedFile) -> None:
    """Give a whole file its name: a kill leaves either all of it or nothing under it."""
    draft.path.replace(draft.path.with_name(draft.name))
    draft.path.with_name(draft.name + ASIDE).unlink(missing_ok=True)
