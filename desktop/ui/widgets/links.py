"""A name that opens something, set so that it lines up with the words around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.ui.widgets.basics import button

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QPushButton

FLUSH = "QPushButton { padding: 0; min-height: 22px; }"


def link(text: str, clicked: Callable[[], object] | None = None, *, says: str = "") -> QPushButton:
    """Return a link without the padding of a button; ``says`` is its accessible name."""
    made = button(text, clicked, look="link")
    made.setStyleSheet(FLUSH)
    if says:
        made.setAccessibleName(says)
    return made
