"""Sync that is killed hundreds of times, at every point that has a name and at any moment."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from desktop.sync import failpoints
from server import failpoints as server_failpoints
from tests.soak.lengths import many
from tests.sync.dying import CASES, Trial
from tests.sync.test_killed import assert_agreed, sync_with_dying_server, work_and_die
from tests.sync.test_killed_servers import POINTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sync.serving import Serving

pytestmark = pytest.mark.loopback

KILLS = many(300)
PARTS = 30
LONGEST_S = 4.0
ACTIONS = 24
"""Of one desk until it passes a point for the third time: it syncs after each fourth."""
OFTEN = ("frozen", "sent", "answered", "settled")
ONCE = ("applied", "refresh-sent", "refresh-kept")
EACH = [*((point, times) for point in OFTEN for times in range(1, 4)), *((point, 1) for point in ONCE)]
PUSHES = ("push-read", "push-judged", "push-counted", "push-written", "push-committed", "answered")


@pytest.mark.parametrize(("point", "times"), EACH)
def test_each_time_a_point_is_passed(desks: list[Path], point: str, times: int):
    assert point in failpoints.NAMES
    assert_agreed(desks, work_and_die(desks, f"{point}:{times}", ACTIONS))


@pytest.mark.parametrize("times", range(1, 4))
@pytest.mark.parametrize("point", PUSHES)
def test_each_time_a_server_passes_a_point(serving: Serving, desks: list[Path], point: str, times: int):
    assert point in server_failpoints.NAMES
    assert_agreed(desks, sync_with_dying_server(serving, desks[0], f"{point}:{times}"))


@pytest.mark.parametrize("point", sorted(CASES.keys() - set(POINTS)))
def test_every_other_door_of_a_dying_server(
    serving: Serving, store_template: Path, tmp_path: Path, point: str
):
    Trial(serving, store_template, tmp_path, point).run()


@pytest.mark.parametrize("part", range(PARTS))
def test_whoever_is_killed_at_any_moment(serving: Serving, desks: list[Path], part: int):
    for kill in range(part, KILLS, PARTS):
        choose = random.Random(kill)  # noqa: S311 - any moment will do
        victim = choose.choice(("desk", "desk", "server", "database"))
        saved = work_until_killed(serving, desks[choose.randrange(2)], victim, choose.uniform(0, LONGEST_S))
        serving.forgive()
        assert_agreed(desks, saved)
        print(f"kill {kill}, of the {victim}: {len(saved)} actions promised")


def work_until_killed(serving: Serving, folder: Path, victim: str, after_s: float) -> list[bytes]:
    """Let a desk work until somebody is killed; return what it says it has saved."""
    command = [sys.executable, "-m", "tests.sync.syncer", str(folder), "400"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(after_s)
        if victim == "server":
            serving.kill()
        elif victim == "database":
            serving.kill_database()
        else:
            child.kill()
        said = [line.split() for line in child.stdout if line.startswith("saved ") and line.endswith("\n")]
    if victim != "desk":
        serving.start()
    return [bytes.fromhex(words[1].replace("-", "")) for words in said]
