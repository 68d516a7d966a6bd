"""The cards of the board: read in one go, held by a model a column, painted without a widget each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from desktop.models import queries
from desktop.models.queries import Query
from desktop.ui.widgets import formats, sync_marks

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from desktop.models.outgoing.marks import Mark
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session

AT_MOST: Final = 5_000
"""The board shows the newest deals; beyond this the list is the better view."""
NAMES_AT_ONCE: Final = 900
MIME: Final = "application/x-transfer-desk-deals"
SOON_DAYS: Final = 30
SETTLED: Final = frozenset({"archiving", "terminated"})
CARD: Final = int(Qt.ItemDataRole.UserRole)
ROOT: Final = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class BoardCard:
    """What a card shows of a deal; ``due`` is the end of its contract."""

    id: uuid.UUID
    title: str
    stage: str
    seller: str
    buyer: str
    amount: Decimal | None
    due: dt.date | None
    mark: Mark | None = None

    @property
    def sides(self) -> tuple[str, str]:
        """Seller and buyer, or that they are open."""
        return self.seller or "卖方未定", self.buyer or "买方未定"

    @property
    def parties(self) -> str:
        """Who with whom."""
        return " → ".join(self.sides)

    @property
    def price(self) -> str:
        """成交额 as people say it."""
        return formats.amount(self.amount) if self.amount is not None else "金额未定"

    def due_words(self, today: dt.date) -> tuple[str, Tone]:
        """Return when the contract ends, and how urgent that is while the deal is on its way."""
        if self.due is None:
            return "", "neutral"
        days = (self.due - today).days
        if self.stage in SETTLED:
            return f"{self.due} 止", "neutral"
        if days < 0:
            return f"逾期 {-days} 天", "danger"
        if days <= SOON_DAYS:
            return f"剩 {days} 天" if days else "今天到期", "warning"
        return f"{self.due} 止", "neutral"

    def said(self, today: dt.date) -> str:
        """Return the card as a sentence."""
        due = self.due_words(today)[0]
        more = (due, sync_marks.WORDS[self.mark] if self.mark else "")
        return "，".join([self.title, self.parties, f"成交额 {self.price}", *filter(None, more)])


def read_cards(
    session: Session, connection: Any, words: str = "", ids: Sequence[uuid.UUID] | None = None
) -> tuple[list[BoardCard], int]:
    """Return the newest deals as cards and how many there are; with ``ids`` only those."""
    where: tuple[tuple[str, Any], ...] = () if ids is None else (("id", tuple(ids)),)
    query = Query("deal", words=words, where=where)
    rows = queries.rows(connection, query, limit=AT_MOST)
    parties = list({row[side] for row in rows for side in ("seller", "buyer") if row[side]})
    names: dict[uuid.UUID, str] = {}
    for start in range(0, len(parties), NAMES_AT_ONCE):
        names |= queries.titles(connection, "party", parties[start : start + NAMES_AT_ONCE])
    marks = sync_marks.read(session, connection, "deal", [row["id"] for row in rows])
    found = [
        BoardCard(
            row["id"],
            row["title"],
            row["stage"],
            names.get(row["seller"], ""),
            names.get(row["buyer"], ""),
            row["deal_amount"],
            row["ends_on"],
            marks.get(row["id"]),
        )
        for row in rows
    ]
    return found, len(found) if len(found) < AT_MOST else queries.count(connection, query)


class CardsModel(QAbstractListModel):
    """The cards of one stage, the newest first; cards of other stages may be dropped on it."""

    dropped = Signal(object)
    """The ids of the deals that were dropped here."""

    def __init__(self, today: dt.date) -> None:
        super().__init__()
        self._today = today
        self.cards: list[BoardCard] = []

    @property
    def sum(self) -> Decimal:
        """The sum of 成交额 of the cards that state it."""
        return sum((card.amount for card in self.cards if card.amount is not None), Decimal(0))

    def show(self, cards: Iterable[BoardCard]) -> None:
        """Show other cards."""
        self.beginResetModel()
        self.cards = list(cards)
        self.endResetModel()

    def put(self, card: BoardCard) -> None:
        """Show a card that is new here at the top; one that is here already, where it is."""
        at = self.place_of(card.id)
        if at is None:
            self.beginInsertRows(ROOT, 0, 0)
            self.cards.insert(0, card)
            self.endInsertRows()
        else:
            self.cards[at] = card
            self.dataChanged.emit(self.index(at), self.index(at))

    def mark(self, marks: Mapping[uuid.UUID, Mark]) -> None:
        """Show how the cards stand with the server by now."""
        for at, card in enumerate(self.cards):
            if card.mark != marks.get(card.id):
                self.cards[at] = replace(card, mark=marks.get(card.id))
                self.dataChanged.emit(self.index(at), self.index(at))

    def drop(self, deal_id: uuid.UUID) -> None:
        """Take a card away, if it is here."""
        at = self.place_of(deal_id)
        if at is not None:
            self.beginRemoveRows(ROOT, at, at)
            del self.cards[at]
            self.endRemoveRows()

    def place_of(self, deal_id: uuid.UUID) -> int | None:
        """Return where a deal stands; None when it is elsewhere."""
        return next((at for at, card in enumerate(self.cards) if card.id == deal_id), None)

    # ── Qt's model ──────────────────────────────────────────────────────────────────────────────

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.cards)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.cards):
            return None
        card = self.cards[index.row()]
        if role == CARD:
            return card
        if role == Qt.ItemDataRole.DisplayRole:
            return card.title
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return card.said(self._today)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        held = super().flags(index) | Qt.ItemFlag.ItemIsDropEnabled
        return held | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else held

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        held = QMimeData()
        held.setData(MIME, b" ".join(self.cards[index.row()].id.hex.encode() for index in indexes))
        return held

    def dropMimeData(
        self, data: QMimeData, _action: Qt.DropAction, _row: int, _column: int, _parent: Index
    ) -> bool:
        """Say what was dropped; the cards move when the command is done, not before."""
        if not data.hasFormat(MIME):
            return False
        self.dropped.emit(ids_of(bytes(data.data(MIME).data())))
        return False


def ids_of(data: bytes) -> list[uuid.UUID]:
    """Read the ids back from what was dragged."""
    return [uuid.UUID(part) for part in data.decode("ascii").split()]
