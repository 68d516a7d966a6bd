"""The real server and its PostgreSQL in processes of their own, to be killed and started again."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil
import psycopg

from desktop.sync.registration import read_invitation
from server.accounts import accounts, invitations, server_keys
from server.failpoints import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.enrolment import Invitation
    from domain.scopes import Role

LONGEST_START_S: Final = 60.0


@contextmanager
def installed(workers: int = 1) -> Iterator[Serving]:
    """Lend a server in a folder of its own, running, with two people invited."""
    # A short path: the name of a socket may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="td", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        made = Serving(Path(folder, "server"), workers)
        made.start()
        try:
            yield made
        finally:
            made.stop()


class Serving:
    """One installation; ``start`` and ``kill`` as often as one likes."""

    def __init__(self, folder: Path, workers: int = 1) -> None:
        self.folder = folder
        self._workers = workers
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, dying_at: str = "") -> None:
        """Start the server, to die at a failpoint if one is named; without a word of its own it goes on."""
        command = [sys.executable, "-m", "server", "--data-dir", self.folder, "serve", "--port", self.port]
        command += ["--workers", self._workers]
        with (self.folder.parent / "server.log").open("ab") as log:
            armed = {**os.environ, VARIABLE: dying_at}
            self._process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log, env=armed)
        for _ in range(int(LONGEST_START_S / 0.1)):
            assert self._process.poll() is None, (self.folder.parent / "server.log").read_text("utf-8")[
                -2000:
            ]
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError(self.address)

    def invitation(self, login: str) -> Invitation:
        return read_invitation(self.folder / "invitations" / f"{login}.tdinvite")

    def invite(self, login: str, role: Role = "head") -> Invitation:
        """Add one more person to the organisation of the others and invite him."""
        now = dt.datetime.now(dt.UTC)
        with self.database() as held:
            first = accounts.with_login(held, "head")
            made = accounts.add(held, first.organisation, login=login, name=login, role=role, now=now)
            door = invitations.door(held, server_keys.ensure(held))
            return invitations.invite(held, made, door, now=now)

    def forgive(self) -> None:
        """Forget how often devices asked for tokens: here they ask at every step, not once a quarter hour."""
        with self.database() as held:
            held.execute("DELETE FROM rate_limit")

    def told(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what the database answers."""
        with self.database() as held:
            return held.execute(question.encode(), values).fetchall()

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        """Lend a connection of one's own to the server's PostgreSQL, for one transaction."""
        folder = str(self.folder / "postgres")
        with psycopg.connect(host=folder, user="postgres", dbname="postgres") as held:
            yield held

    def kill(self) -> None:
        """Let the process die without a word; the database goes on."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def kill_database(self) -> None:
        """Let PostgreSQL die without a word, and the server with it."""
        self.kill_postgres()
        self.kill()

    def kill_postgres(self) -> None:
        """Let PostgreSQL die without a word; the server has to start it again."""
        first = (self.folder / "postgres" / "postmaster.pid").read_text("ascii").splitlines()[0]
        os.kill(int(first), signal.SIGKILL)

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer requests, where there are several."""
        assert self._process is not None
        family = psutil.Process(self._process.pid).children()
        return [one for one in family if any("spawn_main" in word for word in one.cmdline())]

    def kill_worker(self) -> None:
        """Let one worker die without a word; the server has to replace it."""
        self.workers()[0].kill()

    def replace_workers(self) -> None:
        """Let all workers be replaced one by one, as for a new certificate."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def has_died(self) -> bool:
        """Tell whether the process ends by itself."""
        assert self._process is not None
        return self._process.wait(LONGEST_START_S) != 0

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
