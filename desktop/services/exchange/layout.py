"""Finds the sheet and the header row in a file that somebody made for people, not for programs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop.services.exchange import headers, tables
from domain.fields import RECORD_TYPES
from domain.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from desktop.services.exchange.headers import Column
    from desktop.services.exchange.tables import Row, Sheet

SIGNATURE_LENGTH: Final = 16


@dataclass(frozen=True)
class Layout:
    """Where a table begins and what its columns are; ``header_row`` is the last row of the header."""

    sheet: Sheet
    header_row: int
    columns: tuple[Column, ...]
    signature: str

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header that hold anything."""
        return (row for row in self.sheet.read() if row.number > self.header_row and not tables.is_blank(row))

    def filled(self) -> frozenset[str]:
        """Return the names of the fields that have a column."""
        return frozenset(column.field for column in self.columns if column.field)

    def unmapped(self) -> tuple[str, ...]:
        """Return the headers that no field takes and nobody chose to leave out."""
        return tuple(
            column.header
            for column in self.columns
            if column.field is None and column.header and column.header not in headers.REJECT_HEADERS
        )


def find(
    record_type: str,
    sheets: Sequence[Sheet],
    mapping: Callable[[str], Mapping[str, str] | None],
) -> Layout:
    """Return the layout with the most recognised columns over all sheets and their first rows.

    ``mapping`` gives the column mapping for a header's signature, or None. Where nothing is recognised the
    fullest row is taken for the header, so that the user can map its columns.

    Raises:
        Refusal: no sheet could be read.
    """
    best: tuple[tuple[int, int, int], Layout] | None = None
    refusal: Refusal | None = None
    for sheet in sheets:
        try:
            layouts = list(_layouts(record_type, sheet, mapping))
        except Refusal as error:
            refusal = refusal or error
            continue
        for layout in layouts:
            score = _score(record_type, layout)
            if best is None or score > best[0]:
                best = score, layout
    if best is None:
        raise refusal or AssertionError("a file has at least one sheet")
    return best[1]


def _score(record_type: str, layout: Layout) -> tuple[int, int, int]:
    filled = layout.filled()
    required = sum(field.required and field.name in filled for field in RECORD_TYPES[record_type].fields)
    return len(filled), required, 0 if filled else sum(bool(column.header) for column in layout.columns)


def _layouts(
    record_type: str, sheet: Sheet, mapping: Callable[[str], Mapping[str, str] | None]
) -> Iterator[Layout]:
    """Yield every row as header, with the merged groups above it, or else alone and with the row above."""
    grid = tables.fill_merged(sheet)
    for last, line in enumerate(grid):
        groups = _groups(sheet, last, len(line))
        for above in [groups] if groups else [0, 1]:
            if above <= last:
                yield _layout(record_type, sheet, grid, (last - above, last), mapping)
    if not grid:
        yield Layout(sheet, 0, (), signature(()))


def _groups(sheet: Sheet, last: int, width: int) -> int:
    """Return how many rows right above a header row hold merged group headers; titles are none."""
    found = 0
    for row in range(last - 1, -1, -1):
        wide = [span for span in sheet.spans if span.top <= row <= span.bottom and span.left < span.right]
        if not wide or any(span.right - span.left + 1 >= width for span in wide):
            break
        found += 1
    return found


def _layout(
    record_type: str,
    sheet: Sheet,
    grid: list[list[str]],
    place: tuple[int, int],
    mapping: Callable[[str], Mapping[str, str] | None],
) -> Layout:
    first, last = place
    lines = grid[first : last + 1]
    texts = [_parts(lines, column) for column in range(max(map(len, lines)))]
    sign = signature("/".join(parts) for parts in texts)
    caption = headers.caption_unit(text for line in grid[:last] for text in line)
    made = headers.columns(record_type, texts, mapping(sign), caption)
    return Layout(sheet, sheet.head[last].number, made, sign)


def _parts(lines: list[list[str]], column: int) -> list[str]:
    """Return the texts of a column's header from top to bottom, without blanks and repetitions."""
    texts = (" ".join(line[column].split()) for line in lines if column < len(line))
    return list(dict.fromkeys(text for text in texts if text))


def signature(names: Iterator[str] | tuple[str, ...]) -> str:
    """Return a short name for a row of headers, under which its mapping is kept."""
    joined = "\n".join(headers.key(name) for name in names)
    return hashlib.sha256(joined.encode()).hexdigest()[:SIGNATURE_LENGTH]
