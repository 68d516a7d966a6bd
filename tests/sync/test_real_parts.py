"""Desks and server agree in histories of the real parts, random ones and those that once went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sync.real_histories import draw, stage
from tests.sync.scripts import kept

if TYPE_CHECKING:
    from server.postgres.database import Database

SEEDS = range(6)
FOUND = Path(__file__).with_name("data") / "found_once.json"
"""Histories that once ended in a violation, made short; `make soak` prints new ones in this form."""


@pytest.mark.unmeasured
def test_desks_and_server_agree_in_every_history(database: Database, store_template: Path):
    with stage(database, store_template) as here:
        for script in [*kept(FOUND).values(), *map(draw, SEEDS)]:
            here.run(script)
