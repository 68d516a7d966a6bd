"""Making the papers of a class: how many are left, how far the work is, pause and go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar

from desktop.services import certificate_papers
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Busy, button, label, row

if TYPE_CHECKING:
    import uuid

    from desktop.ui.jobs import Job
    from desktop.ui.widgets.session import Session

WORK: Final = "制作证书文件"


class MakingBar(QFrame):
    """A line that is there as long as papers are to be made; what is made stays made, whatever happens."""

    made = Signal()
    """Some papers were made, or all, or the user paused."""
    refused = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._left: list[uuid.UUID] = []
        self._job: Job | None = None
        self.working = False
        self.setProperty("look", "bar")
        self.setProperty("tone", "info")
        self.words = label("")
        self.busy = Busy()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("制作进度")
        self.go = button("继续制作", self.start)
        self.pause_button = button("暂停", self.pause)
        held = row(self.busy, self.words, self.progress, self.go, self.pause_button)
        held.setContentsMargins(METRICS.m, METRICS.xs, METRICS.s, METRICS.xs)
        held.setStretch(1, 1)
        held.setStretch(2, 2)
        self.setLayout(held)
        session.jobs.progressed.connect(self._tell)
        self.hide()

    def put(self, ids: list[uuid.UUID]) -> None:
        """Take the certificates whose papers are still to be made."""
        self._left = list(ids)
        self._show()

    def start(self) -> None:
        """Make the papers in a worker."""
        if not self._left or self.working:
            return
        desk, ids = self.session.desk, self._left

        def work(job: Job) -> None:
            self._job = job
            certificate_papers.make(desk, ids, job.step)

        self.working = True
        self._show()
        self.session.jobs.long(WORK, work, refused=self.refused.emit, owner=self)

    def pause(self) -> None:
        """Stop after the paper that is being drawn."""
        if self._job:
            self._job.cancel()
            self.pause_button.setEnabled(False)

    def _tell(self, work: str, done: int, total: int) -> None:
        if work != WORK or not self.working:
            return
        if total:
            self.progress.setRange(0, total)
            self.progress.setValue(done)
            self.words.setText(f"正在制作证书文件 {done}/{total}")
        else:  # the end, however it came
            self._job, self.working = None, False
            self.made.emit()

    def _show(self) -> None:
        count, working = len(self._left), self.working
        self.setVisible(bool(count) or working)
        self.busy.run(on=working)
        self.progress.setVisible(working)
        self.pause_button.setVisible(working)
        self.pause_button.setEnabled(working)
        self.go.setVisible(not working)
        if not working:
            self.words.setText(f"还有 {count} 份待制作；已做好的都已保存。")
        else:
            self.progress.setRange(0, count)
            self.progress.setValue(0)
            self.words.setText(f"正在制作证书文件 0/{count}")
