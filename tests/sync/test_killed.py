"""Who dies at the worst moment loses nothing: the next one goes on where it was.

A desk in a process of its own kills itself at a failpoint; the server and its database are killed from
outside. Afterwards all desks agree, and every record that was ever told to be saved is on all of them.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from desktop.models.store import FILE
from desktop.sync.failpoints import VARIABLE
from desktop.sync.troubles import SyncError
from tests.sync.syncer import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sync.serving import Serving

pytestmark = pytest.mark.loopback

ACTIONS = 6
POINTS = ["frozen", "sent", "answered", "settled", "applied", "refresh-sent", "refresh-kept"]


def work_and_die(folders: list[Path], point: str, actions: int = ACTIONS) -> list[bytes]:
    """Let a desk work until it dies at a point, with news waiting for it; return all that was saved."""
    folder, other = folders
    news = Workspace(other)
    saved = [news.save(0).bytes]
    news.sync()
    news.close()
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.syncer", str(folder), str(actions)],
        env={**os.environ, VARIABLE: point},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == -9, "the point was not passed"
    said = [line.split() for line in done.stdout.splitlines() if line.startswith("saved ")]
    return saved + [bytes.fromhex(words[1].replace("-", "")) for words in said]


def assert_agreed(folders: list[Path], saved: list[bytes]) -> None:
    """Sync everybody and compare."""
    desks = [Workspace(folder) for folder in folders]
    for _ in range(2):
        for desk in desks:
            desk.sync()
    first, second = (desk.rows() for desk in desks)
    assert first == second
    for desk in desks:
        assert (desk.counts().waiting, desk.counts().in_flight, desk.counts().refused) == (0, 0, 0)
        assert desk.store.integrity_problems() == []
        desk.close()
    assert {("deal", key) for key in saved} <= first.keys()


@pytest.mark.parametrize("point", POINTS)
def test_a_desk_that_dies_at_a_point_goes_on_where_it_was(desks, point):
    assert_agreed(desks, work_and_die(desks, point))


def sync_with_dying_server(serving: Serving, folder: Path, point: str) -> list[bytes]:
    """Let a desk sync with a server that dies at a point; return what it saved."""
    serving.stop()
    serving.start(dying_at=point)
    desk = Workspace(folder)
    saved = [desk.save(number).bytes for number in range(ACTIONS)]
    with contextlib.suppress(SyncError):
        for number in range(ACTIONS):
            saved.append(desk.save(number).bytes)
            desk.sync()
    desk.close()
    assert serving.has_died(), "the point was not passed"
    serving.start()
    return saved


@pytest.mark.parametrize("point", ["push-written", "push-committed"])
def test_a_server_that_dies_at_a_point_goes_on_where_it_was(serving, desks, point):
    assert_agreed(desks, sync_with_dying_server(serving, desks[0], point))


@pytest.mark.parametrize("what", ["server", "database"])
def test_a_server_that_is_killed_goes_on_where_it_was(serving, desks, what):
    desk = Workspace(desks[0])
    saved = [desk.save(number).bytes for number in range(ACTIONS)]
    desk.sync()
    saved += [desk.save(number).bytes for number in range(ACTIONS)]
    (serving.kill if what == "server" else serving.kill_database)()
    with pytest.raises(SyncError):
        desk.sync()
    desk.close()
    serving.start()
    assert_agreed(desks, saved)


def test_a_full_disk_stops_a_desk_and_loses_nothing(desks):
    """No file may grow beyond a little above what is there: writing fails in the middle of the work."""
    folder = desks[0]
    Workspace(folder).close()  # folds the log into the file
    blocks = (folder / FILE).stat().st_size // 512 + 200
    limited = ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", sys.executable]
    done = subprocess.run(
        [*limited, "-m", "tests.sync.syncer", str(folder), "4000"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, "it ran into the limit"
    assert "StoreFullError" in done.stderr or "disk" in done.stderr, done.stderr[-500:]
    said = [line.split() for line in done.stdout.splitlines() if line.startswith("saved ")]
    assert_agreed(desks, [bytes.fromhex(words[1].replace("-", "")) for words in said])
