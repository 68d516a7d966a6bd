"""What every screen holds: the desk, the job runner, and the few things a screen may ask of its window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QSettings, Signal

from desktop.models import history
from desktop.services import records
from desktop.ui.widgets.sync_feed import SyncFeed

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Mapping

    from desktop.models.history import Command
    from desktop.models.work import Changes
    from desktop.services.desk import Desk
    from desktop.services.server_link import ServerLink
    from desktop.ui.jobs import Job, Jobs
    from domain.problems import Refusal

CONFLICT: Final = "conflict"


class Session(QObject):
    """One open workspace as the screens see it.

    Screens never know the window: they emit, and whoever shows them listens.
    """

    opened = Signal(str, object)
    """(record type, id): show this record."""
    decision_asked = Signal(object)
    """(id): show this conflict, so that somebody decides it."""
    placed = Signal(str)
    """(key): go to this place of the rail."""
    created = Signal(str, object)
    """(record type, values): show an empty form with these values filled in."""
    said = Signal(str, str, bool)
    """(sentence, tone, whether to offer 撤销): show a toast."""

    def __init__(
        self,
        desk: Desk,
        jobs: Jobs,
        kept: QSettings,
        parent: QObject | None = None,
        *,
        link: ServerLink | None = None,
    ) -> None:
        super().__init__(parent)
        self.desk, self.jobs, self.kept = desk, jobs, kept
        self.sync = SyncFeed(link, jobs, self)

    def read(
        self,
        query: Callable[[Any], Any],
        done: Callable[[Any], None],
        *,
        owner: QObject | None = None,
    ) -> Job:
        """Run ``query(connection)`` in a worker and hand what it returns to ``done`` on the UI thread."""

        def work() -> Any:
            with self.desk.store.read() as connection:
                return query(connection)

        return self.jobs.read(work, done, owner=owner)

    def do(
        self,
        command: Callable[[Desk], Changes],
        done: Callable[[Changes], None] | None = None,
        refused: Callable[[Refusal], None] | None = None,
        *,
        owner: QObject | None = None,
        initiator: object = None,
    ) -> Job:
        """Run a command of the services after those given before it; every screen hears of its changes."""
        return self.jobs.write(lambda: command(self.desk), done, refused, owner=owner, initiator=initiator)

    def open(self, record_type: str, record_id: uuid.UUID) -> None:
        """Ask for a record's page; a conflict is no page but a question."""
        if record_type == CONFLICT:
            self.decision_asked.emit(record_id)
        else:
            self.opened.emit(record_type, record_id)

    def create(self, record_type: str, values: Mapping[str, Any] | None = None) -> None:
        """Ask for an empty form."""
        self.created.emit(record_type, dict(values or {}))

    def say(self, text: str, tone: str = "success", *, undo: bool = False) -> None:
        """Show a short message that goes by itself."""
        self.said.emit(text, tone, undo)

    def remove(self, record_type: str, ids: list[uuid.UUID], done: Callable[[], None] | None = None) -> None:
        """Move records to the recycle bin and offer to undo it."""

        def removed(changes: Changes) -> None:
            self.say(f"已{changes.label}", undo=True)
            if done:
                done()

        self.do(lambda desk: records.remove(desk, record_type=record_type, ids=ids), removed, owner=self)

    def restore(self, record_type: str, ids: list[uuid.UUID]) -> None:
        """Take records out of the recycle bin and offer to undo it."""
        self.do(
            lambda desk: records.restore(desk, record_type=record_type, ids=ids),
            lambda changes: self.say(f"已{changes.label}", undo=True),
            owner=self,
        )

    def undo(self) -> None:
        """Take back the user's newest command."""
        self.do(records.undo, lambda changes: self.say(f"已{changes.label}"), owner=self)

    def redo(self) -> None:
        """Give again the command that was undone last."""
        self.do(records.redo, lambda changes: self.say(f"已{changes.label}"), owner=self)

    def read_steps(self, done: Callable[[tuple[Command | None, Command | None]], None]) -> None:
        """Read what can be undone and what can be redone, for the words of the buttons."""
        who, device = self.desk.user, self.desk.device
        self.read(
            lambda c: (history.undoable(c, who, device), history.redoable(c, who, device)), done, owner=self
        )
