"""The line under a form that says how it went; it takes no room while there is nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel

if TYPE_CHECKING:
    from desktop.ui.widgets.basics import Role
    from domain.problems import Refusal


class Said(QLabel):
    """A sentence in the quiet colour, or in the colour of problems."""

    def __init__(self, role: Role = "muted") -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setWordWrap(True)
        self.hide()

    def tell(self, words: str) -> None:
        """Show a sentence; the empty one hides the line."""
        self.setText(words)
        self.setVisible(bool(words))

    def refuse(self, refusal: Refusal) -> None:
        """Show everything that stood against it."""
        self.tell("；".join(refusal.messages()))
