"""Desks and server agree in random histories of the real store, engine and server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sync.real_histories import draw, stage

if TYPE_CHECKING:
    from pathlib import Path

    from server.postgres.database import Database

SEEDS = range(6)


def test_desks_and_server_agree_in_every_history(database: Database, store_template: Path):
    with stage(database, store_template) as here:
        for seed in SEEDS:
            here.run(draw(seed))
