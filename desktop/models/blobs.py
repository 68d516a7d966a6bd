"""Files of attachments: named by the SHA-256 of their content, each sealed on its own.

AES-256-GCM with a key derived from the store's key; the name is bound as associated data, so that a
file swapped for another is refused like an altered one.
"""

from __future__ import annotations

import hashlib
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
