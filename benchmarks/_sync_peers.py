"""The programs sync is measured against, each in the versions its own registry gives today.

They are installed into build/peers, outside the project's environment. Without a network or without Node
there is nothing to measure against, and the benchmark says so.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[1]
PEERS: Final = ROOT / "build" / "peers"
ANKI: Final = PEERS / "anki" / "bin" / "python"
POUCH: Final = PEERS / "pouch"
PACKAGES: Final = ("pouchdb@9", "express@4", "express-pouchdb@4")
Figures = dict[str, Any]


def install() -> list[str]:
    """Bring the peers here if they are not; return why which is missing."""
    missing = []
    if not (PEERS / "anki" / "whole").exists() and not _install_anki():
        missing.append("Anki: pip could not fetch it")
    if not shutil.which("node"):
        missing.append("PouchDB: there is no Node")
    elif not (POUCH / "node_modules" / "express-pouchdb").exists() and not _install_pouch():
        missing.append("PouchDB: npm could not fetch it")
    return missing


def _install_anki() -> bool:
    folder = PEERS / "anki"
    if not ANKI.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    done = subprocess.run([ANKI, "-m", "pip", "install", "--quiet", "anki"], check=False)
    if done.returncode == 0:
        (folder / "whole").touch()
    return done.returncode == 0


def _install_pouch() -> bool:
    POUCH.mkdir(parents=True, exist_ok=True)
    (POUCH / "package.json").write_text("{}", "utf-8")
    told = ["npm", "install", "--silent", "--no-audit", "--no-fund", *PACKAGES]
    return subprocess.run(told, cwd=POUCH, check=False).returncode == 0


def run(command: list[Any], **environment: str) -> Figures:
    """Run one step in a process of its own and return what it tells in its last line."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command}\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")
    lines = done.stdout.strip().splitlines()
    figures: Figures = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return figures


@contextmanager
def server(command: list[Any], port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; entered once it accepts connections."""
    log = (ROOT / "build" / "bench" / f"server-{port}.log").open("wb")
    process = subprocess.Popen(
        list(map(str, command)), cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=log
    )
    try:
        wait_for(port, process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody listens."""
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 0.3).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nobody listens on {port}: see build/bench/server-{port}.log")


# ── Anki ────────────────────────────────────────────────────────────────────────────────────────


class Anki:
    """Its sync server with one user, and its client."""

    name = "Anki"

    def __init__(self, folder: Path, rows: Path, port: int, through: int = 0) -> None:
        self.folder, self.rows, self.port, self.through = folder, rows, port, through or port

    def serving(self) -> Any:
        environment = {
            "SYNC_USER1": "u:p",
            "SYNC_BASE": str(self.folder / "server"),
            "SYNC_HOST": "127.0.0.1",
            "SYNC_PORT": str(self.port),
            "RUST_LOG": "error",
            "MAX_SYNC_PAYLOAD_MEGS": "1000",
        }
        return server([ANKI, "-m", "anki.syncserver"], self.port, **environment)

    def step(self, step: str, device: str, count: int = 0, *, direct: bool = False) -> Figures:
        url = f"http://127.0.0.1:{self.port if direct else self.through}/"
        return run([ANKI, "-m", "benchmarks._sync_anki", step, self.folder / device, url, self.rows, count])

    def pair(self, *devices: str) -> None:
        """Give devices one collection with a single note, so that they sync in steps from then on."""
        first, *others = devices
        self.step("add", first, 1, direct=True)
        self.step("upload", first, direct=True)
        for device in others:
            self.step("download", device, direct=True)


# ── PouchDB ─────────────────────────────────────────────────────────────────────────────────────


class Pouch:
    """PouchDB on its own file format, with batches of a thousand: its fastest."""

    name = "PouchDB"
    BATCH: Final = 1000

    def __init__(self, folder: Path, rows: Path, port: int, through: int = 0) -> None:
        self.folder, self.rows, self.port, self.through = folder, rows, port, through or port

    def serving(self) -> Any:
        (self.folder / "server").mkdir(parents=True, exist_ok=True)
        script = ROOT / "benchmarks" / "_sync_pouch_server.js"
        return server(
            ["node", script, self.folder / "server", self.port],
            self.port,
            NODE_PATH=str(POUCH / "node_modules"),
        )

    def step(self, step: str, device: str, count: int = 0, *, direct: bool = False) -> Figures:
        url = f"http://127.0.0.1:{self.port if direct else self.through}/bench"
        script = ROOT / "benchmarks" / "_sync_pouch_client.js"
        command = ["node", script, step, self.folder / device, url, self.rows, count, self.BATCH]
        return run(command, NODE_PATH=str(POUCH / "node_modules"))
