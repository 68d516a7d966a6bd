"""The list model of any record type: at once on screen, and exact however long the list is.

The first page is read and shown, then the ordered row ids come from a worker and the list grows once to
its full length; rows are fetched a page at a time where somebody looks. Sorting, filtering and searching
are new id lists, made by SQL.

Work for a later moment starts after the painting, never during it: a busy worker and the painting would
take turns at the interpreter, and the window would wait for both.
"""

from __future__ import annotations

import dataclasses
from array import array
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from desktop.models import queries
from desktop.models.queries import Query
from desktop.ui import theme
from desktop.ui.widgets import formats, sync_marks
from desktop.ui.widgets.basics import icon
from desktop.ui.widgets.columns import STATES, Cell, Column, alignment_of, columns_of

if TYPE_CHECKING:
    import datetime as dt
    import uuid
    from collections.abc import Iterable, Mapping, Sequence

    from desktop.models.outgoing.marks import Mark
    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session

PAGE: Final = 100
PAGES_KEPT: Final = 80
PAGES_IN_SIGHT: Final = 3
"""Pages of which a view can show a part at once."""
FRAME_MS: Final = 16
"""Time enough for the first rows to be painted before the full length is asked for."""
ROOT: Final = QModelIndex()
Index = QModelIndex | QPersistentModelIndex

ROW: Final = int(Qt.ItemDataRole.UserRole)
"""Role of the whole row with its system columns."""
TONE: Final = ROW + 1
"""Role of the tone of a state, None for other cells."""


@dataclass(frozen=True, slots=True)
class _Page:
    """Some rows with the titles of what they refer to; the words of a row are made when it is looked at."""

    rows: list[dict[str, Any]]
    titles: Mapping[uuid.UUID, str]
    now: dt.datetime
    marks: dict[uuid.UUID, Mark]
    cells: dict[int, tuple[Cell, ...]] = field(default_factory=dict)


