"""The named moments: silent in ordinary use, deadly on demand, and each one really passed by the program."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.sync import failpoints

ROOT = Path(__file__).resolve().parents[3]
PASSING = """
from desktop.sync.failpoints import failpoint
for _ in range(3):
    failpoint("frozen")
    print("passed", flush=True)
"""


@pytest.mark.parametrize(
    ("armed", "passed", "killed"),
    [("", 3, False), ("sent", 3, False), ("frozen", 0, True), ("frozen:3", 2, True)],
)
def test_a_point_kills_when_it_is_armed(armed, passed, killed):
    told = subprocess.run(
        [sys.executable, "-c", PASSING],
        cwd=ROOT,
        env={**os.environ, failpoints.VARIABLE: armed},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.stdout.count("passed") == passed
    assert (told.returncode != 0) is killed


def test_an_armed_point_counts_how_often_it_is_passed(monkeypatch):
    died = []
    for name, value in {"_ARMED": "frozen", "_TIMES": "2", "_PASSED": [0]}.items():
        monkeypatch.setattr(failpoints, name, value)
    monkeypatch.setattr(failpoints, "_die", lambda: died.append(True))
    for name in ("sent", "frozen", "sent"):
        failpoints.failpoint(name)
        assert not died
    failpoints.failpoint("frozen")
    assert died


def test_every_point_is_named_and_every_name_is_a_point():
    sources = [path.read_text("utf-8") for path in (ROOT / "desktop" / "sync").glob("*.py")]
    passed = {name for source in sources for name in re.findall(r'failpoint\("([a-z-]+)"\)', source)}
    passed |= {"applied", "staged"}  # one call passes either
    assert passed == set(failpoints.NAMES)
