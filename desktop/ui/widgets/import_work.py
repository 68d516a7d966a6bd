"""What an import does off the UI thread: it looks through a file, and tells how far it is."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.services.exchange import importing
from desktop.ui.jobs import Cancelled
from desktop.ui.widgets.import_mapping import samples
from domain.fields import RECORD_TYPES
from domain.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from desktop.services.desk import Desk
    from desktop.services.exchange.importing import ImportPlan, ImportReport
    from desktop.services.exchange.layout import Layout
    from desktop.ui.jobs import Job
    from desktop.ui.widgets.session import Session


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was understood; without a plan the problems say what is missing."""

    layout: Layout
    samples: Mapping[int, str]
    plan: ImportPlan | None
    problems: tuple[str, ...] = ()


def read(desk: Desk, path: Path, record_type: str, mapping: Mapping[str, str] | None, job: Job) -> Reading:
    """Look through a file, as far as it can be understood.

    Raises:
        Refusal: the file cannot be read at all.
    """
    layout = importing.inspect(desk, path, record_type, mapping)
    try:
        plan = importing.plan(desk, path, record_type, mapping, progress=job.step)
    except Refusal as refusal:
        return Reading(layout, samples(layout), None, tuple(refusal.messages()))
    return Reading(layout, samples(layout), plan)


class Run(QObject):
    """One import under way: tells how far it is, takes the wish to stop, and says how it ended.

    It belongs to the session and not to the page that began it: an import goes on when its page is left.
    """

    stepped = Signal(int, int)
    finished = Signal(object)
    """The ImportReport."""
    failed = Signal(object)
    """The Refusal."""

    def __init__(self, session: Session, record_type: str) -> None:
        super().__init__(session)
        self.session, self.label = session, RECORD_TYPES[record_type].label
        self.watched = True
        self._stopped = threading.Event()
        self._report: ImportReport | None = None

    def start(self, apply: Callable[[Callable[[int, int], None]], ImportReport], initiator: object) -> None:
        """Give ``apply`` to the writer; it is called with what it must tell its progress to."""

        def work() -> Any:
            self._report = apply(self._step)
            return self._report.changes

        self.session.jobs.write(work, self._done, self._refused, owner=self, initiator=initiator)

    def stop(self) -> None:
        """End without a word; what was written so far is taken back."""
        self._stopped.set()
        self.deleteLater()

    def let_go(self) -> None:
        """Nobody looks any more: say the end in a toast."""
        self.watched = False

    def _step(self, done: int, total: int) -> None:
        if self._stopped.is_set():
            raise Cancelled
        self.stepped.emit(done, total)

    def _done(self, _changes: object) -> None:
        report = self._report
        assert report
        self.finished.emit(report)
        if not self.watched:
            sent_back = f"，退回 {report.rejected:,} 行" if report.rejected else ""
            words = f"导入完成：{self.label} {report.imported:,} 条{sent_back}"
            self.session.say(words, undo=bool(report.imported))
        self.deleteLater()

    def _refused(self, refusal: Refusal) -> None:
        self.failed.emit(refusal)
        if not self.watched:
            self.session.jobs.refused.emit(refusal)
        self.deleteLater()
