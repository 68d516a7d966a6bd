"""Whatever a line does to a sync, nothing is lost or doubled, and the next sync goes on from there."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from desktop.sync.troubles import SyncError
from tests.sync.proxy import Fault, Proxy
from tests.sync.syncer import Workspace
from tests.sync.test_killed import assert_agreed, desks, serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sync.serving import Serving

__all__ = ["desks", "serving"]

pytestmark = pytest.mark.loopback

FAULTS = [
    *(Fault("cut", at, up) for at in (0, 300, 900, 2_000) for up in (True, False)),
    *(Fault("flip", at, up) for at in (700, 1_200) for up in (True, False)),
    Fault("twice"),
    Fault("delay", 200, up=False),
    *(Fault("status", status) for status in (502, 503, 504)),
]


def through(serving: Serving, folders: list[Path], faults: list[Fault]) -> list[bytes]:
    """Let both desks work and sync over a bad line; return what they saved."""
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
    saved = [key for fault in FAULTS for key in through(serving, desks, [fault])]
    assert_agreed(desks, saved)


def test_a_request_that_arrives_twice_takes_effect_once(serving, desks):
    saved = through(serving, desks, [Fault("twice"), Fault("twice")])
    assert_agreed(desks, saved)
