"""One column of the board: its heading with count and sum, and the painted list of cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.ui import theme
from desktop.ui.deals.cards import CARD, BoardCard, CardsModel, Index
from desktop.ui.theme import METRICS
from desktop.ui.widgets import formats
from desktop.ui.widgets.basics import Chip, column, label, row
from desktop.ui.widgets.sync_marks import SIDE, paint_mark
from domain import amounts

if TYPE_CHECKING:
    import datetime as dt

    from PySide6.QtGui import QKeyEvent

HEIGHT: Final = 108
GAP: Final = 8
NARROWEST: Final = 152
SIDEWAYS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


def two_lines(words: str, metrics: QFontMetrics, width: int) -> str:
    """Break words after the last character that fits, and elide the second line."""
    if metrics.horizontalAdvance(words) <= width:
        return words
    cut = next(n for n in range(len(words), 0, -1) if n == 1 or metrics.horizontalAdvance(words[:n]) <= width)
    rest = metrics.elidedText(words[cut:].strip(), Qt.TextElideMode.ElideRight, width)
    return f"{words[:cut]}\n{rest}"


def both_sides(card: BoardCard, metrics: QFontMetrics, width: int) -> str:
    """Return who with whom; where it is too long, each side gets half of the room."""
    if metrics.horizontalAdvance(card.parties) <= width:
        return card.parties
    half = (width - metrics.horizontalAdvance(" → ")) // 2
    sides = (metrics.elidedText(name, Qt.TextElideMode.ElideRight, half) for name in card.sides)
    return " → ".join(sides)


class CardDelegate(QStyledItemDelegate):
    """Paints a card: title, who with whom, amount and due day."""

    def __init__(self, view: QListView, today: dt.date) -> None:
        super().__init__(view)
        self._today = today

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(NARROWEST - 24, HEIGHT + GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        card: BoardCard | None = index.data(CARD)
        if card is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        where: QRect = option.rect
        frame = QRectF(where).adjusted(1, 1, -1, -GAP)
        self._paint_frame(painter, frame, option.state)
        self._paint_words(painter, frame.toRect().adjusted(10, 9, -10, -8), card)
        painter.restore()

    def _paint_frame(self, painter: QPainter, frame: QRectF, state: QStyle.StateFlag) -> None:
        look = theme.current()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        edge = look.accent if selected else look.line_strong if hovered else look.line
        painter.setPen(QPen(QColor(edge), 1.6 if selected else 1))
        painter.setBrush(QColor(look.raised if look.name == "dark" else look.surface))
        painter.drawRoundedRect(frame, 8, 8)

    def _paint_words(self, painter: QPainter, inner: QRect, card: BoardCard) -> None:
        look, top = theme.current(), int(Qt.AlignmentFlag.AlignTop)
        font = QFont(painter.font())
        font.setPixelSize(METRICS.body)
        painter.setFont(font)
        painter.setPen(QColor(look.text))
        room = inner.width()
        if card.mark:
            room -= SIDE + METRICS.xs
            paint_mark(painter, QRectF(inner.right() - SIDE, inner.top() + 4, SIDE, SIDE), card.mark)
        title = two_lines(card.title, painter.fontMetrics(), room)
        painter.drawText(inner, top, title)
        below = inner.top() + (title.count("\n") + 1) * painter.fontMetrics().lineSpacing() + METRICS.xs
        font.setPixelSize(METRICS.small)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        painter.setPen(QColor(look.muted))
        middle = QRect(inner.left(), below, inner.width(), 18)
        painter.drawText(middle, int(Qt.AlignmentFlag.AlignVCenter), both_sides(card, metrics, inner.width()))
        foot = QRect(inner.left(), inner.bottom() - 19, inner.width(), 20)
        self._paint_foot(painter, foot, card)

    def _paint_foot(self, painter: QPainter, foot: QRect, card: BoardCard) -> None:
        """Paint amount and due day; where both do not fit, a day that is not urgent gives way."""
        look, font = theme.current(), QFont(painter.font())
        words, tone = card.due_words(self._today)
        room = painter.fontMetrics().horizontalAdvance(words) + METRICS.s if words else 0
        font.setPixelSize(13)
        font.setWeight(QFont.Weight.DemiBold)
        price = QFontMetrics(font)
        if tone == "neutral" and price.horizontalAdvance(card.price) + room > foot.width():
            words, room = "", 0
        painter.setPen(QColor(look.muted) if tone == "neutral" else look.colour(tone))
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), words)
        painter.setFont(font)
        painter.setPen(QColor(look.text if card.amount is not None else look.muted))
        shown = price.elidedText(card.price, Qt.TextElideMode.ElideRight, foot.width() - room)
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignVCenter), shown)


class CardList(QListView):
    """The cards of a stage. Enter opens, Ctrl+←/→ moves, ←/→ goes to the next column."""

    opened = Signal(object)
    """The id of the deal to open."""
    shifted = Signal(object, int)
    """(ids, -1 or 1): put the selected deals into the stage before or after."""
    crossed = Signal(int)
    """-1 or 1: the keyboard goes on in the column beside."""

    def __init__(self, model: CardsModel, today: dt.date) -> None:
        super().__init__()
        self.cards = model
        self.setModel(model)
        self.setItemDelegate(CardDelegate(self, today))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListView { background: transparent; border: none; padding: 0; }")
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(False)
        self.setMouseTracking(True)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.data(CARD).id))

    def selected(self) -> list[Any]:
        """Return the ids of the selected deals, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self.cards.cards[at].id for at in rows]

    def pick(self, at: int) -> None:
        """Select one card and bring it into view."""
        if self.cards.cards:
            self.setCurrentIndex(self.cards.index(min(at, len(self.cards.cards) - 1)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in SIDEWAYS and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if self.selected():
                self.shifted.emit(self.selected(), SIDEWAYS[key])
        elif key in SIDEWAYS:
            self.crossed.emit(SIDEWAYS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().data(CARD).id)
        else:
            super().keyPressEvent(event)


class BoardColumn(QWidget):
    """A stage with its cards."""

    def __init__(self, stage: str, words: str, today: dt.date) -> None:
        super().__init__()
        self.stage, self.words = stage, words
        self.cards = CardsModel(today)
        self.cards.setParent(self)
        self.list = CardList(self.cards, today)
        self.count = Chip("0", theme.tone_of(stage))
        self.sum = label("", "small")
        self.setMinimumWidth(NARROWEST)
        head = column(row(label(words, "heading"), self.count, None), self.sum, spacing=2)
        head.setContentsMargins(2, 0, 0, 0)
        held = column(head, self.list, spacing=METRICS.s)
        held.setStretch(1, 1)
        self.setLayout(held)
        for changed in (self.cards.modelReset, self.cards.rowsInserted, self.cards.rowsRemoved):
            changed.connect(lambda *_: self.say_sum())
        self.cards.dataChanged.connect(lambda *_: self.say_sum())
        self.say_sum()

    def say_sum(self) -> None:
        """Say how many deals are here and what their 成交额 come to."""
        number, total = len(self.cards.cards), self.cards.sum
        self.count.setText(f"{number:,}")
        self.sum.setText(f"成交额 {formats.amount(total)}" if total else "成交额 —")
        self.sum.setToolTip(amounts.display(total))
        self.list.setAccessibleName(f"{self.words}，{number} 笔，{self.sum.text()}")
