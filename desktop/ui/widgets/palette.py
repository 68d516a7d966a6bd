"""Ctrl+K: one field for records, commands and what was open last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.models import queries
from desktop.ui import icons, theme
from desktop.ui.actions import ACTIONS, shown
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Line, Symbol, column, label, row
from desktop.ui.widgets.record_list import GROUP_ICONS, symbol_of
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid

    from PySide6.QtGui import QKeyEvent

    from desktop.models.queries import Hit
    from desktop.ui.widgets.session import Session

DEBOUNCE_MS: Final = 120
HITS_A_TYPE: Final = 6
RECENT: Final = 8
WIDTH: Final = 640
TOP: Final = 64
CHROME: Final = 108
TARGET: Final = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that can be chosen: a record, or the name of an action."""

    words: str
    symbol: str
    hint: str
    record_type: str = ""
    record_id: uuid.UUID | None = None
    action: str = ""


class EntryDelegate(QStyledItemDelegate):
    """Draws a heading, or an entry with its icon at the left and its kind at the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, METRICS.row if index.data(TARGET) else 30)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, entry, where = theme.current(), index.data(TARGET), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = where.adjusted(METRICS.m, 0, -METRICS.m, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        if entry is None:
            painter.setPen(look.colour("muted"))
            painter.drawText(inner, int(middle), index.data())
            painter.restore()
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.tones["accent"].soft if chosen else look.hover))
            painter.drawRoundedRect(where, METRICS.radius, METRICS.radius)
        box = QRectF(inner.left(), inner.center().y() - 8, METRICS.icon, METRICS.icon)
        icons.paint(painter, entry.symbol, box, look.colour("accent" if chosen else "secondary"))
        painter.setPen(look.colour("muted"))
        painter.drawText(inner, int(middle | Qt.AlignmentFlag.AlignRight), entry.hint)
        hint = painter.fontMetrics().horizontalAdvance(entry.hint) + METRICS.l
        words = inner.adjusted(METRICS.icon + METRICS.m, 0, -hint, 0)
        painter.setPen(look.colour("text"))
        shown_words = painter.fontMetrics().elidedText(
            entry.words, Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, int(middle), shown_words)
        painter.restore()


class CommandPalette(QFrame):
    """Floats over its parent; arrows move, Enter chooses, Esc leaves."""

    acted = Signal(str)
    """The name of the action chosen."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.session, self._over = session, parent
        self.recent: list[Entry] = []
        self.places: list[Entry] = []
        self._run = 0
        self.setProperty("look", "popover")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.line = QLineEdit()
        self.line.setProperty("look", "plain")
        self.line.setPlaceholderText("搜索记录，或输入 > 查找命令")
        self.line.setAccessibleName("搜索记录与命令")
        self.list = QListWidget()
        self.list.setAccessibleName("搜索结果")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(EntryDelegate(self.list))
        self._debounce = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._lay_out()
        self._debounce.timeout.connect(self._search)
        self.line.textChanged.connect(lambda *_: self._debounce.start())
        self.line.installEventFilter(self)
        self.list.itemClicked.connect(lambda *_: self.choose())
        self.hide()

    def _lay_out(self) -> None:
        top = row(Symbol("search", "muted", 20), self.line, label("Esc", "small"), spacing=METRICS.m)
        top.setContentsMargins(METRICS.l, METRICS.m, METRICS.l, METRICS.m)
        hint = label("↑↓ 选择　Enter 打开　> 命令", "small")
        foot = row(hint, None)
        foot.setContentsMargins(METRICS.l, METRICS.s, METRICS.l, METRICS.s)
        self.setLayout(column(top, Line(), self.list, Line(), foot, spacing=0))
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 8)
        shadow.setColor(theme.current().colour("shadow"))
        self.setGraphicsEffect(shadow)

    def open(self, words: str = "") -> None:
        """Show the palette with these words, selected."""
        over = self._over.rect()
        width = min(WIDTH, over.width() - 2 * METRICS.xl)
        self.setGeometry((over.width() - width) // 2, TOP, width, CHROME)
        self.line.setText(words)
        self.line.selectAll()
        self.show()
        self.raise_()
        self.line.setFocus()
        self._search()

    def remember(self, record_type: str, record_id: uuid.UUID, title: str) -> None:
        """Put a record at the head of the recent ones."""
        known = RECORD_TYPES[record_type]
        line = Entry(title, symbol_of(record_type), known.label, record_type, record_id)
        rest = [held for held in self.recent if held.record_id != record_id]
        self.recent = [line, *rest][:RECENT]

    # ── finding ─────────────────────────────────────────────────────────────────────────────────

    def _search(self) -> None:
        self._debounce.stop()
        self._run += 1
        words = self.line.text().strip()
        if words.startswith(">"):
            self._show([("命令", self._commands(words[1:].strip()))])
        elif not words:
            self._show([("最近打开", self.recent), ("前往", self.places), ("命令", self._commands(""))])
        else:
            run = self._run
            self.session.read(
                lambda c: queries.find_everywhere(c, words, limit=HITS_A_TYPE),
                lambda hits: self._found(run, words, hits),
                owner=self,
            )

    def _commands(self, words: str) -> list[Entry]:
        lines = [
            Entry(action.label, action.icon, shown(action.keys[0]), action=action.name)
            for action in ACTIONS
            if action.in_palette
        ]
        return [line for line in [*self.places, *lines] if words.lower() in line.words.lower()]

    def _found(self, run: int, words: str, hits: list[Hit]) -> None:
        if run != self._run:
            return
        groups: dict[str, list[Entry]] = {}
        for hit in hits:
            known = RECORD_TYPES[hit.record_type]
            title = hit.title if known[known.title].kind != "ref" else known.label
            line = Entry(title, symbol_of(known.name), known.label, known.name, hit.record_id)
            groups.setdefault(known.label, []).append(line)
        order = list(GROUP_ICONS)
        rank = {kind.label: order.index(kind.group) for kind in RECORD_TYPES.values()}
        found = sorted(groups.items(), key=lambda group: rank[group[0]])
        self._show([*found, ("命令", self._commands(words))], words)

    def _show(self, groups: list[tuple[str, list[Entry]]], words: str = "") -> None:
        self.list.clear()
        for heading, lines in groups:
            if lines:
                head = QListWidgetItem(heading)
                head.setFlags(Qt.ItemFlag.NoItemFlags)
                self.list.addItem(head)
            for line in lines:
                item = QListWidgetItem(f"{line.words}，{line.hint}")
                item.setData(TARGET, line)
                self.list.addItem(item)
        if not self.list.count():
            empty = QListWidgetItem(f"没有找到“{words}”。试试更短的词、拼音首字母或编号。")
            empty.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(empty)
        self._move(0, 1)
        self._fit()

    def _fit(self) -> None:
        """Be as high as the list needs and the window allows."""
        rows = sum(self.list.sizeHintForRow(number) for number in range(self.list.count()))
        self.resize(self.width(), min(rows + CHROME, self._over.height() - 2 * TOP))

    # ── choosing ────────────────────────────────────────────────────────────────────────────────

    def choose(self) -> None:
        """Open the record or do the action of the current line."""
        item = self.list.currentItem()
        line: Any = item.data(TARGET) if item else None
        if line is None:
            return
        self.hide()
        if line.record_id:
            self.session.open(line.record_type, line.record_id)
        else:
            self.acted.emit(line.action)

    def _move(self, start: int, step: int) -> None:
        number = start
        while 0 <= number < self.list.count():
            if self.list.item(number).data(TARGET) is not None:
                self.list.setCurrentRow(number)
                return
            number += step

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        elif event.type() == QEvent.Type.KeyPress:
            return self._key(event)  # type: ignore[arg-type]  # told by its type
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        number = self.list.currentRow()
        moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if event.key() in moves:
            step = moves[Qt.Key(event.key())]
            self._move(number + step, step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose()
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            return False
        return True
