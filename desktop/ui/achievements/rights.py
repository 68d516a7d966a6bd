"""知识产权 of an achievement, with the annual fees that are overdue or soon due standing out."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.models import queries
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, Chip, EmptyState, button, label, row
from desktop.ui.widgets.permit import Permit
from desktop.ui.widgets.record_list import plain_query
from desktop.ui.widgets.record_table import ROW, TONE, Index, RecordTableModel
from desktop.ui.widgets.scrolled import scrolled
from desktop.ui.widgets.table_view import RecordTable

if TYPE_CHECKING:
    import datetime as dt
    import uuid
    from collections.abc import Mapping

    from desktop.models.work import Changes
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.columns import Column
    from desktop.ui.widgets.session import Session

SOON_DAYS: Final = 90
FEE: Final = "fee_paid_to"
FEE_WIDTH: Final = 18
FEELESS: Final = frozenset({"refused", "withdrawn", "lapsed", "expired", "invalidated", "transferred"})
"""States in which nobody here owes a fee any more."""
COLUMNS: Final = ("right_no", "name", "kind", "status", FEE, "expires_on", "holder")


def fee_state(right: Mapping[str, Any], today: dt.date) -> tuple[str, Tone] | None:
    """Return how urgent the next fee of a right is; None where there is nothing to worry about."""
    paid_to = right[FEE]
    if paid_to is None or right["status"] in FEELESS:
        return None
    days = (paid_to - today).days
    if days < 0:
        return f"{paid_to} 逾期{-days}天", "danger"
    return (f"{paid_to} 剩{days}天", "warning") if days <= SOON_DAYS else None


class RightsModel(RecordTableModel):
    """The table of rights; the cell of the fee turns into a chip when it is urgent."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(session, "ip_right", parent, columns=COLUMNS)
        self.columns = tuple(_widened(shown) if shown.name == FEE else shown for shown in self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.columns[index.column()].name == FEE and role in (Qt.ItemDataRole.DisplayRole, TONE):
            right = super().data(index, ROW)
            urgent = fee_state(right, self.session.desk.today()) if right else None
            if urgent:
                return urgent[1] if role == TONE else urgent[0]
        return super().data(index, role)


def _widened(shown: Column) -> Column:
    """Return the column of the fee with room for its chip."""
    assert shown.field is not None
    return dataclasses.replace(shown, field=dataclasses.replace(shown.field, listed=FEE_WIDTH))


class RightsView(QWidget):
    """The rights that cover one achievement."""

    def __init__(self, session: Session, _record_type: str, achievement: uuid.UUID) -> None:
        super().__init__()
        self.session, self.achievement = session, achievement
        self._query = plain_query("ip_right", ("achievement", achievement))
        self.count = label("知识产权", "heading")
        self.overdue, self.soon = Chip("", "danger"), Chip("", "warning")
        add = button("添加知识产权", self._add, symbol="plus")
        self.rights = RightsModel(session, self)
        self.table = RecordTable(self.rights, name="ip_right.achievement")
        self.table.setAccessibleName("知识产权列表")
        self.table.opened.connect(lambda record_id: session.open("ip_right", record_id))
        self._card = Card()
        self._card.body.addWidget(self.table)
        self._empty = EmptyState(
            "certificate", "还没有知识产权", "添加专利、软件著作权等，年费到期会在这里提醒。", "添加知识产权"
        )
        self._empty.asked.connect(self._add)
        for chip in (self.overdue, self.soon):
            chip.hide()
        head = row(self.count, self.overdue, self.soon, None, add)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled("知识产权", head, self._card, self._empty, None))
        owner = ("achievement", achievement)
        self.permit = Permit(self, session, "ip_right", owner, (add, self._empty.button))
        self.rights.counted.connect(self._fit)
        session.jobs.changed.connect(self._refresh)
        self.rights.show(self._query)
        self.reload()

    def reload(self) -> None:
        """Count the urgent fees again; the table reads itself."""
        query = self._query
        self.session.read(lambda connection: queries.rows(connection, query), self._count, owner=self)

    def _add(self) -> None:
        self.session.create("ip_right", {"achievement": self.achievement})

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        if "ip_right" in changes.types():
            self.reload()

    def _fit(self, count: int) -> None:
        self._card.setVisible(bool(count))
        self._empty.setVisible(not count)
        self.table.setFixedHeight((count + 1) * METRICS.row + 12)

    def _count(self, rows: list[dict[str, Any]]) -> None:
        today = self.session.desk.today()
        tones = [state[1] for right in rows if (state := fee_state(right, today))]
        late, soon = tones.count("danger"), tones.count("warning")
        self.count.setText(f"知识产权 {len(rows)}" if rows else "知识产权")
        self.overdue.say(f"年费逾期 {late} 件" if late else "", "danger")
        self.soon.say(f"{SOON_DAYS} 天内到期 {soon} 件" if soon else "", "warning")
