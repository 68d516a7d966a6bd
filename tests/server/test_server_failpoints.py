"""Each named point is passed somewhere, each point passed has a name, and an armed one kills."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import server
from server.failpoints import NAMES, VARIABLE

_FOLDER = Path(server.__file__).parent
_PASS_THRICE = (
    "from server.failpoints import failpoint as f\nfor n in range(3): f('answered'); print(n, flush=True)"
)
_KILLED = -getattr(signal, "SIGKILL", -137)


def test_names_and_points_agree():
    passed = {
        name
        for path in _FOLDER.rglob("*.py")
        for name in re.findall(r'failpoint\("([\w-]+)"\)', path.read_text("utf-8"))
    }
    assert passed == set(NAMES)


@pytest.mark.parametrize(
    ("armed", "code", "printed"),
    [("answered", _KILLED, []), ("answered:2", _KILLED, ["0"]), ("pushed", 0, ["0", "1", "2"])],
)
def test_an_armed_point_kills_at_the_pass_it_names(armed, code, printed):
    done = subprocess.run(
        [sys.executable, "-c", _PASS_THRICE],
        env={**os.environ, VARIABLE: armed},
        cwd=_FOLDER.parent,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout.decode().split()) == (code, printed)
