"""A whole list page: search, filters, count, the table, and what stands there when it is empty."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from desktop.models.queries import Query
from desktop.services import writable
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import (
    Card,
    EmptyState,
    SkeletonList,
    button,
    icon,
    label,
    restyle,
    row,
    tool_button,
)
from desktop.ui.widgets.export_bar import ExportBar
from desktop.ui.widgets.record_table import RecordTableModel
from desktop.ui.widgets.table_view import RecordTable
from domain.fields import RECORD_TYPES, Field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QShowEvent

    from desktop.services.writable import Closure
    from desktop.ui.widgets.session import Session

DEBOUNCE_MS: Final = 150
FILTERS: Final = 3
SHORT_LIST: Final = 30
GROUP_ICONS: Final = {
    "clients": "clients",
    "achievements": "achievement",
    "demands": "demand",
    "deals": "deal",
    "experts": "expert",
    "library": "library",
    "training": "training",
    "agency": "evaluation",
    "work": "task",
    "parts": "file",
    "sync": "warning",
}


def symbol_of(record_type: str) -> str:
    """Return the icon of a record type."""
    return GROUP_ICONS.get(RECORD_TYPES[record_type].group, "file")


class FilterChip(QToolButton):
    """One choice field to filter by; shows what it is set to."""

    picked = Signal(str, object)
    """(field, code or None)"""

    def __init__(self, field: Field, entries: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self.field = field
        self.code: str | None = None
        self._labels = dict(entries)
        self.setProperty("look", "chip")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setIcon(icon("down", "muted"))
        self.setIconSize(QSize(12, 12))
        menu = QMenu(self)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        menu.addAction("全部", lambda: self.pick(None))
        menu.addSeparator()
        for code, words in self._labels.items():
            menu.addAction(words, partial(self.pick, code))
        self.setMenu(menu)
        self.pick(None)

    def pick(self, code: str | None) -> None:
        """Filter by a code; None shows all."""
        changed = code != self.code
        self.code = code
        words = f"{self.field.label}：{self._labels[code]}" if code else self.field.label
        self.setText(words)
        self.setAccessibleName(f"筛选：{words}")
        restyle(self, on="true" if code else "false")
        if changed:
            self.picked.emit(self.field.name, code)


class RecordList(QWidget):
    """The list of one record type, ready to use.

    ``where`` are conditions that always hold; ``bare`` leaves out the toolbar for a list inside a card.
    """

    opened = Signal(object)
    """The id of the record to open."""
    asked_new = Signal()
    asked_import = Signal()

    def __init__(
        self,
        session: Session,
        record_type: str,
        *,
        where: tuple[tuple[str, Any], ...] = (),
        columns: Iterable[str] = (),
        extra: Iterable[QWidget] = (),
    ) -> None:
        super().__init__()
        self.session, self.record_type, self.known = session, record_type, RECORD_TYPES[record_type]
        self._where = where
        self.records = RecordTableModel(session, record_type, self, columns=columns)
        self.table = RecordTable(self.records)
        self.search = self._search_box()
        self.filters = [FilterChip(field, self._entries(field)) for field in self._filter_fields()]
        self.count = label("", "muted")
        self._stack = QStackedWidget()
        self._lay_out(list(extra))
        self._debounce = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._debounce.timeout.connect(self.reload)
        self._connect()
        self.reload()

    # ── building ────────────────────────────────────────────────────────────────────────────────

    def _search_box(self) -> QLineEdit:
        box = QLineEdit()
        box.setProperty("look", "search")
        box.setPlaceholderText(f"搜索{self.known.label}")
        box.setAccessibleName(f"搜索{self.known.label}")
        empty = box.addAction(icon("close", "muted"), QLineEdit.ActionPosition.TrailingPosition)
        empty.setToolTip("清除")
        empty.triggered.connect(box.clear)
        empty.setVisible(False)
        box.textChanged.connect(lambda text: empty.setVisible(bool(text)))
        box.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        box.setFixedWidth(240)
        return box

    def _filter_fields(self) -> list[Field]:
        codes = self.session.desk.codes
        short = [
            field
            for field in self.known.fields
            if field.kind in ("choice", "choices") and field.listed and len(codes[field.codes]) <= SHORT_LIST
        ]
        return short[:FILTERS]

    def _entries(self, field: Field) -> list[tuple[str, str]]:
        today = self.session.desk.today()
        return [(entry.code, entry.label) for entry in self.session.desk.codes[field.codes].entries(today)]

    def _lay_out(self, extra: list[QWidget]) -> None:
        self.new = button(f"新建{self.known.label}", self.asked_new.emit, look="primary", symbol="plus")
        self._how_to_begin = f"新建第一条{self.known.label}，或从 Excel 导入。内容保存在本机，断网也能用。"
        self.empty = EmptyState(
            symbol_of(self.record_type),
            f"还没有{self.known.label}",
            self._how_to_begin,
            f"新建{self.known.label}",
        )
        self.nothing = EmptyState(
            "search", "没有符合条件的记录", "换一个词，或清除筛选条件再试。", "清除条件"
        )
        for page in (SkeletonList(), self.table, self.empty, self.nothing):
            self._stack.addWidget(page)
        self.export_bar = ExportBar(self.session, self.record_type)
        self.export_bar.hide()
        self.take = tool_button("import", f"导入{self.known.label}", self.asked_import.emit, text="导入")
        give = tool_button("export", f"导出{self.known.label}", self.offer_export, text="导出")
        self.bin = tool_button("trash", f"看看回收站里的{self.known.label}")
        self.bin.setCheckable(True)
        self.restore = button("恢复所选", self.table.restore_selected, symbol="undo")
        self.restore.hide()
        tools = row(
            self.search,
            *self.filters,
            self.count,
            None,
            *extra,
            self.bin,
            self.take,
            give,
            self.restore,
            self.new,
        )
        card = Card()
        frame = card.layout()
        assert frame is not None
        frame.setContentsMargins(1, 1, 1, 1)
        card.body.addWidget(self._stack)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(METRICS.xl, METRICS.m, METRICS.xl, METRICS.l)
        outer.setSpacing(METRICS.m)
        outer.addLayout(tools)
        outer.addWidget(self.export_bar)
        outer.addWidget(card, 1)

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda *_: self._debounce.start())
        self.search.returnPressed.connect(self._enter_table)
        self.table.opened.connect(self.opened)
        self.bin.toggled.connect(self.show_bin)
        self.empty.asked.connect(self.asked_new)
        self.nothing.asked.connect(self.clear_conditions)
        self.records.shown.connect(self._show_state)
        self.records.counted.connect(self._say_count)
        for chip in self.filters:
            chip.picked.connect(lambda *_: self.reload())

    # ── showing ─────────────────────────────────────────────────────────────────────────────────

    def conditions(self) -> tuple[tuple[str, Any], ...]:
        """Return what the list is filtered by, the fixed conditions first."""
        return (*self._where, *((chip.field.name, chip.code) for chip in self.filters if chip.code))

    def reload(self) -> None:
        """Read the list again with the words and filters as they stand."""
        self._debounce.stop()
        query = dataclasses.replace(
            self.records.query, words=self.search.text().strip(), where=self.conditions()
        )
        self.records.show(query)

    def show_bin(self, on: bool) -> None:  # noqa: FBT001 - the signature of toggled
        """Show what was deleted instead of the list, to take it back; or the list again."""
        self.restore.setVisible(on)
        self.new.setVisible(not on)
        self.records.query = dataclasses.replace(self.records.query, binned=on)
        self.reload()

    def focus_filter(self) -> None:
        """Put the cursor into the search box."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def offer_export(self) -> None:
        """Offer to write the list, as it is filtered and sorted now, to a file."""
        self.export_bar.offer(self.records.query, self.count.text())

    def show_where(self, *where: tuple[str, Any]) -> None:
        """Change the conditions that always hold."""
        self._where = where
        self.reload()

    def clear_conditions(self) -> None:
        """Show everything again."""
        self.search.clear()
        for chip in self.filters:
            chip.pick(None)
        self.bin.setChecked(False)
        self.reload()

    def _narrowed(self) -> bool:
        query = self.records.query
        return bool(query.words or query.where or query.binned)

    def _show_state(self) -> None:
        if self.records.rowCount():
            self._stack.setCurrentWidget(self.table)
        else:
            self._stack.setCurrentWidget(self.nothing if self._narrowed() else self.empty)

    def _say_count(self, number: int) -> None:
        self.count.setText(f"{number:,} 条")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        role = self.session.sync.role
        if role:
            self.session.read(
                lambda connection: writable.closure(connection, self.record_type, None, role),
                self._show_right,
                owner=self,
            )

    def _show_right(self, closure: Closure) -> None:
        """Offer new records only to whom the server lets make them."""
        self.empty.why.setText(closure.why or self._how_to_begin)
        for part in (self.new, self.take, self.empty.button):
            part.setEnabled(not closure.why)
            part.setToolTip(closure.why)

    def _enter_table(self) -> None:
        self.table.setFocus()
        if self.records.rowCount():
            self.table.selectRow(0)


def plain_query(record_type: str, *where: tuple[str, Any]) -> Query:
    """Return the query of a small list inside a page, in the order of its first number or day."""
    fields = RECORD_TYPES[record_type].fields
    order = next((f.name for f in fields if f.listed and f.kind in ("number", "day")), "created_at")
    return Query(record_type, where=where, order=order, descending=False)


def more_button(menu: QMenu) -> QToolButton:
    """Return the three dots that open a menu."""
    made = tool_button("more", "更多操作")
    made.setMenu(menu)
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return made
