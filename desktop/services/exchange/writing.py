"""Writes tables as XLSX and CSV so that nothing in them can act as a formula, and never half a file."""

from __future__ import annotations

import csv
import decimal
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from desktop.services.exchange import guards
from domain.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

Value = str | decimal.Decimal | None

SAFE_OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "constant_memory": True,
}
WIDTHS: Final = (8, 60)


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of a table to write: its header, its width in characters, its number format."""

    text: str
    width: int = 12
    format: str = ""


def write_table(path: Path, sheet: str, headings: Sequence[Heading], rows: Iterable[Sequence[Value]]) -> None:
    """Write a table to ``path`` in the format its name ends with; whole, or not at all.

    Raises:
        Refusal: the name ends otherwise, or the file cannot be written.
    """
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise refuse("", "file-kind", name=path.name)
    draft = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        write(draft, sheet, headings, rows)
        draft.replace(path)
    except (OSError, XlsxWriterException) as error:
        raise refuse("", "file-not-writable", name=path.name) from error
    finally:
        draft.unlink(missing_ok=True)


def _write_xlsx(path: Path, sheet: str, headings: Sequence[Heading], rows: Iterable[Sequence[Value]]) -> None:
    with path.open("wb") as out, xlsxwriter.Workbook(out, SAFE_OPTIONS) as book:
        page = book.add_worksheet(sheet)
        head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True})
        formats = [book.add_format({"num_format": heading.format or "General"}) for heading in headings]
        for column, heading in enumerate(headings):
            width = min(max(heading.width, WIDTHS[0]), WIDTHS[1])
            page.set_column(column, column, width * 1.2)
            page.write_string(0, column, heading.text, head)
        page.freeze_panes(1, 1)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write_cell(page, number, column, value, formats[column])


def _write_cell(page: Any, row: int, column: int, value: Value, number_format: Any) -> None:
    if isinstance(value, decimal.Decimal) and fits_a_spreadsheet(value):
        page.write_number(row, column, float(value), number_format)
    elif value is not None and value != "":
        page.write_string(row, column, plain(value))


def fits_a_spreadsheet(value: decimal.Decimal) -> bool:
    """Tell whether a spreadsheet's 15 digits hold the value exactly; if not it is written as text."""
    return decimal.Decimal(f"{float(value):.15g}") == value


def plain(value: str | decimal.Decimal) -> str:
    """Return a value as plain text, amounts without separators or exponents."""
    return f"{value:f}" if isinstance(value, decimal.Decimal) else value


def _write_csv(path: Path, _sheet: str, headings: Sequence[Heading], rows: Iterable[Sequence[Value]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([guards.shield(heading.text) for heading in headings])
        for row in rows:
            writer.writerow([_csv_text(value) for value in row])


def _csv_text(value: Value) -> str:
    if value is None:
        return ""
    return guards.shield(value) if isinstance(value, str) else plain(value)


WRITERS: Final[dict[str, Callable[[Path, str, Sequence[Heading], Iterable[Sequence[Value]]], None]]] = {
    ".xlsx": _write_xlsx,
    ".csv": _write_csv,
}
