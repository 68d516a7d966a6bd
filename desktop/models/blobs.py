"""Files of attachments: named by the SHA-256 of their content, each sealed on its own.

AES-256-GCM with a key derived from the store's key; the name is bound as associated data, so that a
file swapped for another is refused like an altered one.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from pathlib import Path

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
FOLDER: Final = "blobs"
NAME: Final = re.compile("[0-9a-f]{64}")


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
        path = self._path(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            nonce = secrets.token_bytes(NONCE_BYTES)
            _write_whole(path, nonce + self.cipher.encrypt(nonce, content, name.encode()))
        return name

    def get(self, name: str) -> bytes:
        """Return a content by its name.

        Raises:
            DamagedBlobError: it is missing, altered, or sealed by another key.
        """
        try:
            sealed = self._path(name).read_bytes() if NAME.fullmatch(name) else b""
            return self.cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode())
        except (OSError, ValueError, InvalidTag) as error:
            raise DamagedBlobError(name) from error

    def size(self, name: str) -> int:
        """Return the bytes of a content that is here."""
        return self._path(name).stat().st_size - NONCE_BYTES - TAG_BYTES

    def put_part(self, name: str, number: int, content: bytes) -> None:
        """Keep one part of a content that is still on its way; parts are sealed like whole files."""
        path = self._part(name, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        nonce = secrets.token_bytes(NONCE_BYTES)
        _write_whole(path, nonce + self.cipher.encrypt(nonce, content, path.name.encode()))

    def parts(self, name: str) -> int:
        """Return how many parts of a content are here, without a gap from the first."""
        return next(number for number in itertools.count() if not self._part(name, number).exists())

    def join(self, name: str) -> bool:
        """Make the content of its parts, which go; False when they are not what the name says."""
        paths = [self._part(name, number) for number in range(self.parts(name))]
        sound = name in self or self._joined(name, paths)
        for path in reversed(paths):  # from the last: a kill leaves no gap, and the rest goes next time
            path.unlink(missing_ok=True)
        return sound

    def _joined(self, name: str, paths: list[Path]) -> bool:
        try:
            content = b"".join(self._opened(path) for path in paths)
        except (OSError, InvalidTag):
            return False
        return hashlib.sha256(content).hexdigest() == name and bool(self.put(content))

    def _opened(self, path: Path) -> bytes:
        sealed = path.read_bytes()
        return self.cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], path.name.encode())

    def _part(self, name: str, number: int) -> Path:
        return self._path(name).with_name(f"{name}.part{number}")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(NAME.fullmatch(name)) and self._path(name).exists()

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a kill leaves either all of it or nothing under its name."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with draft.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