class RecordTableModel(QAbstractTableModel):
    """Rows of one record type by id list and pages."""

    counted = Signal(int)
    """The full length of the list is known."""
    shown = Signal()
    """The first rows are there."""

    def __init__(
        self,
        session: Session,
        record_type: str,
        parent: QObject | None = None,
        *,
        columns: Iterable[str] = (),
    ) -> None:
        super().__init__(parent)
        self.session, self.record_type = session, record_type
        self.columns = columns_of(record_type, columns)
        self.query = Query(record_type)
        self._rows = 0
        self._ids: array[int] | None = None
        self._pages: OrderedDict[int, _Page] = OrderedDict()
        self._wanted: set[int] = set()
        self._coming: set[int] = set()
        self._run = 0
        self._alignments = [alignment_of(column.field) for column in self.columns]
        self._fetch = QTimer(self, singleShot=True, interval=0)
        self._fetch.timeout.connect(self._read_wanted)
        self._measure = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._measure.timeout.connect(self._read_ids)
        self._related = {f.to for c in self.columns if (f := c.field) and f.kind == "ref"} | {record_type}
        session.jobs.changed.connect(self._refresh)
        sync_marks.MarkWatch(session, self).moved.connect(self._read_marks)

    # ── what to show ────────────────────────────────────────────────────────────────────────────

    def show(self, query: Query) -> None:
        """Show another query: its first page now, its full length when the ids are there."""
        self.query = query
        self._run += 1
        self._measure.stop()
        run = self._run
        self.session.read(self._read_first, lambda page: self._take_first(run, page), owner=self)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column; columns without a meaningful order are left alone."""
        if self.columns[column].sortable:
            descending = order == Qt.SortOrder.DescendingOrder
            self.show(dataclasses.replace(self.query, order=self.columns[column].name, descending=descending))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def _read_first(self, connection: Any) -> _Page:
        return self._page(connection, queries.first_rows(connection, self.query, PAGE))

    def _take_first(self, run: int, page: _Page) -> None:
        if run != self._run:
            return
        self.beginResetModel()
        self._forget_pages(page)
        self._ids, self._rows = None, len(page.rows)
        self.endResetModel()
        self.shown.emit()
        if self._rows < PAGE:
            self._ids = array("q", (row["row"] for row in page.rows))
            self.counted.emit(self._rows)
        else:
            self._measure.start()

    def _read_ids(self) -> None:
        query = self.query
        self.session.read(
            lambda connection: queries.row_ids(connection, query),
            partial(self._take_ids, self._run),
            owner=self,
        )

    def _take_ids(self, run: int, ids: array[int]) -> None:
        if run != self._run:
            return
        first = self._pages.get(0)
        if first and [row["row"] for row in first.rows] != list(ids[: self._rows]):
            self.show(self.query)  # something was written between the two reads
            return
        if len(ids) > self._rows:
            self.beginInsertRows(ROOT, self._rows, len(ids) - 1)
            self._rows = len(ids)
            self.endInsertRows()
        self._ids = ids
        self.counted.emit(len(ids))

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        """Read again after a write that touched this type or one whose titles are shown."""
        if not changes.types() & self._related or not self._run:
            return
        self._run += 1
        self._measure.stop()
        run, query = self._run, self.query

        def read(connection: Any) -> tuple[array[int], _Page]:
            first = self._page(connection, queries.first_rows(connection, query, PAGE))
            return queries.row_ids(connection, query), first

        self.session.read(read, partial(self._take_again, run), owner=self)

    def _take_again(self, run: int, found: tuple[array[int], _Page]) -> None:
        """Keep the view in place where the order is the same; start anew where it is not."""
        if run != self._run:
            return
        ids, first = found
        if self._ids is not None and ids == self._ids:
            self._forget_pages(first)
            self.dataChanged.emit(self.index(0, 0), self.index(self._rows - 1, len(self.columns) - 1))
            return
        self.beginResetModel()
        self._forget_pages(first)
        self._ids, self._rows = ids, len(ids)
        self.endResetModel()
        self.shown.emit()
        self.counted.emit(len(ids))

    def _forget_pages(self, first: _Page) -> None:
        self._pages.clear()
        self._wanted.clear()
        self._coming.clear()
        self._pages[0] = first

    # ── rows ────────────────────────────────────────────────────────────────────────────────────

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def row_at(self, row: int) -> dict[str, Any] | None:
        """Return a row with its system columns; None while it is still being fetched."""
        page = self._page_of(row)
        return page.rows[row % PAGE] if page and row % PAGE < len(page.rows) else None

    def record_at(self, row: int) -> uuid.UUID | None:
        """Return the id of the record in a row, if it has been fetched."""
        held = self.row_at(row)
        return held["id"] if held else None

    def row_of(self, record_id: uuid.UUID) -> int | None:
        """Return where a record stands among the rows fetched so far."""
        for number, page in self._pages.items():
            for offset, held in enumerate(page.rows):
                if held["id"] == record_id:
                    return number * PAGE + offset
        return None

    def row_ids(self, rows: Sequence[int]) -> list[int]:
        """Return the store's row ids of rows, fetched or not; for work on a whole selection."""
        ids = self._ids
        return [ids[row] for row in rows] if ids is not None else []

    def _page_of(self, row: int) -> _Page | None:
        number = row // PAGE
        page = self._pages.get(number)
        if page is not None:
            self._pages.move_to_end(number)
        elif self._ids is not None and number not in self._wanted:
            self._wanted.add(number)
            self._fetch.start()
        return page

    def _read_wanted(self) -> None:
        """Read the pages that were looked at and not there."""
        if self._ids is None:
            return
        for number in self._wanted - self._coming:
            self._coming.add(number)
            ids = list(self._ids[number * PAGE : (number + 1) * PAGE])
            self.session.read(
                partial(self._read_page, ids=ids), partial(self._take_page, self._run, number), owner=self
            )

    def _read_page(self, connection: Any, *, ids: list[int]) -> _Page:
        held = queries.rows_by_row_id(connection, self.record_type, ids)
        return self._page(connection, [held[row] for row in ids if row in held])

    def _take_page(self, run: int, number: int, page: _Page) -> None:
        if run != self._run:
            return
        self._wanted.discard(number)
        self._coming.discard(number)
        self._pages[number] = page
        if len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        last = min((number + 1) * PAGE, self._rows) - 1
        self.dataChanged.emit(self.index(number * PAGE, 0), self.index(last, len(self.columns) - 1))

    def _page(self, connection: Any, rows: list[dict[str, Any]]) -> _Page:
        """Put the titles of what they refer to beside the rows; runs in the worker."""
        titles: dict[uuid.UUID, str] = {}
        for shown in self.columns:
            if shown.field and shown.field.kind == "ref":
                wanted = {row[shown.name] for row in rows} - {None}
                titles.update(queries.titles(connection, shown.field.to, wanted))
        ids = [row["id"] for row in rows]
        marks = sync_marks.read(self.session, connection, self.record_type, ids)
        return _Page(rows, titles, self.session.desk.clock().astimezone(), marks)

    # ── marks of sync ───────────────────────────────────────────────────────────────────────────

    def _read_marks(self) -> None:
        """Read the marks of the pages looked at last again; the others are read when they are looked at."""
        for number in list(self._pages)[:-PAGES_IN_SIGHT]:
            del self._pages[number]
        ids = [row["id"] for page in self._pages.values() for row in page.rows]
        if ids:
            self.session.read(
                lambda connection: sync_marks.read(self.session, connection, self.record_type, ids),
                partial(self._take_marks, self._run),
                owner=self,
            )

    def _take_marks(self, run: int, found: dict[uuid.UUID, Mark]) -> None:
        if run != self._run:
            return
        for number, page in self._pages.items():
            now = {row["id"]: found[row["id"]] for row in page.rows if row["id"] in found}
            if now != page.marks:
                page.marks.clear()
                page.marks.update(now)
                page.cells.clear()
                last = min((number + 1) * PAGE, self._rows) - 1
                self.dataChanged.emit(self.index(number * PAGE, 0), self.index(last, 0))

    # ── cells ───────────────────────────────────────────────────────────────────────────────────

    def cell(self, row: int, column: int) -> Cell | None:
        """Return what is painted of a cell; None while its row is being fetched."""
        page, offset = self._page_of(row), row % PAGE
        if page is None or offset >= len(page.rows):
            return None
        cells = page.cells.get(offset)
        if cells is None:
            row_held = page.rows[offset]
            cells = tuple(self._cell(shown, row_held, page) for shown in self.columns)
            mark = page.marks.get(row_held["id"])
            if mark:
                cells = (cells[0]._replace(mark=mark), *cells[1:])
            page.cells[offset] = cells
        return cells[column]

    def _cell(self, shown: Column, row: dict[str, Any], page: _Page) -> Cell:
        value = row[shown.name]
        if shown.field is None:
            return Cell(formats.moment(value, page.now), None)
        words = formats.cell(shown.field, value, self.session.desk.codes, page.titles)
        return Cell(words, theme.tone_of(value) if shown.name in STATES and words else None)

    def alignment(self, column: int) -> Qt.AlignmentFlag:
        """Return at which side of a column its words stand."""
        return self._alignments[column]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(index.column())
        cell = self.cell(index.row(), index.column())
        if cell is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.words
        return cell.tone if role == TONE else self._other(index, cell, role)

    def _other(self, index: Index, cell: Cell, role: int) -> Any:
        shown, row = self.columns[index.column()], self.row_at(index.row())
        if role == ROW:
            return row
        standing = sync_marks.WORDS[cell.mark] if cell.mark else ""
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{shown.heading}：{cell.words or formats.NOTHING}" + (f"，{standing}" if standing else "")
        if role == Qt.ItemDataRole.ToolTipRole and shown.field and row:
            exact = formats.full(shown.field, row[shown.name], self.session.desk.codes)
            told = [*([exact] if exact != cell.words else []), *([standing] if standing else [])]
            return "\n".join(told) or None
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.columns[section].heading
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(section)
        if role == Qt.ItemDataRole.DecorationRole and self.columns[section].name == self.query.order:
            return icon("sort-down" if self.query.descending else "sort-up", "accent")
        return None
