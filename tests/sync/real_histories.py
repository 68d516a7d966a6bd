"""Histories over real stores and the real server: how they begin, what may happen in them, how they end."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from desktop.models.store import Store
from tests.sync.bench import KEY, Bench, knowing_few, make_small, patch_points, watch
from tests.sync.replicas import DESKS, FAULTS, History
from tests.sync.scripts import Dice, Script, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from server.postgres.database import Database

    Plant = Callable[[pytest.MonkeyPatch], None]

STEPS: Final = 30
CHANGES: Final = {
    "party": 1,
    "deal": 1,
    "name": 2,
    "remark": 2,
    "set": 2,
    "amount": 4,
    "raw": 1,
    "drop": 2,
    "back": 2,
    "move": 1,
}
KINDS: Final = {
    "act": 8,
    "sync": 10,
    "act_and_sync": 4,
    "deliver_late": 1,
    "back_up": 1,
    "restore": 1,
    "set_role": 1,
}
LOSSES: Final = {"back_up_server": 2, "restore_server": 2}
"""What happens in every fourth history only: after a restore fewer invariants hold."""
TOLD: Final = 0.3
"""How often somebody tells the server that it was restored."""
SKEWS_MS: Final = ((0, 0, 0), (0, 0, 0), (0, 86_400_000, -86_400_000))
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - only where a machine has it: stores there cost no disk


def draw(seed: int, steps: int = STEPS) -> Script:
    """Return a random script."""
    dice = Dice(seed)
    choose = dice.choose
    kinds = dice.habits(KINDS) | (LOSSES if seed % 4 == 3 else {})
    changes = dice.habits(CHANGES)
    faults = choose.sample(FAULTS, choose.randint(1, len(FAULTS)))
    records = choose.choice((1, 2, 2, 4))

    def some() -> list[Any]:
        return [[dice.pick(changes), choose.randrange(records)] for _ in range(choose.randint(1, 3))]

    def step(kind: str) -> tuple[str, dict[str, Any]]:
        number = choose.randrange(DESKS)
        match kind:
            case "act" | "act_and_sync":
                return kind, {"number": number, "changes": some()}
            case "sync":
                options: dict[str, Any] = {"number": number, "fault": choose.choice(faults)}
                options |= {"kill_at": choose.randint(0, 7)} if options["fault"] == "killed" else {}
                options |= {"freezes": choose.randint(0, 2)}
                options |= {"prompt": True} if choose.random() < 0.3 else {}
                return kind, options | ({"during": some()} if choose.random() < 0.3 else {})
            case "deliver_late":
                return kind, {"number": number, "which": choose.randrange(20)}
            case "back_up_server" | "restore_server":
                return kind, {"told": choose.random() < TOLD} if kind == "restore_server" else {}
            case "set_role":
                role = choose.choice(("staff", "broker", "trainer"))
                return kind, {"number": choose.randint(1, 2), "role": role}
            case _:
                return kind, {"number": number}

    return Script([step(dice.pick(kinds)) for _ in range(steps)], choose.choice(SKEWS_MS))


class Stage:
    """Where histories happen one after the other."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def run(self, script: Script, plant: Plant | None = None) -> None:
        """Let a history happen and check it, with a mistake in the program if one is given.

        Raises:
            Violation: an invariant does not hold.
        """
        with pytest.MonkeyPatch.context() as patch:
            make_small(patch)
            watch(patch, self.bench)
            if plant is not None:
                plant(patch)
            history = History(self.bench, script.skews_ms)
            patch_points(patch, history.pass_point)
            try:
                history.begin()
                script.played_by(history)
                history.settle_down()
            finally:
                history.close()

    def fails(self, script: Script, plant: Plant | None = None) -> bool:
        """Tell whether a check finds something, or whether the program stumbles over a mistake."""
        try:
            self.run(script, plant)
        except Violation:
            return True
        except Exception:
            if plant is None:
                raise
            return True
        return False


@contextlib.contextmanager
def stage(database: Database, template: Path) -> Iterator[Stage]:
    """Give histories a place, with the empty store to begin with as ``template``."""
    with (
        knowing_few(),
        tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder,
    ):
        few = Path(folder, "template")
        shutil.copytree(template, few)
        Store.open(few, KEY).close()
        yield Stage(Bench(database, few, Path(folder)))
