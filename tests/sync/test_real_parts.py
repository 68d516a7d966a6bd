"""Desks and server agree in histories of the real parts, random ones and those that once went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from domain import sheaves
from domain.sheaves import FEWEST
from tests.sync.real_histories import draw, stage
from tests.sync.scripts import kept

if TYPE_CHECKING:
    from server.postgres.database import Database

SEEDS = range(6)
FOUND = Path(__file__).with_name("data") / "found_once.json"
"""Histories that once ended in a violation, made short; `make soak` prints new ones in this form."""


@pytest.mark.unmeasured
def test_desks_and_server_agree_in_every_history(
    database: Database, store_template: Path, monkeypatch: pytest.MonkeyPatch
):
    with stage(database, store_template) as here:
        for place, script in enumerate([*kept(FOUND).values(), *map(draw, SEEDS)]):
            monkeypatch.setattr(sheaves, "FEWEST", 1 if place % 2 else FEWEST)
            here.run(script)
