"""Histories as data: drawn at random from a number, made as short as they go, kept in a file.

A script is a list of steps, each the name of a method and its arguments. What is drawn from one number is
always the same, so thousands can be shared out and gone on with; what was found once is told again at once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

Step = tuple[str, dict[str, Any]]


class Violation(AssertionError):  # noqa: N818 - it is what the checks find
    """An invariant does not hold."""


@dataclass(frozen=True)
class Script:
    """What happens in one history, after its beginning and before everybody syncs in peace."""

    steps: Sequence[Step]
    skews_ms: Sequence[int] = (0, 0, 0)

    def played_by(self, world: Any) -> None:
        for name, arguments in self.steps:
            getattr(world, name)(**arguments)

    def dumped(self) -> str:
        return json.dumps([self.skews_ms, self.steps], ensure_ascii=False)


@dataclass
class Dice:
    """Draws the steps of a history; ``habits`` are as many as there are kinds of steps, each drawn once.

    Every history has its own habits, some of which it never has: what is rare together comes together.
    """

    seed: int
    choose: Random = field(init=False)

    def __post_init__(self) -> None:
        self.choose = Random(self.seed)  # noqa: S311 - it only has to be the same each time

    def habits(self, weights: Mapping[str, int]) -> dict[str, int]:
        drawn = {name: weight * self.choose.choice((0, 1, 1, 3)) for name, weight in weights.items()}
        return drawn if any(drawn.values()) else dict(weights)

    def pick(self, habits: Mapping[str, int]) -> str:
        return self.choose.choices(list(habits), list(habits.values()))[0]


def shortened(script: Script, fails: Callable[[Script], bool]) -> Script:
    """Return a script that still fails and from which nothing more can be left out."""
    steps = list(script.steps)
    size = len(steps) // 2
    while size:
        for start in range(len(steps) - size, -1, -size):
            fewer = steps[:start] + steps[start + size :]
            if fails(Script(fewer, script.skews_ms)):
                steps = fewer
        size = size // 2
    again = True
    while again:
        again = False
        for fewer in _plainer(steps):
            if fails(Script(fewer, script.skews_ms)):
                steps, again = fewer, True
                break
    plain = Script(steps)
    return plain if any(script.skews_ms) and fails(plain) else Script(steps, script.skews_ms)


def _plainer(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Yield the steps without one of them, or with one that says less."""
    for index, (name, arguments) in enumerate(steps):
        before, after = [*steps[:index]], [*steps[index + 1 :]]
        yield before + after
        for key, value in arguments.items():
            if key in OPTIONS:
                yield [*before, (name, {k: v for k, v in arguments.items() if k != key}), *after]
            elif isinstance(value, list) and len(value) > 1:
                for place in range(len(value)):
                    fewer = value[:place] + value[place + 1 :]
                    yield [*before, (name, {**arguments, key: fewer}), *after]


OPTIONS = frozenset({"fault", "rows", "batches", "during", "backwards", "kill_at", "freezes", "prompt"})
"""The arguments that a step can do without."""


def kept(path: Path) -> dict[str, Script]:
    """Return the scripts of a file by name."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: Script([(step, arguments) for step, arguments in steps], tuple(skews))
        for name, (skews, steps) in found.items()
    }


def keep(path: Path, scripts: Mapping[str, Script]) -> None:
    """Write scripts into a file, each on a line of its own."""
    lines = (f"{json.dumps(name)}: {script.dumped()}" for name, script in sorted(scripts.items()))
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def failing(
    seeds: Iterable[int], draw: Callable[[int], Script], fails: Callable[[Script], bool]
) -> Script | None:
    """Return the first script that fails, made short; None if none does."""
    found = next((script for script in map(draw, seeds) if fails(script)), None)
    return found and shortened(found, fails)
