"""Decides what becomes of each row: a new record, one we have already, or a refusal.

It runs twice: once to show the user what would happen, and again inside the writing transaction, so that
nothing that came in between is overlooked. Whole columns are read once instead of one query a row.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from desktop.models import queries
from desktop.models.work import new_id
from desktop.services.exchange.rows import Complaint, Draft, fold_name, stand_in
from domain.fields import RECORD_TYPES, RecordType
from domain.problems import Problem, message, problems

if TYPE_CHECKING:
    import datetime as dt
    import uuid
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from desktop.models.queries import Row as StoredRow
    from domain.codes import CodeBook

Identity = tuple[Any, ...]
PAGE: Final = 500
TWINS: Final = 20
"""With so many records of one identity a row is compared, at most."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row whose record we have, saying something else in these fields; the record stays as it is."""

    row: int
    fields: tuple[str, ...]


@dataclass
class Outcome:
    """What becomes of every row of a table; nothing of it is written yet."""

    rows: int = 0
    new: list[tuple[uuid.UUID, dict[str, Any]]] = field(default_factory=list)
    linked: dict[str, list[tuple[uuid.UUID, dict[str, Any]]]] = field(default_factory=dict)
    duplicates: int = 0
    differing: list[Difference] = field(default_factory=list)
    rejected: list[Draft] = field(default_factory=list)
    warnings: list[Complaint] = field(default_factory=list)

    def links(self) -> dict[str, int]:
        """Return how many records of each type are made because rows name them."""
        return {name: len(made) for name, made in self.linked.items() if made}


def resolve(
    connection: Connection,
    record_type: str,
    drafts: Sequence[Draft],
    codes: CodeBook,
    *,
    on: dt.date,
    progress: Callable[[int, int], None],
) -> Outcome:
    """Return what becomes of the drafts against the store as it is now."""
    return _Resolver(connection, RECORD_TYPES[record_type], codes, on).run(drafts, progress)


