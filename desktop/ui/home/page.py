"""工作台: the first page of the day: next steps, drafts, deadlines, and how the year stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.services import today
from desktop.ui.home.asides import DeadlinesCard, DraftsCard, RecentCard
from desktop.ui.home.clashes import ConflictsCard
from desktop.ui.home.steps import StepsCard
from desktop.ui.home.tiles import Tiles
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import SkeletonList, Symbol, button, column, label, row
from desktop.ui.widgets.permit import Permit
from desktop.ui.widgets.scrolled import scrolled
from desktop.ui.widgets.section import Section, View, list_view

if TYPE_CHECKING:
    import datetime as dt

    from PySide6.QtGui import QShowEvent

    from desktop.models.work import Changes
    from desktop.services.today import Today
    from desktop.ui.widgets.session import Session

WEEKDAYS = "一二三四五六日"
FIRST_LIST = "achievement"
"""What 导入名录 offers first; the page lets the user choose another type."""


def build(session: Session) -> Section:
    """Return the room."""
    views = [View("今天", HomePage), list_view("task", "全部待办")]
    section = Section(session, "home", "工作台", views)
    page = section.current_view
    assert isinstance(page, HomePage)
    page.import_asked.connect(lambda: section.show_import(FIRST_LIST))
    page.steps.more_asked.connect(lambda: section.show_view(1))
    return section


def greeting(now: dt.datetime, user: str) -> str:
    """Return what one says at this hour."""
    hours = ((5, "夜深了"), (9, "早上好"), (12, "上午好"), (14, "中午好"), (18, "下午好"), (24, "晚上好"))
    return f"{next(words for hour, words in hours if now.hour < hour)}，{user}"


def date_words(day: dt.date) -> str:
    """Return a day with its weekday."""
    return f"{day.year}年{day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}"


class HomePage(QWidget):
    """Reads itself again after every write and each time it comes to the front."""

    import_asked = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.greeting, self.date = label("", "heading"), label("", "muted")
        self.year = label("", "muted")
        self.tiles, self.steps = Tiles(), StepsCard(session)
        self.drafts, self.deadlines, self.recent = DraftsCard(session), DeadlinesCard(), RecentCard(session)
        self.conflicts = ConflictsCard(session)
        self.first = FirstRun(session)
        self._stack = QStackedWidget()
        self._lay_out()
        self.drafts.dropped.connect(self.reload)
        self.first.import_asked.connect(self.import_asked)
        session.jobs.changed.connect(self._written)
        session.sync.told.connect(self._greet)
        self.reload()

    def _lay_out(self) -> None:
        left = column(self.conflicts, self.drafts, self.steps, None, spacing=METRICS.l)
        right = column(self.deadlines, self.recent, None, spacing=METRICS.l)
        columns = row(left, right, spacing=METRICS.l)
        columns.setStretch(0, 3)
        columns.setStretch(1, 2)
        head = row(self.greeting, self.date, None, self.year, spacing=METRICS.m)
        page = scrolled("工作台", head, self.tiles, columns, None, spacing=METRICS.m)
        for shown in (SkeletonList(), page, self.first):
            self._stack.addWidget(shown)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def reload(self) -> None:
        """Read the page again."""
        desk = self.session.desk
        self.session.jobs.read(lambda: today.read(desk), self._show, owner=self)

    def _written(self, _changes: Changes, _initiator: object) -> None:
        self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def _greet(self, _status: object = None) -> None:
        """Greet by name, which joining a server changes."""
        now = self.session.desk.clock().astimezone()
        self.greeting.setText(greeting(now, self.session.desk.user))

    def _show(self, read: Today) -> None:
        self._greet()
        self.date.setText(date_words(read.day))
        self.year.setText(f"{read.figures.year} 年至今")
        self.tiles.put(read.figures)
        self.steps.put(read.steps, read.steps_in_all, read.day)
        self.conflicts.put(read.conflicts)
        self.drafts.put(read.drafts)
        self.deadlines.put(read.deadlines)
        self.recent.put(read.recent)
        empty = read.is_empty and not read.drafts
        self._stack.setCurrentIndex(2 if empty else 1)


class FirstRun(QWidget):
    """What to begin with in an empty workspace."""

    import_asked = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.import_button = button("导入名录", self.import_asked.emit, look="primary", symbol="import")
        self.client_button = button("新建客户", lambda: session.create("party"), symbol="clients")
        self.permit = Permit(self, session, "party", None, (self.client_button,))
        title = label("从这里开始", "title")
        why = label(
            "把手边的成果、需求或客户名录（Excel、CSV）导入进来，或先建一个客户。\n"
            "所有内容加密保存在本机，断网也能用。",
            "muted",
        )
        why.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        inner = column(Symbol("home", "line_strong", 48), title, why, METRICS.s, spacing=METRICS.m)
        inner.addLayout(row(None, self.import_button, self.client_button, None, spacing=METRICS.m))
        for number in range(3):
            item = inner.itemAt(number)
            if item:
                item.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setLayout(column(None, inner, None, None))
