"""Real stores and the real server agree in every history: a desk holds what a new device would get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.sync.bench import make_small, patch_points
from tests.sync.replicas import DESKS, FAULTS, History

if TYPE_CHECKING:
    import pytest

    from tests.sync.bench import Bench

DESK = st.integers(0, DESKS - 1)
CHANGE = st.tuples(
    st.sampled_from(
        ["party", "deal", "name", "remark", "set", "amount", "amount", "raw", "drop", "back", "move"]
    ),
    st.integers(0, 3),
)


def machine(bench: Bench, patch: pytest.MonkeyPatch) -> type[RuleBasedStateMachine]:
    """Return the histories over a bench."""
    running: list[History] = []
    make_small(patch)
    patch_points(patch, lambda: running[-1].pass_point() if running else None)

    class Histories(RuleBasedStateMachine):
        @initialize(skews_ms=st.sampled_from([(0, 0, 0), (0, 86_400_000, -86_400_000)]))
        def begin(self, skews_ms):
            self.history = History(bench, skews_ms)
            running.append(self.history)
            self.history.act(0, [("party", 0), ("deal", 0)])
            for number in (0, 1, 2):
                self.history.sync(number)

        @rule(number=DESK, changes=st.lists(CHANGE, min_size=1, max_size=3))
        def act(self, number, changes):
            self.history.act(number, changes)

        @rule(
            number=DESK,
            fault=st.sampled_from(FAULTS),
            kill_at=st.integers(0, 7),
            freezes=st.integers(0, 2),
            during=st.lists(CHANGE, max_size=1),
        )
        def sync(self, number, fault, kill_at, freezes, during):
            self.history.sync(number, fault, kill_at=kill_at, freezes=freezes, during=during)

        @rule(number=DESK, change=CHANGE)
        def act_and_sync(self, number, change):
            self.history.act(number, [change])
            self.history.sync(number)

        @rule(number=DESK, which=st.integers(0, 20))
        def deliver_late(self, number, which):
            self.history.deliver_late(number, which)

        @rule(number=DESK)
        def back_up(self, number):
            self.history.back_up(number)

        @rule(number=DESK)
        def restore(self, number):
            self.history.restore(number)

        @rule(number=st.integers(1, 2), role=st.sampled_from(["staff", "broker", "trainer"]))
        def set_role(self, number, role):
            self.history.set_role(number, role)

        def teardown(self):
            if running:
                history = running.pop()
                try:
                    history.settle_down()
                finally:
                    history.close()

    return Histories


def test_desks_and_server_agree_in_every_history(bench, monkeypatch):
    run_state_machine_as_test(
        machine(bench, monkeypatch),
        settings=settings(max_examples=10, stateful_step_count=15, suppress_health_check=list(HealthCheck)),
    )
