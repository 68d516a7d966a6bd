"""The PostgreSQL that comes with the server starts again whatever its last life ended with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from server.postgres.embedded import Embedded

HOST = """
import sys
from pathlib import Path
import psycopg
from server.postgres.embedded import Embedded
with psycopg.connect(Embedded(Path(sys.argv[1])).start(), autocommit=True) as connection:
    connection.execute("CREATE TABLE kept AS SELECT 'all' AS what")
print("ready", flush=True)
input()
"""


@pytest.fixture
def folder():
    """Return a place for the data that PostgreSQL's own user may enter when the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="td", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        yield Path(place, "data")


def test_it_starts_again_after_it_was_killed(folder):
    command = [sys.executable, "-c", HOST, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == "ready\n"
        os.kill(int((folder / "postmaster.pid").read_text("ascii").split()[0]), signal.SIGKILL)
        host.kill()
    with Embedded(folder) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT what FROM kept").fetchone() == ("all",)


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
