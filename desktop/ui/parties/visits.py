"""走访 of a client as a timeline: what was heard, what was promised, what comes next."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.models import queries
from desktop.models.queries import Query
from desktop.ui import theme
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, Chip, EmptyState, button, clear, column, label, row
from desktop.ui.widgets.links import link
from desktop.ui.widgets.permit import Permit
from desktop.ui.widgets.scrolled import scrolled

if TYPE_CHECKING:
    import datetime as dt
    import uuid
    from collections.abc import Mapping

    from PySide6.QtGui import QPaintEvent

    from desktop.models.work import Changes
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session

SOON_DAYS: Final = 7
NOTES: Final = (("needs", "听到的需求"), ("shown", "介绍的成果"), ("promise", "承诺事项"))


def next_step(visit: Mapping[str, Any], today: dt.date) -> tuple[str, Tone]:
    """Return the next step of a visit in words and the tone its day deserves; empty where none is named."""
    step, on = visit["next_step"], visit["next_on"]
    if not step:
        return "", "neutral"
    if on is None:
        return f"下一步：{step}（未定日期）", "neutral"
    days = (on - today).days
    if days < 0:
        return f"下一步：{step}　{on} · 已过 {-days} 天", "danger"
    when = "今天" if days == 0 else f"还有 {days} 天"
    return f"下一步：{step}　{on} · {when}", "warning" if days <= SOON_DAYS else "info"


class Rail(QWidget):
    """The line of the timeline with the dot of one visit."""

    def __init__(self, *, first: bool, last: bool) -> None:
        super().__init__()
        self._first, self._last = first, last
        self.setFixedWidth(20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, x, y = theme.current(), self.width() / 2, 26.0
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(look.line_strong), 2))
        top, bottom = (y if self._first else 0.0), (y if self._last else float(self.height()))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        painter.setPen(QPen(QColor(look.canvas), 2))
        painter.setBrush(QColor(look.accent))
        painter.drawEllipse(QPointF(x, y), 6, 6)


class VisitCard(Card):
    """One visit."""

    def __init__(self, session: Session, visit: dict[str, Any]) -> None:
        super().__init__()
        opener = partial(session.open, "site_visit", visit["id"])
        title = link(visit["title"], opener, says=f"打开走访：{visit['title']}")
        kind = Chip(session.desk.codes["visit-kind"].label_of(visit["kind"]))
        when = label(str(visit["visited_on"]), "label")
        self.body.addLayout(row(title, kind, None, when))
        kind.setHidden(not visit["kind"])
        people = "　".join(
            f"{name}：{visit[key]}"
            for key, name in (("place", "地点"), ("visitors", "走访人"), ("hosts", "接待人"))
            if visit[key]
        )
        if people:
            self.body.addWidget(label(people, "muted", wrap=True))
        for key, name in NOTES:
            if visit[key]:
                self.body.addWidget(label(f"{name}：{visit[key]}", wrap=True))
        words, tone = next_step(visit, session.desk.today())
        self.next = Chip(words, tone)
        self.body.addWidget(self.next, 0, Qt.AlignmentFlag.AlignLeft)
        self.next.setHidden(not words)


class VisitsView(QWidget):
    """The visits to one client, the newest first."""

    def __init__(self, session: Session, _record_type: str, party: uuid.UUID) -> None:
        super().__init__()
        self.session, self.party = session, party
        self.cards: list[VisitCard] = []
        self.heading = label("走访", "heading")
        add = button("记录走访", self._add, symbol="plus")
        self._lines = column(spacing=0)
        self._empty = EmptyState(
            "visit", "还没有走访记录", "走访时听到的需求和约定的下一步记在这里。", "记录走访"
        )
        self._empty.asked.connect(self._add)
        self._empty.hide()
        area = scrolled("走访", row(self.heading, None, add), self._lines, self._empty, None)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        session.jobs.changed.connect(self._refresh)
        self.permit = Permit(self, session, "site_visit", ("party", party), (add, self._empty.button))
        self.reload()

    def reload(self) -> None:
        """Read the visits again."""
        query = Query("site_visit", where=(("party", self.party),), order="visited_on")
        self.session.read(lambda connection: queries.rows(connection, query), self._show, owner=self)

    def _add(self) -> None:
        self.session.create("site_visit", {"party": self.party, "visited_on": self.session.desk.today()})

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        if "site_visit" in changes.types():
            self.reload()

    def _show(self, rows: list[dict[str, Any]]) -> None:
        clear(self._lines)
        self.heading.setText(f"走访 {len(rows)}" if rows else "走访")
        self.cards = [VisitCard(self.session, visit) for visit in rows]
        for number, card in enumerate(self.cards):
            line = QWidget()
            held = QHBoxLayout(line)
            held.setContentsMargins(0, 0, 0, 0)
            held.setSpacing(METRICS.s)
            rail = Rail(first=number == 0, last=number == len(rows) - 1)
            apart = column(card, METRICS.m, spacing=0)
            held.addWidget(rail)
            held.addLayout(apart, 1)
            self._lines.addWidget(line)
        self._empty.setVisible(not rows)
