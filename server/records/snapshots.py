"""Copies of whole scopes for new devices, made once for all of them and handed out as files.

A copy is the feed up to one version, cut into pages and strongly compressed. It is made in the background
when somebody asks who has nothing, and anew when a good part of the scope has changed since. A device goes on
from its version by pages; while there is none it takes pages from the start.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import re
import struct
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import psycopg
import zstandard

from domain import sheaves
from domain.protocol import PAGE_ROWS, Want, encode
from server.failpoints import failpoint
from server.records import pull

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.records.grants import Granted

LEVEL: Final = 9
LEAST_ROWS: Final = 5_000
"""A scope with fewer records comes by pages."""
STALE: Final = 0.2
"""A copy is made anew when changes since are more than this part of the scope's records."""
_LENGTH: Final = struct.Struct(">I")
_NAME: Final = re.compile(r"(\d+)-(\d+)-(\d+)\.pages")
_HALF: Final = ".new"
_HALF_S: Final = 3_600
"""A copy that nobody has written at for so long is nobody's any more."""
_KEPT: Final = 2
"""The newest copies of a scope that stay: somebody may be in the middle of the one before."""
_LEAVE_S: Final = 5.0
"""How long a copy that is being made is waited for in the end; it can be made again."""
_log = logging.getLogger(__name__)


class Snapshots:
    """The copies in one folder, and the thread that makes them; workers of a server share the folder."""

    def __init__(self, url: str, folder: Path, *, least: int = LEAST_ROWS) -> None:
        self._url = url
        self._folder = folder
        self._least = least
        self._wishes: queue.Queue[Granted | None] = queue.Queue()
        self._wished: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="snapshots", daemon=True)

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._wishes.put(None)
        self._thread.join(_LEAVE_S)

    def newest(self, scope: Granted) -> int:
        """Return the version of the newest copy of a scope, 0 if there is none.

        One above the scope's head is of before the server was restored.
        """
        return max((version for version in self._versions(scope) if version <= scope.head), default=0)

    def path(self, scope: Granted, version: int) -> Path | None:
        """Return the file of a copy if it is still there."""
        path = self._path(scope, version)
        return path if path.is_file() else None

    def wish(self, scope: Granted) -> None:
        """Have a copy made if one is worth it and there is none that is fresh enough; returns at once."""
        changed = scope.head - self.newest(scope)
        worth = scope.live >= self._least and changed > STALE * scope.live
        if worth and scope.key not in self._wished:
            self._wished.add(scope.key)
            self._wishes.put(scope)

    def wait(self) -> None:
        """Wait until every wish has been looked after."""
        self._wishes.join()

    def _path(self, scope: Granted, version: int) -> Path:
        return self._folder / f"{scope.number}-{scope.epoch}-{version}.pages"

    def _versions(self, scope: Granted) -> list[int]:
        found = (_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        own = (str(scope.number), str(scope.epoch))
        return [int(name[3]) for name in found if name and name.groups()[:2] == own]

    def _work(self) -> None:
        while (scope := self._wishes.get()) is not None and not self._stop.is_set():
            try:
                self.make(scope)
            except Exception:  # noqa: BLE001 - the thread outlives a fault of one scope: pages do instead
                _log.exception("a copy of scope %s could not be made", scope.number)
            self._wished.discard(scope.key)
            self._wishes.task_done()

    def make(self, scope: Granted) -> int:
        """Make a copy of a scope now, remove old ones, and return its version."""
        version = 0
        with contextlib.ExitStack() as undo:  # a half that stays would keep a full disk full
            with tempfile.NamedTemporaryFile(dir=self._folder, suffix=_HALF, delete=False) as file:
                undo.callback(Path(file.name).unlink, missing_ok=True)
                for version, frame in self._frames(scope):  # noqa: B007 - the last one counts
                    file.write(_LENGTH.pack(len(frame)) + frame)
            failpoint("snapshot-written")
            Path(file.name).replace(self._path(scope, version))
        versions = self._versions(scope)
        # One above it is of before the server was restored, and would take the place of this one.
        kept = sorted(one for one in versions if one <= version)[-_KEPT:]
        for old in set(versions).difference(kept):
            self._path(scope, old).unlink(missing_ok=True)
        self._remove_strays(scope)
        return version

    def _remove_strays(self, scope: Granted) -> None:
        """Remove copies of other epochs, and what workers have left that died while they wrote one."""
        for path in self._folder.glob(f"{scope.number}-*.pages"):
            if (name := _NAME.fullmatch(path.name)) and name[2] != str(scope.epoch):
                path.unlink(missing_ok=True)
        for half in self._folder.glob(f"*{_HALF}"):
            with contextlib.suppress(FileNotFoundError):  # another worker was faster, or has finished it
                if time.time() - half.stat().st_mtime > _HALF_S:
                    half.unlink()

    def _frames(self, scope: Granted) -> Iterator[tuple[int, bytes]]:
        """Yield the pages of a scope as they were at one moment, each with where it ends."""
        packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
        want = Want(scope.key, 0)
        with psycopg.connect(self._url) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            while page := pull.page(connection, scope, want, rows=PAGE_ROWS):
                yield page.until, packer.compress(encode(sheaves.gathered(page)))
                want.staged = page.until
                if page.until >= page.head:
                    return
