"""First tab: one line that says how sync stands, then what leaves, what came back, and the last runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from desktop.services import syncing
from desktop.services.server_link import ROLES
from desktop.ui.sync.leaving import LeavingCard
from desktop.ui.sync.returned import ReturnedCard
from desktop.ui.sync.runs import RunsCard
from desktop.ui.theme import METRICS
from desktop.ui.widgets import formats, sync_words
from desktop.ui.widgets.basics import Card, Chip, EmptyState, button, column, label, row
from desktop.ui.widgets.scrolled import scrolled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QShowEvent

    from desktop.models.sync_state import Run
    from desktop.models.work import Changes
    from desktop.services.syncing import Centre
    from desktop.sync.status import Status
    from desktop.ui.widgets.session import Session

WHY_JOIN = (
    "现在全部数据只在这台电脑上，所有功能照常可用。接入机构的服务器后，几台电脑和同事之间自动同步；"
    "断网时照常工作，联网后补传，谁的修改都不会丢。"
)


class StatePage(QWidget):
    """Reads itself again when the state of the line or the store changes, while it is looked at."""

    join_asked = Signal()
    conflicts_asked = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.head = StateCard(session)
        self.leaving, self.returned, self.runs = (
            LeavingCard(session),
            ReturnedCard(session),
            RunsCard(session),
        )
        self.empty = EmptyState("sync", "本机未接入服务器", WHY_JOIN, "用邀请文件接入")
        self.empty.asked.connect(self.join_asked)
        self.head.conflicts.clicked.connect(self.conflicts_asked)
        self.head.mend.clicked.connect(self.join_asked)
        self.returned.settled.connect(self.reload)
        page = scrolled(
            "同步状态", self.head, self.returned, self.leaving, self.runs, None, spacing=METRICS.m
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        session.sync.told.connect(self._told)
        session.jobs.changed.connect(self._changed)
        self._told(session.sync.status)

    def reload(self) -> None:
        """Read what leaves and what came back."""
        desk = self.session.desk
        self.session.jobs.read(lambda: syncing.centre(desk), self._show, owner=self)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._told(self.session.sync.status)
        self.reload()

    def _changed(self, _changes: Changes, _initiator: object) -> None:
        if self.isVisible():
            self.reload()

    def _told(self, status: Status | None) -> None:
        off = status is None or status.phase == "off"
        self._stack.setCurrentIndex(0 if off else 1)
        if off or status is None:
            return
        moved = self.head.status is None or self.head.status.counts != status.counts
        self.head.put(status)
        if self.isVisible() and (moved or status.phase != "syncing"):
            self.reload()

    def _show(self, read: Centre) -> None:
        self.head.put_last(read.runs)
        self.leaving.put(read)
        self.returned.put(read.returned)
        self.runs.put(read.runs)


class StateCard(Card):
    """The indicator in full, with what can be done about it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.status: Status | None = None
        self.words, self.why = label("", "title"), label("", "muted", wrap=True)
        self.notices = label("", "warning", wrap=True)
        self.who, self.last = label("", "muted"), label("", "muted")
        self.live = Chip()
        self.live.setToolTip("服务器有新内容时马上收到；否则每隔几分钟看一次")
        self.now = button("立即同步", session.sync.now, look="primary", symbol="sync")
        self.now.setToolTip("立即同步（F5）")
        self.conflicts = button("查看冲突")
        self.mend = button("重新登录")
        self.held = QCheckBox("强制离线")
        self.held.setToolTip("不使用网络，例如在流量受限的现场；修改照常保存在本机")
        self.held.toggled.connect(self._hold)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("同步进度")
        head = row(
            self.words, self.live, None, self.held, self.conflicts, self.mend, self.now, spacing=METRICS.m
        )
        about = row(self.who, None, self.last, spacing=METRICS.m)
        self.body.addLayout(column(head, self.why, self.notices, self.progress, about, spacing=METRICS.s))

    def _hold(self, on: bool) -> None:  # noqa: FBT001 - the shape of a slot
        self.session.sync.hold(on=on)

    def put_last(self, runs: Sequence[Run]) -> None:
        """Say when something went over the line last, whatever the state is now."""
        now = self.session.desk.clock().astimezone()
        self.last.setText(f"上次传输 {formats.moment(runs[0].at, now)}" if runs else "")

    def put(self, status: Status) -> None:
        """Show a state."""
        self.status = status
        told = sync_words.told(status, self.session.desk.clock().astimezone())
        self.words.setText(told.words)
        self.why.setText(told.why)
        news = [notice.text for notice in status.notices if notice.text and notice.code != status.trouble]
        self.notices.setText("\n".join(news))
        self.notices.setVisible(bool(self.notices.text()))
        self.live.say("实时" if status.live else "", "success")
        self.conflicts.setVisible(bool(status.counts.conflicts))
        self.mend.setVisible(status.trouble == "signed-out")
        self.now.setEnabled(status.phase not in ("syncing", "held"))
        self.held.blockSignals(True)
        self.held.setChecked(status.phase == "held")
        self.held.blockSignals(False)
        progress = status.progress
        self.progress.setVisible(progress is not None)
        if progress:
            self.progress.setRange(0, progress.rows_total)
            self.progress.setValue(min(progress.rows, progress.rows_total))
        link = self.session.sync.link
        held = link.credentials if link else None
        if held:
            self.who.setText(
                f"{held.organisation_name} · {held.name}（{ROLES.get(held.role, held.role)}） · {held.server}"
            )
        self.who.setVisible(held is not None)
