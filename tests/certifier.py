"""A class whose certificates are made by another process, for tests that kill it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from desktop import app as application
from desktop.models.work import new_id
from desktop.services import records

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from pathlib import Path

PASSPHRASE = "a class to be certified"
CLASS = "批量班"
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴欧阳", "喆㛃䶮𬭳堃祎玥旻昇甯"


def make_workspace(folder: Path, count: int) -> None:
    """Make a workspace with a class of ``count`` people who passed."""
    chance = random.Random(count)  # noqa: S311 - the same class each time
    training = new_id()
    body = {
        "name": CLASS,
        "level": "junior",
        "hours": Decimal(40),
        "starts_on": "2026-03-09",
        "ends_on": "2026-03-13",
        "issuer": "示例基地",
    }
    rows: list[tuple[str, uuid.UUID, dict[str, Any]]] = [("training_class", training, body)]
    for number in range(count):
        broker = new_id()
        name = chance.choice(FAMILY) + "".join(chance.choices(GIVEN, k=2))
        rows.append(("broker", broker, {"name": name, "sex": str(1 + number % 2), "unit_name": "示例大学"}))
        rows.append(("enrolment", new_id(), {"training_class": training, "broker": broker, "passed": True}))
    opened = application.build(folder, passphrase=PASSPHRASE)
    records.save_all(opened.desk, records=rows)
    opened.close()


def certify(workspace: Path, out: Path, **environment: str) -> subprocess.Popen[str]:
    """Begin to make and deliver the certificates of the class."""
    arguments = ["--data-dir", str(workspace), "certificates", CLASS, "--date", "2026-03-20"]
    return subprocess.Popen(
        [sys.executable, "-m", "desktop", *arguments, "--out", str(out)],
        env=surroundings(environment),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def surroundings(more: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "TRANSFER_DESK_PASSPHRASE": PASSPHRASE, **more}


def kill_at(process: subprocess.Popen[str], reached: Any, patience_s: float = 120.0) -> None:
    """Kill a process as soon as ``reached()``; fail if it ends before or takes too long."""
    limit = time.monotonic() + patience_s
    with process:
        while not reached():
            assert process.poll() is None, "it was done before it could be killed"
            assert time.monotonic() < limit, "it never got so far"
            time.sleep(0.002)
        process.kill()
    assert process.returncode == -9


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
