"""A server of several workers ends when it is told to, whatever they do, and replaces those that die."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 60
PROGRAM = '''
"""A server whose first worker is a bad one; uvicorn would wait for it for hours."""
import contextlib, os, sys, threading
from pathlib import Path
import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors.multiprocess import Process
from server.cli.listening import Port
from server.cli.supervising import Supervisor

HOURS = 10_000
FOLDER = Path(__file__).parent

def for_ever(mark):
    (FOLDER / mark).touch()
    threading.Event().wait()

class Dying(Process):
    def always_pong(self):
        self.child_conn.recv()
        os._exit(1)

class Silent(Process):
    def always_pong(self):
        self.child_conn.recv()
        for_ever("asked")

class Bad(Supervisor):
    end_s = 0.5 if sys.argv[1] == "clinging" else HOURS

    def init_processes(self):
        kind = {"dying": Dying, "silent": Silent, "hopeless": Silent}.get(sys.argv[1], Process)
        worker = kind(self.config, self.sockets)
        worker.start()
        self.processes.append(worker)

@contextlib.asynccontextmanager
async def life(app):
    (FOLDER / "ready").touch()
    (FOLDER / f"{os.getpid()}.worker").touch()
    yield
    (FOLDER / "left").touch()
    if sys.argv[1] == "clinging":
        for_ever("clings")

def application():
    if (FOLDER / "no more").exists():
        for_ever("starting")
    return Starlette(lifespan=life)

if __name__ == "__main__":
    patience = 1 if sys.argv[1] == "hopeless" else HOURS
    options = {"workers": 2, "factory": True, "timeout_worker_healthcheck": patience}
    with Port("127.0.0.1", 0) as port:
        Bad(uvicorn.Config("program:application", **options), sockets=[port]).run()
'''


class Bad:
    """A server with a bad worker."""

    def __init__(self, folder: Path, kind: str) -> None:
        (folder / "program.py").write_text(PROGRAM, "utf-8")
        self._folder = folder
        known = os.pathsep.join([str(Path(server.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        self._said = folder / "said"
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, str(folder / "program.py"), kind],
                env={**os.environ, "PYTHONPATH": known},
                stderr=said,
                start_new_session=True,
            )

    def wait_for(self, mark: str) -> None:
        """Wait until the server or a worker of it has come so far."""
        self._until((self._folder / mark).exists)

    def wait_until_it_says(self, text: str) -> None:
        """Wait until the server or a worker of it has said so."""
        self._until(lambda: text in self._said.read_text("utf-8"))

    def _until(self, so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not so():
            assert time.monotonic() < deadline
            assert self.process.poll() is None, self._said.read_text("utf-8")
            time.sleep(0.05)

    def workers(self) -> int:
        """Return how many workers have been ready."""
        return len(list(self._folder.glob("*.worker")))

    def no_more(self) -> None:
        """Let no new worker become ready."""
        (self._folder / "no more").touch()

    def ended(self) -> str:
        """Tell it to end, and return what it said when it has."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE_S)
        said = self._said.read_text("utf-8")
        assert code == 0, said
        return said

    def clear_away(self) -> None:
        """Leave nothing of it running when a test has failed."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def bad(tmp_path: Path) -> Iterator[Callable[[str], Bad]]:
    """Return what starts a server with a bad worker."""
    with contextlib.ExitStack() as held:

        def start(kind: str) -> Bad:
            made = Bad(tmp_path, kind)
            held.callback(made.clear_away)
            return made

        yield start


@pytest.mark.loopback
def test_a_worker_that_dies_when_it_is_asked_is_replaced(bad: Callable[[str], Bad]) -> None:
    served = bad("dying")
    served.wait_until_it_says("died")
    served.ended()


@pytest.mark.loopback
def test_a_worker_that_does_not_answer_is_killed(bad: Callable[[str], Bad]) -> None:
    served = bad("hopeless")
    served.wait_until_it_says("does not answer and is killed")
    served.ended()


@pytest.mark.loopback
def test_workers_are_replaced_one_by_one(bad: Callable[[str], Bad]) -> None:
    served = bad("good")
    served.wait_for("ready")
    served.process.send_signal(signal.SIGHUP)
    served.wait_for("left")
    assert served.workers() == 2
    assert "killed" not in served.ended()


@pytest.mark.loopback
def test_the_word_to_end_is_heard_while_a_worker_owes_an_answer(bad: Callable[[str], Bad]) -> None:
    served = bad("silent")
    served.wait_for("ready")
    served.wait_for("asked")
    served.ended()


@pytest.mark.loopback
def test_the_word_to_end_is_heard_while_a_worker_is_being_replaced(bad: Callable[[str], Bad]) -> None:
    served = bad("good")
    served.wait_for("ready")
    served.no_more()
    served.process.send_signal(signal.SIGHUP)
    served.wait_for("starting")
    assert "did not become ready" in served.ended()


@pytest.mark.loopback
def test_a_worker_that_does_not_end_is_killed(bad: Callable[[str], Bad]) -> None:
    served = bad("clinging")
    served.wait_for("ready")
    assert "does not end and is killed" in served.ended()
