"""Histories over real stores and the real server by the thousand."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest

from tests.soak.lengths import many
from tests.sync.engine_mistakes import MISTAKES
from tests.sync.real_histories import draw, stage
from tests.sync.scripts import failing

if TYPE_CHECKING:
    from pathlib import Path

    from server.postgres.database import Database

HISTORIES = many(20_000)
PARTS = 40
"""Each a test of its own, so that what has passed need not be done again."""
ENOUGH = many(300)
"""Histories in which a mistake that is not rare shows itself."""
RARE = frozenset({
    "always_own", "bases_from_the_row", "deletions_have_seen_all",
    "images_are_compared_by_the_records_version",
    "news_since_the_page", "one_base_for_all", "withdrawn_scopes_stay",
})  # fmt: skip
"""Mistakes for whose histories chance takes too long; tests/sync/test_mistaken_program.py tells them."""


@pytest.mark.parametrize("part", range(PARTS))
def test_desks_and_server_agree_in_every_history(database: Database, store_template: Path, part: int):
    with stage(database, store_template) as here:
        for seed in range(part, HISTORIES, PARTS):
            try:
                here.run(draw(seed))
            except AssertionError as error:
                short = failing([seed], draw, here.fails)
                raise AssertionError(f"{seed}: {short and short.dumped()}") from error


@pytest.mark.parametrize("name", sorted(MISTAKES.keys() - RARE))
def test_a_mistake_in_the_program_is_found_by_chance(database: Database, store_template: Path, name: str):
    with stage(database, store_template) as here:
        fails = functools.partial(here.fails, plant=MISTAKES[name])
        assert any(fails(draw(seed)) for seed in range(ENOUGH))
