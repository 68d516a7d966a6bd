"""My next steps: what is overdue, for today and later; one click ticks a task off."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from desktop.models.work import new_id
from desktop.services import records, today
from desktop.ui.home.lines import Tick, Words
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, button, clear, column, icon, label, row
from desktop.ui.widgets.permit import Permit
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from desktop.services.today import Step, When
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session

HEADINGS: Final[tuple[tuple[When, str, Tone], ...]] = (
    ("overdue", "已逾期", "danger"),
    ("today", "今天", "accent"),
    ("later", "以后", "neutral"),
    ("undated", "未定日期", "neutral"),
)


def due_words(due: dt.date | None, day: dt.date) -> str:
    """Return a due day as short as it is clear."""
    if due is None:
        return ""
    days = (due - day).days
    near = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}
    if days in near:
        return near[days]
    if days < 0:
        return f"逾期 {-days} 天"
    words = f"{due.month}月{due.day}日" if due.year == day.year else due.isoformat()
    return f"{words}（{days} 天后）" if days <= 30 else words


class StepsCard(Card):
    """Open tasks under their headings, and a line to add one."""

    more_asked = Signal()
    """The user wants the whole list."""

    def __init__(self, session: Session) -> None:
        more = button("全部待办", look="link")
        super().__init__("下一步", aside=more)
        self.more = more
        more.clicked.connect(self.more_asked)
        self.session = session
        self.ticks: dict[str, Tick] = {}
        self._lines = column(spacing=2)
        self.add = QLineEdit()
        self.add.setPlaceholderText("添加待办，回车保存")
        self.add.setAccessibleName("添加待办")
        self.add.setProperty("look", "search")
        self.add.addAction(icon("plus", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.add.returnPressed.connect(self._save)
        self.permit = Permit(self, session, "task", None, (self.add,))
        self.body.addLayout(self._lines)
        self.body.addWidget(self.add)

    def put(self, steps: Sequence[Step], in_all: int, day: dt.date) -> None:
        """Show the open tasks."""
        clear(self._lines)
        self.ticks = {}
        for when, heading, tone in HEADINGS:
            mine = [step for step in steps if step.when == when]
            if mine:
                self._lines.addWidget(_heading(f"{heading} {len(mine)}", tone))
                for step in mine:
                    self._lines.addWidget(self._line(step, day))
        if not steps:
            self._lines.addWidget(label("没有待办。写下下一步，就不会忘。", "muted"))
        self.more.setText(f"全部待办 {in_all}" if in_all else "全部待办")

    def _line(self, step: Step, day: dt.date) -> QWidget:
        tick = Tick(step.title, partial(self._finish, step))
        tick.setEnabled(not self.permit.why)
        self.ticks[step.title] = tick
        title = Words(step.title, partial(self.session.open, "task", step.task_id))
        items: list[Any] = [tick, title]
        if step.owner:
            kind, key, words = step.owner
            owner = Words(words, partial(self.session.open, kind, key), quiet=True)
            owner.setAccessibleName(f"打开{RECORD_TYPES[kind].label}：{words}")
            items += [label("·", "muted"), owner]
        due = label(due_words(step.due_on, day), "problem" if step.when == "overdue" else "muted")
        due.setToolTip(step.due_on.isoformat() if step.due_on else "")
        items += [None, *([label(step.assignee, "muted")] if step.assignee else []), due]
        line = QWidget()
        held = row(*items, spacing=METRICS.s)
        held.setContentsMargins(0, 2, 0, 2)
        line.setLayout(held)
        return line

    def _finish(self, step: Step) -> None:
        self.session.do(
            lambda desk: today.finish(desk, task_id=step.task_id),
            lambda _: self.session.say(f"已完成“{step.title}”", undo=True),
            owner=self,
        )

    def _save(self) -> None:
        title = self.add.text().strip()
        if not title:
            return
        values = {"title": title, "assignee": self.session.desk.user}
        self.session.do(
            lambda desk: records.save(desk, record_type="task", record_id=new_id(), values=values),
            lambda _: self.add.clear(),
            owner=self,
        )


def _heading(words: str, tone: Tone) -> QLabel:
    made = label(words, "problem" if tone == "danger" else "label")
    made.setContentsMargins(0, METRICS.s, 0, 0)
    return made
