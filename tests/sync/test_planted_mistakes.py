"""Every mistake one can make with the rules of sync is found in the model, by a history that is told again.

tests/sync/finding.py has found these histories; `make soak` looks for them anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sync import model_histories
from tests.sync.mistakes import MISTAKES
from tests.sync.scripts import Violation, kept

pytestmark = pytest.mark.unmeasured

SCRIPTS = kept(Path(__file__).with_name("data") / "mistakes_of_the_model.json")


def test_there_are_enough_and_each_has_a_history():
    assert len(MISTAKES) >= 40
    assert SCRIPTS.keys() == MISTAKES.keys()


@pytest.mark.parametrize("name", MISTAKES)
def test_the_history_of_a_mistake_shows_it_and_nothing_else(name):
    model_histories.run(SCRIPTS[name])
    with pytest.raises(Violation):
        model_histories.run(SCRIPTS[name], MISTAKES[name])
