"""Second tab: every conflict that waits, and the latest decisions, which can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.services import conflicts
from desktop.ui.theme import METRICS
from desktop.ui.widgets import formats
from desktop.ui.widgets.basics import Card, EmptyState, label
from desktop.ui.widgets.scrolled import scrolled
from desktop.ui.widgets.text_table import TextTable
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from desktop.models.work import Changes
    from desktop.services.conflicts import Entry
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session

HEADINGS: Final = ("记录", "类型", "内容", "谁与谁", "时间", "状态")
WIDTHS: Final = (0, 88, 0, 170, 110, 130)
HIGH: Final = 13
NONE: Final = (
    "两个人在互相看不到的时候改了同一处要紧内容（金额、期限、状态等），才会有冲突；"
    "其他内容自动合并。冲突的两个版本都保留，等人选择。"
)


class RegisterPage(QWidget):
    """A double click opens a conflict: to decide it, or to take its decision back."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.entries: list[Entry] = []
        self.table = TextTable("冲突登记", HEADINGS, WIDTHS)
        self.table.opened.connect(self._open)
        about = label(f"双击或按回车打开处理；已处理的 {conflicts.UNDO_DAYS} 天内可以打开撤回。", "muted")
        self._stack = QStackedWidget()
        self._stack.addWidget(EmptyState("check", "没有冲突", NONE))
        card = Card()
        card.body.addWidget(about)
        card.body.addWidget(self.table)
        self._stack.addWidget(scrolled("冲突登记", card, None, spacing=METRICS.m))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        session.jobs.changed.connect(self._changed)
        self.reload()

    def reload(self) -> None:
        """Read the register again."""
        desk = self.session.desk
        self.session.jobs.read(lambda: conflicts.register(desk), self._show, owner=self)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def _changed(self, changes: Changes, _initiator: object) -> None:
        if conflicts.CONFLICT in changes.types():
            self.reload()

    def _show(self, entries: list[Entry]) -> None:
        self.entries = entries
        now = self.session.desk.clock().astimezone()
        tones: dict[tuple[int, int], Tone] = {
            (number, 5): "warning" if entry.is_open else "success" for number, entry in enumerate(entries)
        }
        self.table.words.put(
            [
                (
                    entry.title,
                    RECORD_TYPES[entry.record_type].label if entry.record_type in RECORD_TYPES else "",
                    entry.fields,
                    " 与 ".join(filter(None, (entry.mine.who, entry.theirs.who))),
                    formats.moment(entry.mine.at, now),
                    "▲ 待处理" if entry.is_open else f"{entry.decided_by}已处理",
                )
                for entry in entries
            ],
            tones,
        )
        self.table.fit(most=HIGH)
        self._stack.setCurrentIndex(1 if entries else 0)

    def _open(self, number: int) -> None:
        self.session.open(conflicts.CONFLICT, self.entries[number].conflict_id)
