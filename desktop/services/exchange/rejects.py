"""Writes the rows that were not imported, with their reasons, so that they can be mended and tried again."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from desktop.services.exchange.headers import REJECT_HEADERS
from desktop.services.exchange.tables import cell_text
from desktop.services.exchange.writing import Heading, write_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from desktop.services.exchange.layout import Layout
    from desktop.services.exchange.rows import Draft


def write(folder: Path, source: Path, layout: Layout, rejected: Sequence[Draft]) -> Path | None:
    """Write the rejected rows beside their reasons; return the new file, or None if there is no row.

    The columns 行号, 列, 值 and 原因 come first, then the row as it was; the format is that of the source.
    An older file is never replaced.

    Raises:
        Refusal: the file cannot be written.
    """
    if not rejected:
        return None
    suffix = ".csv" if source.suffix.lower() == ".csv" else ".xlsx"
    path = _free_name(folder, f"{source.stem}-未导入", suffix)
    width = max(len(draft.row.cells) for draft in rejected)
    headers = [column.header for column in layout.columns] + [""] * (width - len(layout.columns))
    headings = [Heading(text, 24) for text in (*REJECT_HEADERS, *headers)]
    write_table(path, "未导入", headings, _lines(rejected))
    return path


def _free_name(folder: Path, stem: str, suffix: str) -> Path:
    names = (f"{stem}{f'-{number}' if number > 1 else ''}{suffix}" for number in itertools.count(1))
    return next(folder / name for name in names if not (folder / name).exists())


def _lines(rejected: Iterable[Draft]) -> Iterable[list[str]]:
    for draft in rejected:
        errors = draft.errors()
        facts = ([e.column for e in errors], [e.value for e in errors], [e.reason for e in errors])
        yield [
            str(draft.row.number),
            *("\n".join(texts) for texts in facts),
            *map(cell_text, draft.row.cells),
        ]
