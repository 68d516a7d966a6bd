"""Finds for each planted mistake the shortest history that shows it, and keeps these histories.

Usage: python -m tests.sync.finding model [NAME ...]
Without names, for those mistakes that have no history yet or whose history no longer shows them.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import Final

from tests.sync import model_histories
from tests.sync.mistakes import MISTAKES
from tests.sync.scripts import failing, keep, kept

MODEL: Final = Path(__file__).with_name("data") / "mistakes_of_the_model.json"
SEEDS: Final = range(3_000)


def find_in_the_model(names: list[str]) -> None:
    found = kept(MODEL) if MODEL.exists() else {}
    for name, mistake in MISTAKES.items():
        fails = functools.partial(model_histories.fails, mistake=mistake)
        if name not in names and (names or (name in found and fails(found[name]))):
            continue
        script = failing(SEEDS, model_histories.draw, fails)
        print(name, script.dumped() if script else "slips through", flush=True)
        if script:
            found[name] = script
            keep(MODEL, {name: found[name] for name in found if name in MISTAKES})


if __name__ == "__main__":
    find_in_the_model(sys.argv[2:])
