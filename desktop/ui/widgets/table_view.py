"""The table people look at: calm rows, hairlines, state chips, and everything by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.models import queries
from desktop.services import writable
from desktop.ui import theme
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import icon
from desktop.ui.widgets.columns import STATES, Cell
from desktop.ui.widgets.record_table import ROW, TONE, RecordTableModel
from desktop.ui.widgets.sync_marks import SIDE, paint_mark

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QMouseEvent, QResizeEvent

    from domain.fields import Field

Index = QModelIndex | QPersistentModelIndex
CHARACTER: Final = 13
CODE_CHARACTER: Final = 14
SMALL_CHARACTER: Final = 9
NARROWEST: Final = 60
WIDEST: Final = 320
SHRINK_TITLE: Final = 0.75
LAST_SHARE: Final = 0.2
LABEL_AT_MOST: Final = 8
"""Codes whose labels are all as short as this are shown whole, whatever the width of the window."""
SHRINK_OTHERS: Final = 0.6
WAITING: Final = Cell("", None)
"""What stands in a row that is still being fetched."""


class RowDelegate(QStyledItemDelegate):
    """Paints a cell: ground, hairline, and words or a state chip."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(view)
        self.hovered = -1

    def cell(self, index: Index) -> tuple[Cell, Qt.AlignmentFlag]:
        """Return what stands in a cell and at which side."""
        words = index.data(Qt.ItemDataRole.DisplayRole) or ""
        return Cell(words, index.data(TONE)), index.data(Qt.ItemDataRole.TextAlignmentRole)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(NARROWEST, METRICS.row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, where, state = theme.current(), option.rect, option.state
        column = index.column()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(where, QColor(look.tones["accent"].soft))
        elif index.row() == self.hovered:
            painter.fillRect(where, QColor(look.hover))
        painter.setPen(QColor(look.line))
        painter.drawLine(where.bottomLeft(), where.bottomRight())
        if selected and column == 0 and state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(QRect(where.left(), where.top(), 3, where.height()), QColor(look.accent))
        cell, side = self.cell(index)
        inner = where.adjusted(METRICS.m, 0, -METRICS.m, 0)
        if cell.mark:
            inner.setRight(inner.right() - SIDE - METRICS.xs)
            middle = inner.center().y() - SIDE / 2
            paint_mark(painter, QRectF(inner.right() + METRICS.xs, middle, SIDE, SIDE), cell.mark)
        if not cell.words:
            return
        if cell.tone:
            painter.save()
            paint_chip(painter, inner, cell.words, look.tone(cell.tone))
            painter.restore()
            return
        painter.setPen(QColor(look.secondary if column else look.text))
        shown = painter.fontMetrics().elidedText(cell.words, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, side, shown)


class RecordDelegate(RowDelegate):
    """Asks the model of records itself: Qt's detour for each role was half of the time a page took."""

    def __init__(self, view: QTableView, records: RecordTableModel) -> None:
        super().__init__(view)
        self.records = records

    def cell(self, index: Index) -> tuple[Cell, Qt.AlignmentFlag]:
        column = index.column()
        return self.records.cell(index.row(), column) or WAITING, self.records.alignment(column)


def paint_chip(painter: QPainter, where: QRect, words: str, pair: theme.Pair) -> None:
    """Draw a state as a chip at the left of a rectangle."""
    font = QFont(painter.font())
    font.setPixelSize(METRICS.small)
    painter.setFont(font)
    width = min(QFontMetrics(font).horizontalAdvance(words) + 18, where.width())
    chip = QRectF(where.left(), where.center().y() - 10, width, 21)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(pair.soft))
    painter.drawRoundedRect(chip, 10, 10)
    painter.setPen(QColor(pair.ink))
    shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, int(width) - 14)
    painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter), shown)


