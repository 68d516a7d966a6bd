"""Lines of the forms by which one comes to a server, with their names on the left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import label

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH: Final = 360
NAMES: Final = 96
INDENT: Final = NAMES + METRICS.l
"""How far a button stands from the left that belongs to the fields above it."""


class Fields(QGridLayout):
    """The lines one below the other; ``rows`` are a name's label and its field."""

    def __init__(self, lines: Iterable[tuple[str, QWidget]]) -> None:
        super().__init__()
        self.setHorizontalSpacing(METRICS.l)
        self.setVerticalSpacing(METRICS.s)
        self.setColumnMinimumWidth(0, NAMES)
        self.setColumnStretch(2, 1)
        self.rows: dict[str, tuple[QWidget, QWidget]] = {}
        for number, (words, widget) in enumerate(lines):
            self.addWidget(widget, number, 1)
            if words:
                name = label(words, "label")
                self.addWidget(name, number, 0)
                self.rows[words] = (name, widget)

    def show_row(self, name: str, *, on: bool) -> None:
        """Show a line or hide it."""
        for widget in self.rows[name]:
            widget.setVisible(on)


def line(name: str, text: str = "", *, hidden: bool = False) -> QLineEdit:
    """Return a field of a line; a ``hidden`` one does not show what is typed."""
    made = QLineEdit(text)
    made.setAccessibleName(name)
    made.setFixedWidth(WIDTH)
    if hidden:
        made.setEchoMode(QLineEdit.EchoMode.Password)
    return made
