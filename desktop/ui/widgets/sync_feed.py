"""What sync says, brought from its own thread to the screens; the screens never see the thread.

The state of the line goes to the indicator and the sync centre. What a pull brought goes to every screen by
the very signal that commands use, so that no screen needs to know where a change came from.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.models.work import Changes, Touch

if TYPE_CHECKING:
    from desktop.services.server_link import ServerLink
    from desktop.sync.status import Status
    from desktop.ui.jobs import Jobs

NO_RECORD = uuid.UUID(int=0)
"""A pull tells the types it touched, not the records: no record has this id."""


def concerns(changes: Changes, record_type: str, record_id: uuid.UUID) -> bool:
    """Tell whether changes may have touched a record; what sync brought names types only."""
    ids = changes.ids(record_type)
    return record_id in ids or NO_RECORD in ids


class SyncFeed(QObject):
    """The one listener of a workspace's line to its server; without a line it says nothing."""

    told = Signal(object)
    """The Status of this moment."""
    arrived = Signal(object)
    """The record types that a pull touched."""
    wiped = Signal()
    """The server ordered this device to destroy its data, and that was done."""

    _heard = Signal(object, object)

    def __init__(self, link: ServerLink | None, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.link, self.jobs = link, jobs
        self.status: Status | None = None
        self._heard.connect(self._deliver)
        if link:
            link.told = self._heard.emit
            link.wiped = self.wiped.emit
            jobs.changed.connect(self._written)

    @property
    def joined(self) -> bool:
        """Tell whether this workspace belongs to a server."""
        return self.link is not None and self.link.joined

    @property
    def role(self) -> str:
        """What the account may do on the server; empty where none was joined."""
        held = self.link.credentials if self.link else None
        return held.role if held else ""

    def begin(self) -> None:
        """Start to sync in a worker if a server was joined."""
        if self.link:
            self.jobs.read(self.link.begin, self._begun, owner=self)

    def _begun(self, status: Status) -> None:
        if self.joined:
            self.refresh()  # sync may have told more by now than when this was read
        else:
            self._say(status)

    def now(self) -> None:
        """Sync at once."""
        if self.link:
            self.link.sync_now()

    def hold(self, *, on: bool) -> None:
        """Keep off the network, or go back to it."""
        if self.link:
            self.link.hold(on=on)

    def poke(self) -> None:
        """Say that there is something new to send."""
        if self.link:
            self.link.poke()
            self.refresh()

    def refresh(self) -> None:
        """Ask for the state again, after something was decided or given up here."""
        if self.link:
            self.jobs.read(self.link.status, self._say, owner=self)

    def _written(self, _changes: Any, initiator: object) -> None:
        if initiator is not self:
            self.poke()

    def _deliver(self, status: Status, touched: frozenset[str]) -> None:
        self._say(status)
        if touched:
            changes = Changes(
                uuid.uuid4(), "同步", tuple(Touch(kind, NO_RECORD, "changed") for kind in sorted(touched))
            )
            self.arrived.emit(touched)
            self.jobs.changed.emit(changes, self)

    def _say(self, status: Status) -> None:
        self.status = status
        self.told.emit(status)