class RecordTable(QTableView):
    """A list of records. Enter or double click opens, Delete removes, a click on a heading sorts."""

    opened = Signal(object)
    """The id of the record to open."""

    def __init__(self, model: RecordTableModel, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.records = model
        self._kept_under = f"columns/{name or model.record_type}"
        self._given_widths = False
        self._delegate = RecordDelegate(self, model)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("记录列表")
        self._dress()
        self._keep = QTimer(self, singleShot=True, interval=400)
        self._keep.timeout.connect(self._keep_widths)
        self.doubleClicked.connect(self._open_index)
        self.customContextMenuRequested.connect(self._show_menu)

    def _dress(self) -> None:
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(METRICS.row)
        rows.hide()
        heads = self.horizontalHeader()
        heads.setFixedHeight(METRICS.row)
        heads.setSectionsClickable(True)
        heads.setHighlightSections(False)
        heads.setMinimumSectionSize(NARROWEST)
        heads.setAccessibleName("列标题")
        heads.sectionClicked.connect(self._sort_by)
        heads.sectionResized.connect(self._resized)

    # ── selection ───────────────────────────────────────────────────────────────────────────────

    def selected_rows(self) -> list[int]:
        """Return the numbers of the selected rows, in order."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def current_id(self) -> uuid.UUID | None:
        """Return the id of the record the keyboard is on."""
        index = self.currentIndex()
        return self.records.record_at(index.row()) if index.isValid() else None

    @property
    def in_bin(self) -> bool:
        """Whether the table shows the recycle bin."""
        return self.records.query.binned

    def remove_selected(self) -> None:
        """Move the selected records to the recycle bin, with an offer to undo it."""
        if not self.in_bin:
            self._with_selected(self.records.session.remove)

    def restore_selected(self) -> None:
        """Take the selected records out of the recycle bin."""
        if self.in_bin:
            self._with_selected(self.records.session.restore)

    def _with_selected(self, act: Callable[[str, list[uuid.UUID]], None]) -> None:
        """Read the ids of the selected records in a worker and act on them."""
        ids, kind = self.records.row_ids(self.selected_rows()), self.records.record_type
        if not ids:
            return

        def read(connection: Any) -> list[uuid.UUID]:
            return [row["id"] for row in queries.rows_by_row_id(connection, kind, ids).values()]

        self.records.session.read(read, lambda found: act(kind, found), owner=self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_index(self.currentIndex())
        elif event.key() == Qt.Key.Key_Delete:
            self.remove_selected()
        else:
            super().keyPressEvent(event)

    def _open_index(self, index: Index) -> None:
        row = index.data(ROW) if index.isValid() else None
        if row and not self.in_bin:
            self.opened.emit(row["id"])

    def _show_menu(self, at: QPoint) -> None:
        if self.selectionModel().hasSelection():
            self.menu().popup(self.viewport().mapToGlobal(at))

    def menu(self) -> QMenu:
        """Return the menu for what is selected."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        many = len(self.selected_rows())
        if self.in_bin:
            menu.addAction(icon("undo"), f"恢复 {many} 条", self.restore_selected)
            return menu
        if many == 1:
            menu.addAction(icon("open"), "打开\tEnter", lambda: self._open_index(self.currentIndex()))
        words = "删除" if many == 1 else f"删除 {many} 条"
        away = menu.addAction(icon("trash", "danger"), f"{words}\tDelete", self.remove_selected)
        self._close(away, menu)
        return menu

    def _close(self, action: QAction, menu: QMenu) -> None:
        """Switch an action off, with the reason, once it is known that what is selected is only read."""
        rows, kind = self.records.row_ids(self.selected_rows()), self.records.record_type

        def tell(why: str) -> None:
            action.setEnabled(not why)
            action.setToolTip(why)

        menu.setToolTipsVisible(True)
        self.records.session.read(
            lambda connection: writable.closed_among(connection, kind, rows), tell, owner=menu
        )

    # ── pointer ─────────────────────────────────────────────────────────────────────────────────

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.rowAt(int(event.position().y())))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, row: int) -> None:
        if row != self._delegate.hovered:
            self._delegate.hovered = row
            self.viewport().update()

    # ── columns ─────────────────────────────────────────────────────────────────────────────────

    def _sort_by(self, section: int) -> None:
        query = self.records.query
        again = query.order == self.records.columns[section].name
        down = again and not query.descending
        order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        self.records.sort(section, order)
        if not self._given_widths:
            self._fit_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._given_widths:
            self._fit_columns()

    def _fit_columns(self) -> None:
        """Give columns the width their declaration asks; words give way, or the first takes what is left."""
        numbers = range(len(self.records.columns))
        widths = self._held_widths() or [self._natural(column) for column in numbers]
        left = self.viewport().width() - sum(widths)
        if not self._held_widths():
            soft = [column for column in numbers if self._gives_way(column)]
            room = sum(widths[column] for column in soft)
            if left < 0 and room:
                share = 1 + left / room
                for column in soft:
                    kept = max(share, SHRINK_OTHERS if column else SHRINK_TITLE)
                    widths[column] = max(int(widths[column] * kept), self._least(column))
                over = sum(widths) - self.viewport().width()
                if 0 < over < widths[0] * LAST_SHARE:  # rather a shorter title than a bar for a few pixels
                    widths[0] -= over
            elif left > 0:
                widths[0] += left
        self.horizontalHeader().blockSignals(True)
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)
        self.horizontalHeader().blockSignals(False)

    def _gives_way(self, column: int) -> bool:
        field = self.records.columns[column].field
        return field is not None and field.kind in ("text", "note", "ref", "choices") and not field.format

    def _least(self, column: int) -> int:
        shown = self.records.columns[column]
        arrow = METRICS.l + METRICS.xs if shown.name == self.records.query.order else 0
        heading = self.fontMetrics().horizontalAdvance(shown.heading) + arrow
        longest = self._longest(shown.field)
        words = CODE_CHARACTER * longest if longest <= LABEL_AT_MOST else 0
        return max(heading + 2 * METRICS.m, words + 2 * METRICS.m, NARROWEST)

    def _natural(self, column: int) -> int:
        shown = self.records.columns[column]
        if shown.field is None:
            return 96
        figures = shown.field.kind in ("money", "number", "day") or shown.field.format
        each = SMALL_CHARACTER if figures or shown.name in STATES else CHARACTER
        wanted = int(shown.field.listed * each) + 2 * METRICS.m
        return min(max(wanted, self._least(column)), WIDEST)

    def _longest(self, field: Field | None) -> int:
        """Return how many characters the longest entry of a list of codes has; states have chips instead."""
        if field is None or field.kind != "choice" or field.name in STATES:
            return 0
        return max(len(entry.label) for entry in self.records.session.desk.codes[field.codes].codes)

    def _held_widths(self) -> list[int]:
        held = str(self.records.session.kept.value(self._kept_under, ""))
        widths = [int(part) for part in held.split(" ") if part.isdigit()]
        return widths if len(widths) == len(self.records.columns) else []

    def _resized(self, *_: object) -> None:
        self._given_widths = True
        self._keep.start()

    def _keep_widths(self) -> None:
        widths = " ".join(str(self.columnWidth(column)) for column in range(len(self.records.columns)))
        self.records.session.kept.setValue(self._kept_under, widths)
