"""Turns the rows of a table into values of fields, and says of every cell that is none why."""

from __future__ import annotations

import datetime as dt
import functools
import re
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from desktop.services.exchange.tables import cell_text
from domain import codes, folding
from domain.fields import RECORD_TYPES, Field
from domain.problems import Problem, message, problems
from domain.values import UnreadableError, fold, is_empty, parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop.services.exchange.headers import Column
    from desktop.services.exchange.tables import Cell, Row
    from domain.codes import CodeBook

_NAMES: Final = uuid.UUID("6f0c3c0e-6a52-5e0b-9a5c-3d2f1f7f6d10")
"""Space of the stand-in ids for records that are only named yet."""

_ID: Final = re.compile(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_NO_RECORD: Final = re.compile(
    r"^(?:合计|总计|小计|共计|累计)(?:[:(].*)?$|^(?:注|备注|说明|填表人|制表人|审核人|填报单位)\d*:.*$"
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one cell, in words and for programs."""

    row: int
    column: str
    value: str
    problem: Problem
    reason: str


@dataclass(slots=True)
class Draft:
    """One row on its way to a record.

    ``said`` are the fields for which the row holds a value; references by name stand in ``values`` as
    stand-in ids and in ``names`` as words.
    """

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)
    is_record: bool = True

    def errors(self) -> list[Complaint]:
        """Return the complaints for which the row cannot be imported."""
        return [complaint for complaint in self.complaints if not complaint.problem.warning]


@functools.lru_cache(maxsize=10_000)
def fold_name(text: str) -> str:
    """Return a name as names are compared: as search does, and without blanks."""
    return "".join(folding.fold(text).split())


@functools.lru_cache(maxsize=10_000)
def stand_in(record_type: str, name: str) -> uuid.UUID:
    """Return the id that stands for a record as long as only its name is known."""
    return uuid.uuid5(_NAMES, f"{record_type}:{fold_name(name)}")


_AT_MOST_ONE: Final = re.compile(r"-?(?:0?\.\d*[1-9]\d*|1(?:\.0*)?)$")
_SAYS_PERCENT: Final = re.compile("%|pct|percent|百分")


class RowReader:
    """Reads rows of one table as records of one type."""

    def __init__(
        self, record_type: str, columns: Sequence[Column], codes: CodeBook, *, on: dt.date, ragged: bool
    ) -> None:
        self.known = RECORD_TYPES[record_type]
        self.codes = codes
        self.on = on
        self.width = len(columns) if ragged else None
        self.columns: Mapping[str, list[Column]] = defaultdict(list)
        for column in columns:
            if column.field:
                self.columns[column.field].append(column)
        self.filled = [known for known in self.known.fields if known.name in self.columns]
        self.defaults = {f.name: f.default for f in self.known.fields if f.default is not None}
        self.code = functools.lru_cache(maxsize=10_000)(self._code)
        self.find = functools.lru_cache(maxsize=10_000)(self._find)

    def read(self, row: Row) -> Draft:
        """Return the draft of a row, with everything that is wrong with its cells at once."""
        draft = Draft(row)
        if self._is_no_record(draft) or self._is_too_long(draft):
            draft.is_record = False
            return draft
        on = self._day_of(row)
        for known in self.filled:
            self._read_field(draft, known, on)
        draft.values = {**self.defaults, **draft.values}
        unreadable = {complaint.problem.field for complaint in draft.errors()}
        for problem in problems(self.known, draft.values, self.codes, on=self.on):
            if problem.field not in unreadable:
                self.complain(draft, problem)
        return draft

    def complain(self, draft: Draft, problem: Problem) -> None:
        """Note a problem of the draft with the header and the cell it comes from."""
        columns = self.columns.get(problem.field, [])
        label = self.known[problem.field].label if problem.field in self.known else ""
        header = "/".join(column.header for column in columns) or label
        value = " ".join(filter(None, (cell_text(_cell(draft.row, column)) for column in columns)))
        reason = message(problem, self.known)
        draft.complaints.append(Complaint(draft.row.number, header, value, problem, reason))

    def _is_no_record(self, draft: Draft) -> bool:
        """Tell whether the row is a total or a note below the table; it is refused, never dropped."""
        texts = (cell_text(_cell(draft.row, column)) for column in self.columns.get(self.known.title, ()))
        for text in texts:
            if _NO_RECORD.match(codes.fold(text)):
                self.complain(draft, Problem(self.known.title, "total-row", {"value": text}))
        return bool(draft.complaints)

    def _is_too_long(self, draft: Draft) -> bool:
        """Tell whether cells stand beyond the header: a delimiter too many shifts every value."""
        if self.width is None or not any(draft.row.cells[self.width :]):
            return False
        params = {"count": str(len(draft.row.cells)), "max": str(self.width)}
        self.complain(draft, Problem("", "too-many-cells", params))
        return True

    def _day_of(self, row: Row) -> dt.date:
        """Return the day at which the row's codes must be valid."""
        for column in self.columns.get(self.known.dated_by, ()):
            try:
                dated = parse(self.known[self.known.dated_by], _cell(row, column), self.codes, on=self.on)
            except UnreadableError:
                continue
            if dated:
                return dt.date(dated.year, dated.month, dated.day)
        return self.on

    def _read_field(self, draft: Draft, known: Field, on: dt.date) -> None:
        columns = self.columns[known.name]
        if len(columns) == 1 and _cell(draft.row, columns[0]) == "":
            return
        value: Any
        try:
            if len(columns) > 1:
                value = self._region(draft, known, [_cell(draft.row, column) for column in columns], on)
            elif known.codes:
                value = self.code(known, _cell(draft.row, columns[0]), on)
            elif known.kind == "ref":
                value = self._reference(draft, known, _cell(draft.row, columns[0]))
            else:
                _demand_clear_percentage(known, columns[0], _cell(draft.row, columns[0]))
                scale = columns[0].scale
                value = parse(known, _cell(draft.row, columns[0]), self.codes, on=on, scale=scale)
        except UnreadableError as error:
            self._keep_words(draft, known, error.problem)
            return
        if value is not None:
            self._say(draft, known.name, value)

    def _code(self, known: Field, cell: Cell, on: dt.date) -> Any:
        """Return the code or codes of a cell; the same few words stand in every row of a column."""
        return parse(known, cell, self.codes, on=on)

    def _find(self, name: str, words: str, on: dt.date) -> str | None:
        return self.codes[name].find(words, on)

    def _say(self, draft: Draft, name: str, value: Any) -> None:
        """Take a value; words kept from another column come before those already there."""
        held = draft.values.get(name)
        draft.values[name] = f"{held}；{value}" if held and held != value else value
        draft.said.add(name)

    def _keep_words(self, draft: Draft, known: Field, problem: Problem) -> None:
        """Keep words that the code list does not know in the text field declared for them."""
        if known.fallback and problem.code == "unknown-code":
            self._say(draft, known.fallback, problem.params["value"].strip())
        else:
            self.complain(draft, problem)

    def _reference(self, draft: Draft, known: Field, cell: Cell) -> uuid.UUID | None:
        """Return the id in the cell, or a stand-in for the record that the cell names."""
        if is_empty(cell):
            return None
        words = " ".join(cell_text(cell).split())
        if _ID.match(words):
            return uuid.UUID(words)
        draft.names[known.name] = words
        return stand_in(known.to, words)

    def _region(self, draft: Draft, known: Field, cells: Sequence[Cell], on: dt.date) -> str | None:
        """Return the region that province, city and county name together, the most specific known.

        A part that the list does not know is not lost unseen: it is a warning when a part above it is
        known, and parts that contradict one another are refused.
        """
        words = [cell_text(cell) for cell in cells if not is_empty(cell)]
        book = self.codes[known.codes]
        whole = " ".join(words)
        joined = self.find(known.codes, "".join(words), on) if words else None
        if joined or not words:
            return joined
        found = [(word, self.find(known.codes, word, on)) for word in words]
        codes_found = [code for _, code in found if code]
        unknown = Problem(known.name, "unknown-code", {"value": whole, "list": book.label})
        if not codes_found:
            raise UnreadableError(unknown)
        finest = max(codes_found, key=lambda code: len(book.ancestors(code, on)))
        if not {finest, *book.ancestors(finest, on)} >= set(codes_found):
            raise UnreadableError(unknown)
        for word, code in found:
            if code is None:
                params = {"value": word, "list": book.label, "taken": book.path(finest, on)}
                self.complain(draft, Problem(known.name, "region-unknown", params))
        return finest


def _cell(row: Row, column: Column) -> Cell:
    return row.cells[column.index] if column.index < len(row.cells) else ""


def _demand_clear_percentage(known: Field, column: Column, cell: Cell) -> None:
    """Refuse a share that may be a ratio: workbooks reach us without formats, 75 % as 0.75.

    A sign in the cell, or a header that speaks of per cent, makes it clear.
    """
    said = fold(f"{column.header}{cell}").lower()
    if known.unit_label == "%" and _AT_MOST_ONE.match(str(cell)) and not _SAYS_PERCENT.search(said):
        raise UnreadableError(Problem(known.name, "unclear-percentage", {"value": str(cell)}))
