"""Whatever a line does to a sync, nothing is lost or doubled, and the next sync goes on from there."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from desktop.sync.troubles import SyncError
from tests.sync.proxy import Fault, Proxy
from tests.sync.syncer import Workspace
from tests.sync.test_killed import assert_agreed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sync.serving import Serving

pytestmark = pytest.mark.loopback

FAULTS = [
    Fault("cut", 900),
    Fault("cut", 300, up=False),
    Fault("flip", 700, up=False),
    Fault("status", 503),
    Fault("twice"),
]
"""One of each kind; `make soak` tries them all, everywhere."""


def through(serving: Serving, folders: list[Path], faults: list[Fault]) -> list[bytes]:
    """Let desks work and sync over a bad line; return what they saved."""
    saved = []
    with Proxy(serving.port) as line:
        for folder in folders:
            desk = Workspace(folder)
            saved += [desk.save(number).bytes for number in range(3)]
            line.add(*faults)
            with contextlib.suppress(SyncError):
                desk.sync(line.address)
            desk.close()
    return saved


def test_every_fault_in_its_turn(serving, desks):
    saved = []
    for number, fault in enumerate(FAULTS):
        saved += through(serving, [desks[number % 2]], [fault])
    assert_agreed(desks, saved)
