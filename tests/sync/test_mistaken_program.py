"""Mistakes planted in the real store, engine and server are found, each by a history that is told again.

That none of them shows anything without the mistake is for tests/soak/test_mistakes_are_the_cause.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sync.engine_mistakes import MISTAKES
from tests.sync.real_histories import stage
from tests.sync.scripts import kept

if TYPE_CHECKING:
    from server.postgres.database import Database

pytestmark = pytest.mark.unmeasured

SCRIPTS = kept(Path(__file__).with_name("data") / "mistakes_of_the_program.json")
ELSEWHERE = {"images_are_compared_by_the_records_version"}
"""What tests/sync/test_found_histories.py finds: its history is too long for a script."""


def test_there_are_enough_and_each_has_a_history():
    assert len(MISTAKES) >= 25
    assert SCRIPTS.keys() | ELSEWHERE == MISTAKES.keys()


def test_the_history_of_a_mistake_shows_it(database: Database, store_template: Path):
    with stage(database, store_template) as here:
        passed = [name for name, script in SCRIPTS.items() if not here.fails(script, MISTAKES[name])]
    assert not passed
