"""交易 of a client, as seller and as buyer, with the three amounts summed each for itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.models import queries
from desktop.ui.theme import METRICS
from desktop.ui.widgets import formats
from desktop.ui.widgets.basics import column, label, row
from desktop.ui.widgets.record_list import plain_query
from desktop.ui.widgets.related_view import RelatedList
from desktop.ui.widgets.scrolled import scrolled
from domain import amounts
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping

    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session

DEAL: Final = RECORD_TYPES["deal"]
SIDES: Final = ("seller", "buyer")
AMOUNTS: Final = ("deal_amount", "technical_amount", "paid_amount")


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of one amount over some deals, and how many of them do not state it."""

    label: str
    sum: Decimal
    unstated: int


def totals(deals: Iterable[Mapping[str, Any]]) -> tuple[Total, ...]:
    """Return the sums of the three amounts; they are different facts and never added to one another."""
    held = list(deals)
    return tuple(
        Total(
            f"{DEAL[name].label}合计",
            sum((deal[name] for deal in held if deal[name] is not None), Decimal(0)),
            sum(deal[name] is None for deal in held),
        )
        for name in AMOUNTS
    )


class TotalsStrip(QWidget):
    """Three labelled sums side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.names = [label("", "small") for _ in AMOUNTS]
        self.figures = [label("", "heading", selectable=True) for _ in AMOUNTS]
        self.notes = [label("", "small") for _ in AMOUNTS]
        cells = [column(*cell, spacing=2) for cell in zip(self.names, self.figures, self.notes, strict=True)]
        held = row(*cells, spacing=METRICS.xl)
        for number in range(len(cells)):
            held.setStretch(number, 1)
        self.setLayout(held)

    def show_totals(self, found: tuple[Total, ...]) -> None:
        """Show the sums, exact when hovered."""
        for number, total in enumerate(found):
            self.names[number].setText(total.label)
            self.figures[number].setText(formats.amount(total.sum))
            self.figures[number].setToolTip(amounts.display(total.sum))
            self.notes[number].setText(f"{total.unstated} 笔未填" if total.unstated else "")


class TradesView(QWidget):
    """The deals of one client on either side of the table."""

    def __init__(self, session: Session, _record_type: str, party: uuid.UUID) -> None:
        super().__init__()
        self.session, self.party = session, party
        self.lists = {side: RelatedList(session, "deal", DEAL[side], party) for side in SIDES}
        self.strips = {side: TotalsStrip() for side in SIDES}
        for side, listed in self.lists.items():
            listed.body.insertWidget(0, self.strips[side])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled("交易", *self.lists.values(), None))
        session.jobs.changed.connect(self._refresh)
        self.reload()

    def reload(self) -> None:
        """Read the sums again; the lists read themselves."""

        def read(connection: Any) -> dict[str, tuple[int, tuple[Total, ...]]]:
            queried = {side: plain_query("deal", (side, self.party)) for side in SIDES}
            held = {side: queries.rows(connection, query) for side, query in queried.items()}
            return {side: (len(rows), totals(rows)) for side, rows in held.items()}

        self.session.read(read, self._show, owner=self)

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        if "deal" in changes.types():
            self.reload()

    def _show(self, found: dict[str, tuple[int, tuple[Total, ...]]]) -> None:
        for side, (number, sums) in found.items():
            self.strips[side].setVisible(number > 0)
            self.strips[side].show_totals(sums)
