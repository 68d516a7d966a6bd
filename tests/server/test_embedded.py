"""The PostgreSQL that comes with the server starts again whatever its last life ended with."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from server.postgres import embedded
from server.postgres.embedded import Embedded

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 60
HOST = """
import sys
from pathlib import Path
import psutil
import psycopg
from server.postgres import embedded
from server.postgres.embedded import Embedded
with psycopg.connect(Embedded(Path(sys.argv[1])).start(), autocommit=True) as connection:
    connection.execute("CREATE TABLE kept AS SELECT 'all' AS what")
print("ready", flush=True)
input()
"""

MOURNER = """
import os, signal, sys
from pathlib import Path
from server.postgres import embedded
from server.postgres.embedded import Embedded
own = Embedded(Path(sys.argv[1]))
own.start()
os.kill(int(Path(sys.argv[1], "postmaster.pid").read_text("ascii").split()[0]), signal.SIGKILL)
own.stop()
"""


@pytest.fixture
def folder():
    """Return a place for the data that PostgreSQL's own user may enter when the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="td", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        yield Path(place, "data")


def first_process(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text("ascii").split()[0])


def answers(url: str) -> bool:
    try:
        with psycopg.connect(url) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def until(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_starts_again_after_it_was_killed(folder):
    command = [sys.executable, "-c", HOST, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == "ready\n"
        os.kill(first_process(folder), signal.SIGKILL)
        host.kill()
    with Embedded(folder) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT what FROM kept").fetchone() == ("all",)


def test_it_starts_again_although_it_died_as_it_was_joined(folder, monkeypatch):
    def joined(place):
        monkeypatch.undo()
        running = start(place)
        first = psutil.Process(running.get_pid())
        first.kill()
        first.wait(PATIENCE_S)
        return running

    start = vars(embedded)["get_server"]
    monkeypatch.setattr(embedded, "get_server", joined)
    with Embedded(folder) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_it_starts_although_its_number_has_become_somebody_elses(folder):
    with Embedded(folder) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        mark = (folder / "postmaster.pid").read_text("ascii").splitlines()
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as other:
        (folder / "postmaster.pid").write_text("\n".join([str(other.pid), *mark[1:]]) + "\n", "ascii")
        with Embedded(folder) as url, psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        other.communicate(b"\n")


def test_it_is_left_although_it_has_just_died(folder):
    subprocess.run([sys.executable, "-c", MOURNER, str(folder)], check=True, timeout=PATIENCE_S)
    assert not (folder / "postmaster.pid").exists()


@pytest.mark.expects_warning("PostgreSQL died")
def test_whoever_keeps_it_bears_with_a_mark_that_is_half_written(folder, tmp_path, caplog):
    sleep = shutil.which("sleep")
    assert sleep is not None
    named_alike = shutil.copy(sleep, tmp_path / "postgres")
    own = Embedded(folder)
    with own as url, subprocess.Popen([named_alike, "3600"]) as other:
        try:
            os.kill(first_process(folder), signal.SIGKILL)
            (folder / "postmaster.pid").write_text(f"{other.pid}\n{folder}\n", "ascii")
            own.keep()
            until(lambda: "does not start; trying again" in caplog.text)
        finally:
            other.kill()
        other.wait()
        until(lambda: answers(url))
    assert not (folder / "postmaster.pid").exists()
