"""The rules of sync hold in random histories of the model: three devices, one server, all faults."""

from __future__ import annotations

import pytest

from tests.sync import model_histories

SEEDS = range(60)


@pytest.mark.unmeasured
def test_the_rules_hold_in_every_history():
    for seed in SEEDS:
        model_histories.run(model_histories.draw(seed))
