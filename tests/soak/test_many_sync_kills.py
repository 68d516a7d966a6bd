"""Sync that is killed hundreds of times, at every point that has a name and at any moment."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest

from desktop.sync.failpoints import NAMES
from tests.sync.syncer import Workspace
from tests.sync.test_killed import assert_agreed, desks, serving, work_and_die

__all__ = ["desks", "serving"]

pytestmark = pytest.mark.loopback

KILLS = 300
LONGEST_S = 4.0
ROWS = ("frozen", "sent", "answered", "settled", "applied", "refresh-sent", "refresh-kept")


@pytest.mark.parametrize("times", range(1, 4))
@pytest.mark.parametrize("point", ROWS)
def test_each_time_a_point_is_passed(desks, point, times):
    assert point in NAMES
    assert_agreed(desks, work_and_die(desks, f"{point}:{min(times, 1 if 'refresh' in point else 3)}"))


def test_kills_at_any_moment(desks):
    choose = random.Random(5)  # noqa: S311 - any moment will do
    for kill in range(KILLS):
        command = [sys.executable, "-m", "tests.sync.syncer", str(desks[0]), "400"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(choose.uniform(0, LONGEST_S))
            child.kill()
            said = [
                line.split() for line in child.stdout if line.startswith("saved ") and line.endswith("\n")
            ]
        saved = [bytes.fromhex(words[1].replace("-", "")) for words in said]
        assert_agreed(desks, saved)
        print(f"kill {kill}: {len(saved)} actions promised")


def test_a_server_killed_at_any_moment(serving, desks):
    choose = random.Random(6)  # noqa: S311 - any moment will do
    for kill in range(KILLS // 10):
        command = [sys.executable, "-m", "tests.sync.syncer", str(desks[0]), "40"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(choose.uniform(0, LONGEST_S))
            (serving.kill_database if kill % 3 == 2 else serving.kill)()
            said = [line.split() for line in child.stdout if line.startswith("saved ")]
        saved = [bytes.fromhex(words[1].replace("-", "")) for words in said]
        serving.start()
        assert_agreed(desks, saved)
        Workspace(desks[0]).close()
