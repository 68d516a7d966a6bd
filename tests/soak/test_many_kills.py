"""The same as tests/desktop/models/test_kill.py, fifty kills of each kind over one growing store."""

from __future__ import annotations

import datetime as dt

import pytest

from desktop.models.store import Store
from tests.killing import assert_whole, kill_while_saving
from tests.saver import KEY

KILLS = 50
MOMENT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


@pytest.mark.parametrize(("kind", "longest_s"), [("save", 3.0), ("import", 12.0)])
def test_fifty_kills_leave_whole_commands_and_lose_none(tmp_path, kind, longest_s):
    Store.open(tmp_path, KEY).close()
    promised: list[str] = []
    for seed in range(KILLS):
        promised += kill_while_saving(tmp_path, kind, seed=seed, longest_s=longest_s)
        held = assert_whole(tmp_path, promised, MOMENT)
        print(f"{kind} {seed}: {len(promised)} commands promised, {held} held")