class _Resolver:
    def __init__(self, connection: Connection, known: RecordType, codes: CodeBook, on: dt.date) -> None:
        self.connection = connection
        self.known = known
        self.codes = codes
        self.on = on
        self.outcome = Outcome()
        self.titles: dict[str, dict[str, list[uuid.UUID]]] = {}
        self.ids: dict[str, set[uuid.UUID]] = {}
        self.unborn: dict[uuid.UUID, tuple[str, str]] = {}
        self.faults: dict[tuple[str, str], list[Problem]] = {}

    def run(self, drafts: Sequence[Draft], progress: Callable[[int, int], None]) -> Outcome:
        held = self._identities()
        twins: list[tuple[Draft, dict[str, Any], list[int]]] = []
        seen: dict[Identity, dict[str, Any]] = {}
        born: list[tuple[Draft, dict[str, Any]]] = []
        self.outcome.rows = len(drafts)
        for number, draft in enumerate(drafts):
            if number % PAGE == 0:
                progress(number, len(drafts))
            values, complaints = self._with_references(draft)
            identity = self._identity(values)
            if not self._has_identity(draft, complaints):
                self._reject(draft, complaints)
            elif identity in held:
                twins.append((draft, values, held[identity]))
                self.outcome.warnings += complaints
            elif any(not complaint.problem.warning for complaint in complaints):
                self._reject(draft, complaints)
            elif identity in seen:
                self._note_difference(draft, values, [seen[identity]])
                self.outcome.duplicates += 1
                self.outcome.warnings += complaints
            else:
                seen[identity] = values
                born.append((draft, values))
                self.outcome.warnings += complaints
        self._compare(twins)
        self._give_birth(born)
        return self.outcome

    def _reject(self, draft: Draft, complaints: list[Complaint]) -> None:
        rejected = Draft(draft.row, complaints=complaints)
        self.outcome.rejected.append(rejected)

    def _has_identity(self, draft: Draft, complaints: list[Complaint]) -> bool:
        """Tell whether the row is a record whose identity could be read, whatever else is wrong with it."""
        broken = {complaint.problem.field for complaint in complaints if not complaint.problem.warning}
        return draft.is_record and not broken & {self.known.title, *self.known.identity}

    def _identity(self, values: dict[str, Any]) -> Identity:
        return tuple(_comparable(values.get(name)) for name in self.known.identity)

    def _identities(self) -> dict[Identity, list[int]]:
        """Return the row ids of the live records by their identity."""
        found: dict[Identity, list[int]] = defaultdict(list)
        for row in self._all(self.known.name):
            found[self._identity(row)].append(row["row"])
        return found

    def _all(self, record_type: str) -> Iterator[StoredRow]:
        query = queries.Query(record_type, order="row", descending=False)
        ids = queries.row_ids(self.connection, query)
        for start in range(0, len(ids), PAGE):
            yield from self._page(record_type, ids[start : start + PAGE].tolist()).values()

    def _page(self, record_type: str, ids: list[int]) -> dict[int, StoredRow]:
        return queries.rows_by_row_id(self.connection, record_type, ids)

    def _with_references(self, draft: Draft) -> tuple[dict[str, Any], list[Complaint]]:
        """Return the draft's values with ids for the records it names, and all complaints."""
        values, complaints = dict(draft.values), list(draft.complaints)
        for known in self.known.fields:
            if known.kind != "ref" or values.get(known.name) is None:
                continue
            name = draft.names.get(known.name)
            if name is None:
                self._load(known.to)
                wrong = [] if values[known.name] in self.ids[known.to] else ["unknown-record"]
                faults = [Problem(known.name, code, {"value": str(values[known.name])}) for code in wrong]
            else:
                values[known.name], faults = self._named(known.to, name)
            complaints += [self._complaint(draft, known.name, name, fault) for fault in faults]
        return values, complaints

    def _complaint(self, draft: Draft, name: str, value: str | None, fault: Problem) -> Complaint:
        problem = Problem(name, fault.code, fault.params)
        label, reason = self.known[name].label, message(problem, self.known)
        return Complaint(draft.row.number, label, value or fault.params.get("value", ""), problem, reason)

    def _named(self, record_type: str, name: str) -> tuple[uuid.UUID, list[Problem]]:
        """Return the record of that name, or the stand-in of one that can be made from its name."""
        self._load(record_type)
        found = self.titles[record_type].get(fold_name(name), [])
        stand = stand_in(record_type, name)
        if len(found) == 1:
            return found[0], []
        if found:
            return stand, [Problem("", "ambiguous-record", {"value": name, "count": str(len(found))})]
        self.unborn.setdefault(stand, (record_type, name))
        return stand, self._faults_of_new(record_type, name)

    def _faults_of_new(self, record_type: str, name: str) -> list[Problem]:
        """Return why no record can be made from this name alone."""
        cached = self.faults.get((record_type, name))
        if cached is None:
            known = RECORD_TYPES[record_type]
            found = problems(known, values_of_new(known, name), self.codes, on=self.on)
            other = [problem for problem in found if problem.field != known.title]
            unmakeable = bool(other) or known.kept
            cached = [Problem("", "unknown-record", {"value": name})] if unmakeable else found
            self.faults[record_type, name] = cached
        return cached

    def _load(self, record_type: str) -> None:
        if record_type in self.titles:
            return
        title = RECORD_TYPES[record_type].title
        names: dict[str, list[uuid.UUID]] = defaultdict(list)
        ids: set[uuid.UUID] = set()
        for row in self._all(record_type):
            names[fold_name(str(row[title] or ""))].append(row["id"])
            ids.add(row["id"])
        self.titles[record_type], self.ids[record_type] = dict(names), ids

    def _note_difference(self, draft: Draft, values: dict[str, Any], others: list[dict[str, Any]]) -> None:
        """Note in which of the fields the row speaks about it differs from the record most like it."""
        different = min(
            (
                [
                    known.label
                    for known in self.known.fields
                    if self._differs(draft, values, other, known.name)
                ]
                for other in others
            ),
            key=len,
        )
        if different:
            self.outcome.differing.append(Difference(draft.row.number, tuple(different)))

    def _differs(self, draft: Draft, values: dict[str, Any], other: dict[str, Any], name: str) -> bool:
        if name not in draft.said or name in self.known.identity:
            return False
        mine, theirs = values[name], other.get(name)
        return set(mine) != set(theirs or ()) if isinstance(mine, tuple) else bool(mine != theirs)

    def _compare(self, twins: list[tuple[Draft, dict[str, Any], list[int]]]) -> None:
        self.outcome.duplicates += len(twins)
        for start in range(0, len(twins), PAGE):
            page = twins[start : start + PAGE]
            wanted = [row for _, _, rows in page for row in rows[:TWINS]]
            held = self._page(self.known.name, list(dict.fromkeys(wanted)))
            for draft, values, rows in page:
                self._note_difference(draft, values, [held[row] for row in rows[:TWINS]])

    def _give_birth(self, born: list[tuple[Draft, dict[str, Any]]]) -> None:
        """Give ids to the new records and to those they name; a name may stand in the same file."""
        real: dict[uuid.UUID, uuid.UUID] = {}
        for _, values in born:
            record_id = new_id()
            title = values.get(self.known.title)
            if isinstance(title, str):
                real.setdefault(stand_in(self.known.name, title), record_id)
            self.outcome.new.append((record_id, values))
        for _, values in born:
            for known in self.known.fields:
                stand = values.get(known.name) if known.kind == "ref" else None
                if stand in self.unborn:
                    values[known.name] = real.setdefault(stand, self._link(stand, real))

    def _link(self, stand: uuid.UUID, real: dict[uuid.UUID, uuid.UUID]) -> uuid.UUID:
        if stand in real:
            return real[stand]
        record_type, name = self.unborn[stand]
        record_id = new_id()
        made = values_of_new(RECORD_TYPES[record_type], name)
        self.outcome.linked.setdefault(record_type, []).append((record_id, made))
        return record_id


def values_of_new(known: RecordType, name: str) -> dict[str, Any]:
    """Return the values of a record of which only the name is known."""
    return {**{f.name: f.default for f in known.fields if f.default is not None}, known.title: name}


def _comparable(value: Any) -> Any:
    return fold_name(value) if isinstance(value, str) else value
