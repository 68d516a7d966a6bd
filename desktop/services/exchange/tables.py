"""Reads XLSX and CSV files into one shape: sheets of numbered rows of plain cells.

A file says by its first bytes what it is; its name is not trusted. A CSV file yields one sheet for every
delimiter it might use: whoever looks for the header also finds the right one.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import decimal
import functools
import io
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from desktop.services.exchange import guards
from domain.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

Cell = str | dt.date
"""A cell as it stands; the empty text for nothing, a date only where the spreadsheet knows one."""

HEAD_ROWS: Final = 30
"""Among so many rows the header is looked for, titles and notes above it included."""

DELIMITERS: Final = (",", "\t", ";")
FIELD_LIMIT: Final = 1024 * 1024
NOISE_SHARE: Final = 1000
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row with the number a person sees beside it, counted from 1."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """One merged range, rows and columns counted from 0, ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Sheet:
    """One table that a file may mean; ``read`` yields its rows from the first on, blank ones as well."""

    name: str
    read: Callable[[], Iterator[Row]]
    spans: tuple[Span, ...] = ()
    ragged: bool = field(default=False)

    @functools.cached_property
    def head(self) -> tuple[Row, ...]:
        """Return the rows among which the header is looked for."""
        return tuple(itertools.islice(self.read(), HEAD_ROWS))


def is_blank(row: Row) -> bool:
    """Tell whether a row holds nothing at all."""
    return not any(row.cells)


def cell_text(cell: Cell) -> str:
    """Return a cell as a person would type it."""
    return cell if isinstance(cell, str) else cell.isoformat()


def read_sheets(path: Path) -> list[Sheet]:
    """Return the sheets of a file, visible ones only.

    Raises:
        Refusal: the file is no table, is damaged, encrypted, dangerous or in an unknown encoding.
    """
    guards.check_file(path)
    start = guards.starts_with(path)
    if start.startswith(guards.OLE_START):
        raise refuse("", "file-locked", name=path.name)
    if start.startswith(guards.ZIP_START):
        guards.check_workbook(path)
        return _workbook_sheets(path)
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        raise refuse("", "file-not-a-table", name=path.name)
    return _text_sheets(path)


def _workbook_sheets(path: Path) -> list[Sheet]:
    """Read a workbook that has passed its guard; a reader's panic on bad XML is a damaged file, too."""
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            sheets = [
                _sheet(workbook.get_sheet_by_name(facts.name))
                for facts in workbook.sheets_metadata
                if facts.typ == SheetTypeEnum.WorkSheet and facts.visible == SheetVisibleEnum.Visible
            ]
    except (CalamineError, OSError, ValueError) as error:
        raise refuse("", "file-damaged", name=path.name) from error
    if not sheets:
        raise refuse("", "file-not-a-table", name=path.name)
    return sheets


def _sheet(sheet: CalamineSheet) -> Sheet:
    rows = sheet.to_python(skip_empty_area=False)
    spans = (Span(*first, *last) for first, last in sheet.merged_cell_ranges or ())

    def read() -> Iterator[Row]:
        return (Row(number, tuple(map(_plain, cells))) for number, cells in enumerate(rows, start=1))

    return Sheet(sheet.name, read, tuple(span for span in spans if span.top < HEAD_ROWS))


def _plain(cell: Any) -> Cell:
    """Return a spreadsheet's value as a cell: numbers with the 15 digits that spreadsheets keep."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, (int, float)):
        return f"{decimal.Decimal(f'{cell:.15g}'):f}"
    if isinstance(cell, dt.datetime):
        return cell.date() if cell.time() == dt.time.min else cell
    return cell if isinstance(cell, dt.date) else str(cell)


def _text_sheets(path: Path) -> list[Sheet]:
    text = _decoded(path)
    used = [mark for mark in DELIMITERS if mark in text] or [","]
    return [Sheet(path.name, functools.partial(_parsed, path.name, text, mark), ragged=True) for mark in used]


def _decoded(path: Path) -> str:
    """Return the text of a file in UTF-8, UTF-16 with its mark, or GB18030; refuse anything else."""
    content = path.read_bytes()
    marked = [encoding for mark, encoding in _MARKS if content.startswith(mark)]
    if not marked and b"\0" in content:
        raise refuse("", "file-binary", name=path.name)
    failures: list[int] = []
    for encoding in marked or ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            failures.append(error.start)
        else:
            if len(list(guards.control_characters(text))) * NOISE_SHARE > len(text):
                raise refuse("", "file-binary", name=path.name)
            return text
    raise refuse("", "file-encoding", name=path.name, offset=f"{max(failures) + 1}")


def _parsed(name: str, text: str, delimiter: str) -> Iterator[Row]:
    """Yield the rows of a CSV text; an unclosed quote is refused, for it would swallow rows unseen."""
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    numbers = itertools.count(1)
    try:
        for cells in reader:
            yield Row(next(numbers), tuple(guards.unshield(cell).strip() for cell in cells))
    except csv.Error as error:
        raise refuse("", "file-quotes", name=name, line=f"{next(numbers)}") from error


def fill_merged(sheet: Sheet) -> list[list[str]]:
    """Return the texts of the first rows with every merged range filled with the text it shows."""
    grid: Sequence[list[str]] = [[cell_text(cell) for cell in row.cells] for row in sheet.head]
    for span in sheet.spans:
        if span.top < len(grid) and span.left < len(grid[span.top]):
            shown = grid[span.top][span.left]
            for line in grid[span.top : span.bottom + 1]:
                for column in range(span.left, min(span.right + 1, len(line))):
                    line[column] = shown
    return list(grid)
