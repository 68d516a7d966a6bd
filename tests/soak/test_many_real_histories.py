"""Histories over real stores and the real server by the thousand, also with the program made wrong."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test

from tests.sync.engine_mistakes import MISTAKES
from tests.sync.test_real_parts import machine

HISTORIES = 20_000
ENOUGH = 2_000
"""Histories in which the rarest mistake shows itself."""


def run(bench, monkeypatch, histories: int, phases: tuple[Phase, ...]) -> None:
    run_state_machine_as_test(
        machine(bench, monkeypatch),
        settings=settings(
            max_examples=histories,
            deadline=None,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            phases=phases,
        ),
    )


def test_desks_and_server_agree_in_every_history(bench, monkeypatch):
    run(bench, monkeypatch, HISTORIES, (Phase.generate, Phase.shrink))


def test_there_are_enough_mistakes():
    assert len(MISTAKES) >= 20


@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_in_the_program_is_found(bench, monkeypatch, name):
    MISTAKES[name](monkeypatch)
    with pytest.raises(Exception) as found:
        run(bench, monkeypatch, ENOUGH, (Phase.generate,))
    assert not isinstance(found.value, HypothesisException)
