"""Histories of the model: how they begin, what may happen in them, and how they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sync.mistakes import Mistake
from tests.sync.model_server import HOME, OTHER
from tests.sync.scripts import Dice, Script, Violation
from tests.sync.world import DEVICES, FAULTS, World

if TYPE_CHECKING:
    from tests.sync.scripts import Step

STEPS = 40
CHANGES = {"create": 2, "edit": 6, "drop": 2, "back": 2}
KINDS = {
    "act": 8,
    "sync": 10,
    "act_and_sync": 4,
    "deliver_late": 1,
    "move": 1,
    "allow": 1,
    "back_up": 1,
    "restore": 1,
}
SKEWS_MS = ((0, 0, 0), (0, 0, 0), (0, 86_400_000, -86_400_000), (0, 2_500, -400))
RIGHT = Mistake()
"""No mistake at all."""


def draw(seed: int, steps: int = STEPS) -> Script:
    """Return a random script."""
    dice = Dice(seed)
    choose = dice.choose
    kinds, changes = dice.habits(KINDS), dice.habits(CHANGES)
    faults = choose.sample(FAULTS, choose.randint(1, len(FAULTS)))
    rows = choose.choice(((1,), (1, 2, 99), (2,), (99,)))
    records = choose.choice((1, 1, 2, 3))
    units = choose.choice(((1, 2, 3, 4, 5), (4,), (1, 4), (3,), (1, 2, 3, 4, 5)))

    def change() -> list[Any]:
        return [dice.pick(changes), choose.randrange(records), choose.choice(units)]

    def sync() -> dict[str, Any]:
        options: dict[str, Any] = {"fault": choose.choice(faults), "rows": choose.choice(rows)}
        options |= {"batches": choose.randint(0, 3)}
        options |= {"during": [change()]} if choose.random() < 0.3 else {}
        return options | ({"backwards": True} if choose.random() < 0.5 else {})

    def step(kind: str) -> Step:
        told: dict[str, Any] = {"device": choose.randrange(DEVICES)}
        match kind:
            case "sync":
                told |= sync()
            case "act" | "act_and_sync":
                told |= {"changes": [change() for _ in range(choose.randint(1, 3))]}
            case "deliver_late":
                told = {"which": choose.randrange(100)}
            case "move":
                told = {"which": choose.randrange(records), "scope": choose.choice((HOME, OTHER))}
            case "allow":
                told |= {"allowed": choose.random() < 0.5}
        return kind, told

    return Script([step(dice.pick(kinds)) for _ in range(steps)], choose.choice(SKEWS_MS))


def run(script: Script, mistake: Mistake = RIGHT) -> None:
    """Let a history happen and check it.

    Raises:
        Violation: an invariant does not hold.
    """
    world = World(server_kind=mistake.server, client_kind=mistake.client, skews_ms=script.skews_ms)
    world.begin()
    script.played_by(world)
    world.settle_down()
    world.check_conflicts_are_real()


def fails(script: Script, mistake: Mistake = RIGHT) -> bool:
    """Tell whether a check finds something; a mistake over which the model itself stumbles proves nothing."""
    try:
        run(script, mistake)
    except Violation:
        return True
    except Exception:
        if mistake is RIGHT:
            raise
    return False
