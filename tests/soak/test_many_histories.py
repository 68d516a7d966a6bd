"""The model of sync for as long as somebody cares to wait, and every mistake one can make with its rules."""

from __future__ import annotations

import functools

import pytest

from tests.soak.lengths import many
from tests.sync import model_histories
from tests.sync.mistakes import MISTAKES
from tests.sync.scripts import failing

HISTORIES = many(40_000)
PARTS = 20
ENOUGH = many(15_000)
"""Histories in which the rarest mistake should show itself to one who only looks."""
BY_HAND = frozenset({
    "EditsTheUnborn", "ForgetsTheFlightOfTheReturned", "KeepsOldImages", "NeverShowsTheLaterImage",
    "NeverShowsWhatWasJoined",
})  # fmt: skip
"""Mistakes that need three rare things at once: somebody has thought of their histories."""


@pytest.mark.parametrize("part", range(PARTS))
def test_the_rules_hold_in_every_history(part):
    for seed in range(part, HISTORIES, PARTS):
        script = model_histories.draw(seed)
        try:
            model_histories.run(script)
        except AssertionError as error:
            short = failing([seed], model_histories.draw, model_histories.fails)
            raise AssertionError(f"{seed}: {short and short.dumped()}") from error


@pytest.mark.parametrize("name", sorted(MISTAKES.keys() - BY_HAND))
def test_a_mistake_in_the_rules_is_found_by_chance(name):
    fails = functools.partial(model_histories.fails, mistake=MISTAKES[name])
    assert any(fails(model_histories.draw(seed)) for seed in range(ENOUGH))
