"""Whether a record may be given more of a type here: what would only be refused is not offered.

The server decides in the end. A button that leads to its refusal is off from the start, and says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.services import writable
from desktop.ui.widgets.sync_feed import concerns

if TYPE_CHECKING:
    import uuid

    from PySide6.QtWidgets import QWidget

    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session


class Permit(QObject):
    """The answer for one type and the record it is added to, None for a list of its own; kept up to date.

    ``buttons`` are switched by it; whoever has more to switch listens to ``told``.
    """

    told = Signal(str)
    """Why nothing may be added or changed, whenever that changes; empty where it may."""

    def __init__(
        self,
        page: QWidget,
        session: Session,
        record_type: str,
        owner: tuple[str, uuid.UUID] | None = None,
        buttons: tuple[QWidget, ...] = (),
    ) -> None:
        super().__init__(page)
        self.session, self.record_type, self.owner = session, record_type, owner
        self.why = ""
        self._tips = {part: part.toolTip() for part in buttons}
        self._role = session.sync.role
        session.sync.told.connect(self._joined)
        session.jobs.changed.connect(self._changed)
        self.reload()

    def reload(self) -> None:
        """Ask again; without a server everything may be written."""
        role = self._role
        if role:
            self.session.read(
                lambda connection: writable.addition(connection, self.record_type, self.owner, role),
                self._tell,
                owner=self,
            )

    def _joined(self, _status: object) -> None:
        if self._role != self.session.sync.role:
            self._role = self.session.sync.role
            self.reload()

    def _changed(self, changes: Changes, _initiator: object) -> None:
        if self.owner and concerns(changes, *self.owner):
            self.reload()

    def _tell(self, why: str) -> None:
        if why == self.why:
            return
        self.why = why
        for part, tip in self._tips.items():
            part.setEnabled(not why)
            part.setToolTip(why or tip)
        self.told.emit(why)
