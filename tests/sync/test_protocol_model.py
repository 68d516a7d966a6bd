"""The rules of sync hold in every history: three devices, one server, all faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.sync.mistakes import MISTAKES
from tests.sync.model_server import HOME, OTHER
from tests.sync.world import DEVICES, FAULTS, Violation, World

if TYPE_CHECKING:
    from tests.sync.mistakes import Mistake

DEVICE = st.integers(0, DEVICES - 1)
UNIT = st.integers(1, 5)
CHANGE = st.tuples(
    st.sampled_from(["create", "edit", "edit", "edit", "edit", "drop", "back"]), st.integers(0, 2), UNIT
)
SKEWS_MS = st.sampled_from([(0, 0, 0), (0, 86_400_000, -86_400_000), (0, 2_500, -400)])


class Histories(RuleBasedStateMachine):
    """People work, devices sync, everything fails; in the end all agree."""

    def make(self, skews_ms: tuple[int, ...]) -> World:
        return World(skews_ms=skews_ms)

    @initialize(skews_ms=SKEWS_MS)
    def begin(self, skews_ms: tuple[int, ...]) -> None:
        self.world = self.make(skews_ms)
        self.world.act(0, [("create", 0, 0)])
        for device in (0, 0, 1, 2, 1, 2):
            self.world.sync(device)

    @rule(device=DEVICE, changes=st.lists(CHANGE, min_size=1, max_size=3))
    def act(self, device, changes):
        self.world.act(device, changes)

    @rule(
        device=DEVICE,
        fault=st.sampled_from(FAULTS),
        rows=st.sampled_from([1, 2, 99]),
        batches=st.integers(0, 3),
        during=st.lists(CHANGE, max_size=1),
        backwards=st.booleans(),
    )
    def sync(self, *, device, fault, rows, batches, during, backwards):
        self.world.sync(device, fault, rows=rows, batches=batches, during=during, backwards=backwards)

    @rule(device=DEVICE, unit=UNIT)
    def edit_and_sync(self, device, unit):
        self.world.act(device, [("edit", 0, unit)])
        self.world.sync(device)

    @rule(which=st.integers(0, 99))
    def deliver_late(self, which):
        self.world.deliver_late(which)

    @rule(which=st.integers(0, 2), scope=st.sampled_from([HOME, OTHER]))
    def move(self, which, scope):
        self.world.move(which, scope)

    @rule(device=DEVICE, allowed=st.booleans())
    def allow(self, device, allowed):
        self.world.allow(device, allowed=allowed)

    @rule(device=DEVICE)
    def back_up(self, device):
        self.world.back_up(device)

    @rule(device=DEVICE)
    def restore(self, device):
        self.world.restore(device)

    def teardown(self):
        if hasattr(self, "world"):
            self.world.settle_down()
            self.world.check_conflicts_are_real()


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=120, stateful_step_count=30)

EASILY_FOUND = (
    "CountsBeforeItWrites",
    "DropsUnseenChanges",
    "ForgetsTheBirth",
    "MovesBelowTheOldVersion",
    "PagesOverwriteEdits",
    "RaisesVersionsOnAnswers",
    "SaysOwnForTheLastAuthor",
    "TakesJoinedSetsForTheAuthors",
)
"""`make soak` plants all of them; the rarest takes thousands of histories."""


def plant(mistake: Mistake, *, histories: int) -> None:
    """Run histories in which one rule is wrong; raises what was found."""

    class Mistaken(Histories):
        def make(self, skews_ms: tuple[int, ...]) -> World:
            return World(server_kind=mistake.server, client_kind=mistake.client, skews_ms=skews_ms)

    run_state_machine_as_test(
        Mistaken,
        settings=settings(
            max_examples=histories,
            stateful_step_count=30,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            report_multiple_bugs=False,
        ),
    )


@pytest.mark.parametrize("name", EASILY_FOUND)
def test_a_mistake_in_the_rules_is_found(name):
    with pytest.raises(Violation):
        plant(MISTAKES[name], histories=200)
