"""A short list of words in columns, for what is told and not edited; it looks like the lists of records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyleOptionViewItem, QTableView

from desktop.ui import icons, theme
from desktop.ui.theme import METRICS
from desktop.ui.widgets.record_table import TONE
from desktop.ui.widgets.table_view import RowDelegate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from desktop.ui.theme import Tone

ROOT: Final = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class TextModel(QAbstractTableModel):
    """Rows of words; a tone makes a cell a chip, a tick makes the first column a box to check."""

    ticked = Signal()
    """The user checked or unchecked a row."""

    def __init__(
        self, headings: Sequence[str], *, right: Sequence[int] = (), checkable: bool = False
    ) -> None:
        super().__init__()
        self.headings, self._right, self.checkable = tuple(headings), frozenset(right), checkable
        self.rows: list[Sequence[str]] = []
        self._tones: dict[tuple[int, int], Tone] = {}
        self.checked: set[int] = set()

    def put(self, rows: Sequence[Sequence[str]], tones: dict[tuple[int, int], Tone] | None = None) -> None:
        """Show other rows; ``tones`` by (row, column)."""
        self.beginResetModel()
        self.rows, self._tones = list(rows), tones or {}
        self.checked = {number for number in self.checked if number < len(self.rows)}
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.headings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        words = self.rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return words
        if role == Qt.ItemDataRole.ToolTipRole:
            return words or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.headings[index.column()]}：{words or '—'}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        if role == Qt.ItemDataRole.CheckStateRole and self.checkable and index.column() == 0:
            on = index.row() in self.checked
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        return self._tones.get((index.row(), index.column())) if role == TONE else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not self.checkable:
            return False
        self.check([index.row()], on=Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def check(self, rows: Sequence[int], *, on: bool) -> None:
        """Check or uncheck rows."""
        self.checked = self.checked | set(rows) if on else self.checked - set(rows)
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, 0))
        self.ticked.emit()

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if self.checkable and index.column() == 0 else flags

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column in self._right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.headings[section]
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None


class TickDelegate(RowDelegate):
    """Paints the first column with a box to check; a click in it or the space bar checks."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        look = theme.current()
        where: QRect = option.rect
        box = QRectF(where.left() + METRICS.m, where.center().y() - 7, 16, 16)
        on = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(look.accent if on else look.line_strong), 1.2))
        painter.setBrush(QColor(look.accent if on else look.surface))
        painter.drawRoundedRect(box, 4, 4)
        if on:
            icons.paint(painter, "check", box.adjusted(2, 2, -2, -2), QColor(look.on_accent))
        painter.restore()

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        where: QRect = option.rect
        clicked = event.type() == QEvent.Type.MouseButtonRelease
        if clicked and isinstance(event, QMouseEvent) and where.contains(event.position().toPoint()):
            on = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
            wanted = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
            return model.setData(index, wanted, Qt.ItemDataRole.CheckStateRole)
        return False


class TextTable(QTableView):
    """Shows a ``TextModel``; ``widths`` in pixels, columns of width 0 share what is left."""

    picked = Signal(int)
    """The row the keyboard or the pointer is on."""
    opened = Signal(int)
    """A row was double-clicked or confirmed by Enter."""

    def __init__(
        self,
        name: str,
        headings: Sequence[str],
        widths: Sequence[int],
        *,
        right: Sequence[int] = (),
        checkable: bool = False,
    ) -> None:
        super().__init__()
        self.words = TextModel(headings, right=right, checkable=checkable)
        self.words.setParent(self)
        self.setModel(self.words)
        self.setAccessibleName(name)
        self.setItemDelegate(RowDelegate(self))
        if checkable:
            self.setItemDelegateForColumn(0, TickDelegate(self))
        self._dress()
        heads = self.horizontalHeader()
        for column, width in enumerate(widths):
            if width:
                self.setColumnWidth(column, width)
            else:
                heads.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))
        self.selectionModel().currentRowChanged.connect(lambda index, _: self.picked.emit(index.row()))

    def _dress(self) -> None:
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(METRICS.row)
        rows.hide()
        heads = self.horizontalHeader()
        heads.setFixedHeight(METRICS.row)
        heads.setHighlightSections(False)
        heads.setAccessibleName("列标题")

    def fit(self, *, most: int) -> None:
        """Be as high as the rows there are, up to ``most``."""
        rows = min(self.words.rowCount(), most)
        self.setFixedHeight((rows + 1) * METRICS.row + 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
        elif event.key() == Qt.Key.Key_Space and self.words.checkable and self.currentIndex().isValid():
            row = self.currentIndex().row()
            self.words.check([row], on=row not in self.words.checked)
        else:
            super().keyPressEvent(event)
