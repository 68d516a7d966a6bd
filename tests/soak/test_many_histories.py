"""The model of sync for as long as somebody cares to wait, and every mistake one can make with its rules."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.errors import HypothesisException

from tests.sync.mistakes import MISTAKES
from tests.sync.test_protocol_model import Histories, plant

HISTORIES = 40_000
ENOUGH = 15_000
"""Histories in which the rarest mistake shows itself."""

TestManyHistories = Histories.TestCase
TestManyHistories.settings = settings(max_examples=HISTORIES, stateful_step_count=40)


def test_there_are_enough_mistakes():
    assert len(MISTAKES) >= 25


@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_in_the_rules_is_found(name):
    with pytest.raises(Exception) as found:
        plant(MISTAKES[name], histories=ENOUGH)
    assert not isinstance(found.value, HypothesisException)
