"""The story of one record: who changed what, when, from which value to which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.models import history, queries
from desktop.models.work import DELETED
from desktop.ui.theme import METRICS
from desktop.ui.widgets import formats
from desktop.ui.widgets.basics import Card, EmptyState, clear, label, row
from desktop.ui.widgets.sync_feed import concerns
from domain.fields import RECORD_TYPES
from domain.wire import FROM_WIRE

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from desktop.models.history import Entry
    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session
    from domain.fields import Field

LONGEST: Final = 60
SERVER: Final = "服务器"
"""Who is said to have made a change that is no person's, such as one that was not taken."""


class HistoryView(QWidget):
    """Entries of the change log that touched one record, the newest first."""

    def __init__(self, session: Session, record_type: str, record_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.known, self.record_id = session, RECORD_TYPES[record_type], record_id
        inside = QWidget()
        inside.setObjectName("canvas")
        self._lines = QVBoxLayout(inside)
        self._lines.setContentsMargins(METRICS.xl, METRICS.l, METRICS.xl, METRICS.xl)
        self._lines.setSpacing(METRICS.m)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setAccessibleName("修改历史")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        session.jobs.changed.connect(self._refresh)
        self.reload()

    def reload(self) -> None:
        """Read the history again."""
        self.session.read(self._read, self._show, owner=self)

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        if concerns(changes, self.known.name, self.record_id):
            self.reload()

    def _read(self, connection: Any) -> tuple[list[Entry], dict[uuid.UUID, str]]:
        entries = history.of_record(connection, self.record_id)
        titles: dict[uuid.UUID, str] = {}
        for field in self.known.fields:
            if field.kind == "ref":
                bodies = [body for entry in entries for body in (entry.before, entry.after) if body]
                ids = {FROM_WIRE["ref"](body[field.name]) for body in bodies if body.get(field.name)}
                titles.update(queries.titles(connection, field.to, ids))
        return entries, titles

    def _show(self, read: tuple[list[Entry], dict[uuid.UUID, str]]) -> None:
        clear(self._lines)
        entries, titles = read
        if not entries:
            self._lines.addWidget(EmptyState("history", "还没有历史", "保存之后，每次修改都会记在这里。"))
        for entry in entries:
            self._lines.addWidget(self._card(entry, titles))
        self._lines.addStretch(1)

    def _card(self, entry: Entry, titles: Mapping[uuid.UUID, str]) -> QWidget:
        now = self.session.desk.clock().astimezone()
        card = Card()
        who = label(f"{entry.user or SERVER} · {formats.moment(entry.at, now)}", "muted")
        who.setToolTip(f"{entry.at.astimezone(now.tzinfo):%Y-%m-%d %H:%M:%S} · 设备 {entry.device}")
        head = row(label(entry.label, "heading", wrap=True), who)
        head.setStretch(0, 1)
        card.body.addLayout(head)
        grid = QGridLayout()
        grid.setHorizontalSpacing(METRICS.l)
        grid.setVerticalSpacing(METRICS.xs)
        grid.setColumnMinimumWidth(0, 112)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        for number, field in enumerate(changed_fields(entry, self.known.fields)):
            grid.addWidget(label(field.label, "label"), number, 0)
            after = self._words(field, (entry.after or {}).get(field.name), titles)
            now_there = label(after, selectable=True, wrap=True)
            if entry.before is None:
                grid.addWidget(now_there, number, 1, 1, 3)
                continue
            before = self._words(field, entry.before.get(field.name), titles)
            grid.addWidget(label(before, "muted", wrap=True), number, 1)
            grid.addWidget(label("→", "muted"), number, 2)
            grid.addWidget(now_there, number, 3)
        if grid.count():
            card.body.addLayout(grid)
        return card

    def _words(self, field: Field, wire: Any, titles: Mapping[uuid.UUID, str]) -> str:
        if wire is None:
            return "（空）"
        value = FROM_WIRE[field.kind](wire)
        if field.kind == "ref":
            return titles.get(value, str(value))
        if field.kind == "flag":
            return "是" if value else "否"
        exact = formats.full(field, value, self.session.desk.codes) or str(value)
        shown = " ".join(exact.split())
        return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def changed_fields(entry: Entry, fields: tuple[Field, ...]) -> list[Field]:
    """Return the fields an entry changed; for a new record those it filled in, for a deletion none."""
    before, after = entry.before or {}, entry.after or {}
    if DELETED in after:
        return []
    return [field for field in fields if before.get(field.name) != after.get(field.name)]
