"""What the window needs once a workspace is open, in one place: it is imported after the first paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.ui.widgets.conflict_sheet import ConflictSheet
from desktop.ui.widgets.palette import CommandPalette, Entry
from desktop.ui.widgets.session import Session
from desktop.ui.widgets.sync_words import told

if TYPE_CHECKING:
    import uuid

    from PySide6.QtWidgets import QWidget

__all__ = ["CommandPalette", "Entry", "Session", "show_conflict", "told"]


def show_conflict(session: Session, conflict_id: uuid.UUID, parent: QWidget) -> None:
    """Show a conflict over the window; nobody waits for it."""
    ConflictSheet(session, conflict_id, parent).open()
