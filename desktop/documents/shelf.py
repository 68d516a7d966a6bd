"""The shelf exists so that what was prepared while measuring need not stay in memory until it is bound."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Shelf:
    """Byte strings on disk in an unnamed temporary file; a context manager that leaves nothing behind."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``, which is where the dossier goes and as private as it."""
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def put(self, content: bytes) -> Callable[[], bytes]:
        """Lay ``content`` down and return what fetches it again."""
        start = self._file.seek(0, 2)
        self._file.write(content)
        size = len(content)

        def fetch() -> bytes:
            self._file.seek(start)
            return self._file.read(size)

        return fetch
