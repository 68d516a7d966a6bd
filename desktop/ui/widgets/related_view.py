"""What belongs to a record and what points at it: small lists with a button to add."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from desktop.models import queries
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, EmptyState, button, label
from desktop.ui.widgets.permit import Permit
from desktop.ui.widgets.record_list import plain_query
from desktop.ui.widgets.record_table import RecordTableModel
from desktop.ui.widgets.table_view import RecordTable
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid

    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session
    from domain.fields import Field

ROWS_SHOWN: Final = 8
PARTS: Final = "parts"


def pointing_at(record_type: str) -> list[tuple[str, Field]]:
    """Return the fields of all types that refer to this one, parts first."""
    found = [
        (other.name, field)
        for other in RECORD_TYPES.values()
        for field in other.fields
        if field.kind == "ref" and field.to == record_type
    ]
    return sorted(found, key=lambda pair: RECORD_TYPES[pair[0]].group != PARTS)


class RelatedList(Card):
    """The records of one type that point here through one field."""

    def __init__(self, session: Session, record_type: str, field: Field, here: uuid.UUID) -> None:
        known = RECORD_TYPES[record_type]
        add = button(
            f"添加{known.label}", partial(session.create, record_type, {field.name: here}), look="link"
        )
        super().__init__(
            f"{known.label}（{field.label}）" if known.group != PARTS else known.label, aside=add
        )
        columns = [f.name for f in known.fields if f.listed and f.name != field.name]
        self.records = RecordTableModel(session, record_type, self, columns=columns)
        self.table = RecordTable(self.records, name=f"{record_type}.{field.name}")
        self.table.setAccessibleName(f"{known.label}列表")
        self.table.opened.connect(partial(session.open, record_type))
        self.none = label(f"还没有{known.label}。", "muted")
        self.body.addWidget(self.table)
        self.body.addWidget(self.none)
        self.records.counted.connect(self._fit)
        self.records.show(plain_query(record_type, (field.name, here)))
        self._fit(0)
        self.permit = Permit(self, session, record_type, (field.to, here), (add,))

    def _fit(self, count: int) -> None:
        self.none.setVisible(not count)
        self.table.setVisible(bool(count))
        bar = Qt.ScrollBarPolicy
        self.table.setVerticalScrollBarPolicy(
            bar.ScrollBarAsNeeded if count > ROWS_SHOWN else bar.ScrollBarAlwaysOff
        )
        self.table.setFixedHeight((min(count, ROWS_SHOWN) + 1) * METRICS.row + METRICS.xs)


class RelatedView(QWidget):
    """Every list of records that belong here: parts always, others where there are any."""

    def __init__(self, session: Session, record_type: str, record_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.record_type, self.record_id = session, record_type, record_id
        self._lists: dict[tuple[str, str], RelatedList] = {}
        self._inside = QWidget()
        self._inside.setObjectName("canvas")
        self._lines = QVBoxLayout(self._inside)
        self._lines.setContentsMargins(METRICS.xl, METRICS.l, METRICS.xl, METRICS.xl)
        self._lines.setSpacing(METRICS.l)
        self._none = EmptyState("link", "还没有关联的记录", "引用这条记录的内容会自动列在这里。")
        self._lines.addWidget(self._none)
        self._lines.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self._inside)
        area.setAccessibleName("关联记录")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        session.jobs.changed.connect(self._refresh)
        self.reload()

    def reload(self) -> None:
        """Count again what points here and show the lists that are not empty."""

        def read(connection: Any) -> dict[tuple[str, str], int]:
            return queries.referring(connection, self.record_type, self.record_id)

        self.session.read(read, self._show, owner=self)

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        if changes.types() & {name for name, _ in pointing_at(self.record_type)}:
            self.reload()

    def _show(self, counts: dict[tuple[str, str], int]) -> None:
        for name, field in pointing_at(self.record_type):
            wanted = RECORD_TYPES[name].group == PARTS or counts.get((name, field.name))
            if wanted and (name, field.name) not in self._lists and name != "attachment":
                made = RelatedList(self.session, name, field, self.record_id)
                self._lists[name, field.name] = made
                self._lines.insertWidget(self._lines.count() - 1, made)
        self._none.setVisible(not self._lists)
