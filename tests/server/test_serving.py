"""``serve`` as a newcomer runs it: one command, its own PostgreSQL, and nothing left running afterwards."""

from __future__ import annotations

import contextlib
import http.client
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server.cli.listening import Port

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 60
CALLS = 100


@pytest.fixture
def folder() -> Iterator[Path]:
    # A short path of its own: the name of a socket may have 107 bytes, and root's PostgreSQL is another user.
    with tempfile.TemporaryDirectory(prefix="td", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answered(process: subprocess.Popen[str], port: int, path: str) -> tuple[int, bytes]:
    """Ask until the server answers."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        try:
            line.request("GET", path)
            answer = line.getresponse()
            return answer.status, answer.read()
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            line.close()
    pytest.fail(f"the server does not answer: {process.communicate(timeout=5)}")


def first_process(folder: Path) -> int:
    """Return the number of PostgreSQL's first process."""
    return int((folder / "postgres" / "postmaster.pid").read_text("ascii").split()[0])


@pytest.mark.loopback
def test_it_starts_its_database_again(folder: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "server", "--data-dir", str(folder), "serve", "--port", str(port)]
    with subprocess.Popen([*command, "--workers", "2"], stderr=subprocess.PIPE, text=True) as process:
        assert answered(process, port, "/readyz") == (200, b"ready")
        killed = first_process(folder)
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE_S
        told: list[int] = []
        while time.monotonic() < deadline and told[-5:] != [200] * 5:
            told.append(answered(process, port, "/readyz")[0])
            time.sleep(0.1)
        assert 503 in told
        assert told[-5:] == [200] * 5
        assert first_process(folder) != killed
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "was started again" in err
    assert not (folder / "postgres" / "postmaster.pid").exists()


@pytest.mark.loopback
def test_it_starts_with_nothing_answers_and_leaves_nothing_running(folder: Path) -> None:
    for start in (1, 2):
        port = free_port()
        command = [sys.executable, "-m", "server", "--data-dir", str(folder), "serve", "--port", str(port)]
        with subprocess.Popen(
            [*command, "--workers", str(start)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert answered(process, port, "/readyz") == (200, b"ready")
            told = answered(process, port, "/metrics")[1].decode()
            assert "transfer_desk_accounts 3.0" in told
            assert 'transfer_desk_requests_total{door="/readyz",method="GET",status="200"} 1.0' in told
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, err
        assert ("首次启动" in out) == (start == 1)
        assert not (folder / "postgres" / "postmaster.pid").exists()
    assert (folder / "invitations" / "head.tdinvite").is_file()


@pytest.mark.loopback
def test_every_worker_gets_its_share_of_connections() -> None:
    with (
        Port("127.0.0.1", 0) as port,
        pickle.loads(pickle.dumps(port)) as first,  # noqa: S301 - as a new worker gets it
        pickle.loads(pickle.dumps(port)) as second,  # noqa: S301 - the same
        contextlib.ExitStack() as held,
    ):
        for one in (first, second):
            one.listen(CALLS)
            one.setblocking(False)
        for _ in range(CALLS):
            held.enter_context(socket.create_connection(port.getsockname()))
        shares = [len(accepted(one)) for one in (first, second)]
    assert sum(shares) == CALLS
    assert min(shares) > CALLS // 10


def accepted(listening: socket.socket) -> list[str]:
    """Return who has called."""
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            line, address = listening.accept()
            line.close()
            found.append(address)
    return found
