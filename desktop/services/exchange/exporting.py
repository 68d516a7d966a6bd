"""Gives a list out as a spreadsheet; unmasked, the same file comes back as nothing but duplicates."""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from desktop.models import queries
from desktop.models.queries import Query
from desktop.services.exchange.rows import fold_name
from desktop.services.exchange.writing import Heading, Value, write_table
from domain.fields import RECORD_TYPES, Field, Kind
from domain.values import is_empty, mask, show

if TYPE_CHECKING:
    import datetime as dt
    import uuid
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from desktop.models.queries import Row
    from desktop.services.desk import Desk
    from domain.codes import CodeBook

PAGE: Final = 500
MONEY_FORMAT: Final = "#,##0.00"
NUMERIC: Final[frozenset[Kind]] = frozenset({"money", "number"})
SEPARATORS: Final = frozenset(";；,，、/|\n")
"""Characters at which a list of codes is cut when it is read again (domain.values)."""


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""


def export(
    desk: Desk,
    record_type: str,
    path: Path,
    query: Query | None = None,
    *,
    masked: bool = True,
    progress: Callable[[int, int], None] = _silent,
) -> int:
    """Write the records of a query (all live ones without it) to ``path``; return how many.

    The name's end chooses XLSX or CSV. Amounts are in yuan, codes by their labels, references by title,
    personal data masked unless told otherwise. ``progress(done, total)`` is called between pages; what it
    raises leaves no file.

    Raises:
        Refusal: the name ends otherwise, or the file cannot be written.
    """
    known = RECORD_TYPES[record_type]
    wanted = query or Query(record_type, order="row", descending=False)
    with desk.store.read() as connection:
        ids = queries.row_ids(connection, wanted).tolist()
        lines = _Lines(connection, record_type, desk.codes, on=desk.today(), masked=masked)
        headings = [heading(field) for field in known.fields]
        write_table(path, known.label, headings, lines.of(ids, progress))
    return len(ids)


def heading(field: Field) -> Heading:
    """Return the header of a field, with the unit its numbers are in."""
    unit = "元" if field.kind == "money" else field.unit_label
    text = f"{field.label}（{unit}）" if unit else field.label
    return Heading(text, max(field.listed, 2 * len(text)), _number_format(field))


def _number_format(field: Field) -> str:
    if field.kind == "money":
        return MONEY_FORMAT
    return f"0.{'0' * field.places}" if field.kind == "number" and field.places else ""


class _Lines:
    """The rows of an export, page by page from one unchanging state of the store."""

    def __init__(
        self, connection: Connection, record_type: str, codes: CodeBook, *, on: dt.date, masked: bool
    ) -> None:
        self.connection = connection
        self.known = RECORD_TYPES[record_type]
        self.codes = codes
        self.on = on
        self.masked = masked
        self.words = functools.lru_cache(maxsize=10_000)(self._words)
        self.shared = {field.to: self._shared_titles(field.to) for field in self._references()}

    def of(self, ids: Sequence[int], progress: Callable[[int, int], None]) -> Iterator[list[Value]]:
        for start in range(0, len(ids), PAGE):
            progress(start, len(ids))
            page = ids[start : start + PAGE]
            rows = queries.rows_by_row_id(self.connection, self.known.name, page)
            titles = self._titles(list(rows.values()))
            for row_id in page:
                on = rows[row_id].get(self.known.dated_by) or self.on
                yield [
                    self._value(field, rows[row_id][field.name], titles, on) for field in self.known.fields
                ]

    def _references(self) -> list[Field]:
        return [field for field in self.known.fields if field.kind == "ref"]

    def _shared_titles(self, record_type: str) -> frozenset[str]:
        """Return the names that several live records bear: only an id tells those apart."""
        title = RECORD_TYPES[record_type].title
        query = Query(record_type, order="row", descending=False)
        ids = queries.row_ids(self.connection, query).tolist()
        names: Counter[str] = Counter()
        for start in range(0, len(ids), PAGE):
            page = queries.rows_by_row_id(self.connection, record_type, ids[start : start + PAGE])
            names.update(fold_name(str(row[title] or "")) for row in page.values())
        return frozenset(name for name, count in names.items() if count > 1)

    def _titles(self, rows: list[Row]) -> dict[uuid.UUID, str]:
        found: dict[uuid.UUID, str] = {}
        for field in self._references():
            ids = {row[field.name] for row in rows if row[field.name]}
            named = queries.titles(self.connection, field.to, ids)
            found |= {
                key: name
                for key, name in named.items()
                if fold_name(name) not in self.shared[field.to] and not is_empty(name)
            }
        return found

    def _value(self, field: Field, value: Any, titles: Mapping[uuid.UUID, str], on: dt.date) -> Value:
        if value is None:
            return None
        if field.kind in NUMERIC:
            return value  # type: ignore[no-any-return]  # a decimal, by its kind
        if field.kind == "ref":
            return titles.get(value, str(value))
        if field.kind == "choice":
            return self.words(field.codes, value, on)
        if field.kind == "choices":
            return "；".join(self._part(field, code, on) for code in value)
        shown = show(field, value, self.codes)
        return mask(field, shown) if self.masked else shown

    def _part(self, field: Field, code: str, on: dt.date) -> str:
        words = self.words(field.codes, code, on)
        return code if SEPARATORS & set(words) else words

    def _words(self, name: str, code: str, on: dt.date) -> str:
        """Return the plainest words that mean exactly this code: its label, its path, or the code itself."""
        listed = self.codes[name]
        spoken = (listed.label_of(code, on), listed.path(code, on))
        return next((words for words in spoken if listed.find(words, on) == code), code)
