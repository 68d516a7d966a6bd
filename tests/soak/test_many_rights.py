"""The same as tests/sync/test_rights.py, as long as somebody cares to wait."""

from __future__ import annotations

import pytest

from tests.soak.lengths import many
from tests.sync import rights

RUNS = many(200)
PARTS = 10
STEPS = 300


@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_gets_exactly_what_he_may(bench, part):
    for seed in range(part, RUNS, PARTS):
        rights.run(bench, seed, STEPS)
