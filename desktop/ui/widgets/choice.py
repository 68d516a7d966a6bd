"""A choice of few, all of them in sight: chips of which one is on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QToolButton

from desktop.ui.widgets.basics import restyle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def choice(
    name: str, entries: Sequence[tuple[object, str]], held: object, picked: Callable[..., None]
) -> dict[object, QToolButton]:
    """Return a chip for each entry, the one that is ``held`` on; ``picked`` is told what the user chose."""
    made: dict[object, QToolButton] = {}

    def pick(key: object, *_: object) -> None:
        show(made, key)
        picked(key)

    for key, words in entries:
        chip = made[key] = QToolButton()
        chip.setText(words)
        chip.setAccessibleName(f"{name}：{words}")
        chip.setProperty("look", "chip")
        chip.setCheckable(True)
        chip.clicked.connect(partial(pick, key))
    show(made, held)
    return made


def show(chips: dict[object, QToolButton], held: object) -> None:
    """Let the chip of an entry be on and all others off."""
    for key, chip in chips.items():
        restyle(chip, on="true" if key == held else "false")
        chip.setChecked(key == held)
