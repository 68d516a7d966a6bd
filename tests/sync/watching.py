"""Looks on while a history happens: at every batch as the server takes it, at every page as a desk shows it.

The invariants are those of docs/protocol.md. Texts, codes and amounts are never typed twice, so that each
tells its edit.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from desktop.models.images import to_column
from desktop.models.tables import STUB
from domain.protocol import Drop, New, Set, State, Status
from domain.registry import LIFE, by_number, wire_types
from domain.scopes import PUBLIC
from tests.sync.bench import FEW, comparable
from tests.sync.scripts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from domain.protocol import Batch, BatchAnswer, Op, SyncAnswer
    from server.caller import Caller
    from tests.sync.bench import Bench

Key = tuple[str, bytes]
Moment = tuple[str, int, int]
"""A scope, its epoch and its head."""
Place = tuple[str, bytes, str]
"""A column of a record."""
TYPED: Final = {"party": ("name", "remark", "roles"), "deal": ("title", "remark", "deal_amount", "ip_kinds")}
"""The columns into which people type."""
SETS: Final = frozenset({"roles", "ip_kinds"})
AMOUNT: Final = "deal_amount"
DECLINED: Final = (Status.CONFLICT, Status.REFUSED)
_STATE: Final = """
    SELECT s.key, s.epoch, s.head, e.type, uuid_send(e.pk), e.state, e.body
    FROM scope s LEFT JOIN entity e ON e.scope = s.number
    WHERE substr(s.key, 3) = ANY(%s)
"""


@dataclass(frozen=True)
class Held:
    """One record as the server has it."""

    dead: bool
    values: dict[str, Any]


@dataclass
class Author:
    """One person at one desk: what each column ever showed to him, what he typed, what he wants gone."""

    seen: dict[Place, set[Any]] = field(default_factory=lambda: defaultdict(set))
    typed: dict[Place, set[Any]] = field(default_factory=lambda: defaultdict(set))
    drops: dict[tuple[bytes, int], dict[str, frozenset[Any]]] = field(default_factory=dict)
    kept: dict[Place, set[Any]] = field(default_factory=lambda: defaultdict(set))
    """What he took out of a set by an action that was declined: it is for people to decide."""
    restored: bool = False


class Watch:
    """One organisation on the server and the desks of its people."""

    def __init__(self, bench: Bench, callers: list[Caller], *, honest: bool) -> None:
        self._bench = bench
        self.authors = {caller.account: Author() for caller in callers}
        self._owners = [callers[0].organisation, *self.authors]
        self._honest = honest
        self.amounts_seen: dict[Any, frozenset[Any]] = {}
        self._states: dict[Moment, dict[Key, Held] | None] = {}
        """By scope, epoch and head; None between the batches of one request, when nobody could look."""
        self._taken: set[tuple[int, int]] = set()
        self._last: dict[Place, tuple[int, Any]] = {}
        self._put: set[Any] = set()
        self._moved: set[bytes] = set()
        self._epochs: dict[str, int] = {}
        self._restored = False
        self.now = self._read()

    # ── the server ──────────────────────────────────────────────────────────────────────────────

    def _read(self) -> dict[Key, Held]:
        """Keep what each scope is now; return all records that are somewhere."""
        states: dict[Moment, dict[Key, Held]] = defaultdict(dict)
        with self._bench.database.reading() as connection:
            for scope, epoch, head, kind, pk, state, body in connection.execute(_STATE, (self._owners,)):
                held = states[scope, epoch, head]
                self._epochs[scope] = epoch
                if state in (State.LIVE, State.DEAD) and kind in by_number():
                    key = (by_number()[kind].record_type.name, bytes(pk))
                    held[key] = Held(state == State.DEAD, _values(kind, msgspec.msgpack.decode(body)))
        self._states.update(states)
        return {key: held for state in states.values() for key, held in state.items()}

    def pushed(self, caller: Caller, batches: list[Batch], answer: SyncAnswer) -> None:
        """Look at what a request has made of the records."""
        if not batches or caller.account not in self.authors:
            if self._restored:
                self._read()  # a scope may have begun a new epoch
            return
        epochs = dict(self._epochs)
        before, self.now = self.now, self._read()
        author, new = self.authors[caller.account], False
        turned: dict[Place, tuple[Any, Any]] = {}
        for batch, told in zip(batches, answer.batches, strict=False):
            for scope, head in told.after.items():
                for epoch in {epochs.get(scope, 0), self._epochs[scope]}:
                    self._states.setdefault((scope, epoch, head), None)
            if told.expected < 0 and (caller.device, batch.number) not in self._taken:
                self._taken.add((caller.device, batch.number))
                self._check_batch(author, batch, told, before, turned)
                new = True
        self._check_sets(author, turned)
        if not new and before != self.now:
            raise Violation(f"I2: what {caller.label} sent took effect twice")
        self._check_amounts(before)

    def _check_batch(
        self,
        author: Author,
        batch: Batch,
        told: BatchAnswer,
        before: dict[Key, Held],
        turned: dict[Place, tuple[Any, Any]],
    ) -> None:
        for clock, op, name, declined in _edits(batch, told):
            if isinstance(op, Set):
                _check_typed(author, op, name)
            if declined:
                self._check_clash(author, op, name, before, declined)
                _note_kept(author, op, name)
            elif isinstance(op, Drop):
                self._check_drop(author, clock, (name, op.pk), before)
            elif isinstance(op, Set):
                self._note_texts(clock, op, name)
                _note_sets(op, name, turned)
            elif isinstance(op, New):
                self._note_texts(clock, op, name)
            else:
                self._moved.add(op.pk)

    def _check_amounts(self, before: dict[Key, Held]) -> None:
        """I3: no amount replaces one that its author had not seen.

        What a server has forgotten comes back from who saw what came after: that counts as seen, too.
        """
        for key, held in self.now.items():
            old = before[key].values.get(AMOUNT) if key in before else None
            new = held.values.get(AMOUNT)
            if old is not None and old != new and old not in self._behind(new, {old}):
                raise Violation(f"I3: {new} replaced {old}, which its author had not seen")

    def _behind(self, amount: Any, otherwise: set[Any]) -> set[Any]:
        """Return what the author of an amount had seen, of a restored server also what lies behind that."""
        seen = set(self.amounts_seen.get(amount, otherwise))
        ahead = list(seen) if self._restored else []
        while ahead:
            more = self.amounts_seen.get(ahead.pop(), frozenset()) - seen
            seen |= more
            ahead += more
        return seen

    def _check_drop(self, author: Author, clock: int, key: Key, before: dict[Key, Held]) -> None:
        """I5: a deletion never removes what its author had not seen."""
        if key not in before or before[key].dead or key not in self.now:
            return
        for column, seen in author.drops.get((key[1], clock), {}).items():
            if self.now[key].values[column] not in seen:
                raise Violation(f"I5: {self.now[key].values[column]} was dropped by one who never saw it")

    def _check_clash(self, author: Author, op: Op, name: str, before: dict[Key, Held], code: str) -> None:
        """I13: an amount that is surfaced had not been seen by the author who met it."""
        if code != "changed" or author.restored or op.pk in self._moved or not isinstance(op, Set):
            return
        place = wire_types()["deal"].places[AMOUNT]
        for values in op.units.values() if name == "deal" else ():
            met = before[name, op.pk].values[AMOUNT]
            if met in self.amounts_seen.get(values.get(place), ()):
                raise Violation(f"I13: {values[place]} met {met}, which its author had seen")

    def _note_texts(self, clock: int, op: Set | New, name: str) -> None:
        for number, unit in wire_types()[name].units.items():
            column, position = unit.fields[0].name, unit.places[0]
            if unit.policy != "free" or column not in TYPED.get(name, ()):
                continue
            values = dict(enumerate(op.body)) if isinstance(op, New) else op.units.get(number)
            if values is not None:
                place, told = (name, op.pk, column), (clock, values.get(position))
                self._last[place] = max(self._last.get(place, told), told, key=operator.itemgetter(0))

    def _check_sets(self, author: Author, turned: Mapping[Place, tuple[Any, Any]]) -> None:
        """I6: what somebody took out of a set is gone, what he added is there."""
        for (name, pk, column), (was, value) in turned.items():
            if author.restored or (name, pk) not in self.now:
                continue
            mine = set(value or ())
            held = set(self.now[name, pk].values[column] or ())
            seen = {code for shown in author.seen[name, pk, column] for code in shown or ()}
            kept = author.kept[name, pk, column]
            kept -= set(was or ()) - mine
            if held & (seen - mine - kept):
                raise Violation(f"I6: {sorted(held & (seen - mine))} taken out of {column} is there again")
            put = mine - self._put - set(was or ())
            if put - held:
                raise Violation(f"I6: {sorted(put - held)} put into {column} is gone")
            self._put |= mine | held

    def check_last(self) -> None:
        """I6: of the texts typed into one column the latest stands, whoever synced first."""
        for (name, pk, column), (_, value) in self._last.items() if self._honest else ():
            held = self.now.get((name, pk))
            if held is not None and held.values[column] != value:
                raise Violation(f"I6: {column} is {held.values[column]}, the last edit was {value}")

    def start_over(self) -> None:
        """The server knows only what it held at a moment: what it has lost comes again from any device.

        What was written before the loss may give way, unseen, to what was written after it, and comes from
        whoever had it (docs/decisions/020-sync.md): I6, I11 and I13 do not hold any more. What must come back
        is for tests/sync/promises.py.
        """
        self._taken.clear()
        self._states.clear()
        self._restored, self._honest = True, False
        for author in self.authors.values():
            author.restored = True
        self.now = self._read()

    # ── the desks ───────────────────────────────────────────────────────────────────────────────

    def look(self, author: Author, connection: Connection) -> None:
        """Note what is on the screen."""
        for name, columns in TYPED.items():
            for pk, *values in connection.exec_driver_sql(f"SELECT id, {', '.join(columns)} FROM {name}"):
                for column, value in zip(columns, values, strict=True):
                    author.seen[name, bytes(pk), column].add(_frozen(value))

    def note_typed(self, author: Author, place: Place, value: Any) -> None:
        author.typed[place].add(_frozen(value))

    def note_drop(self, author: Author, name: str, pk: bytes, clock: int) -> None:
        """Note what somebody has seen of a record that he drops."""
        author.drops[pk, clock] = {column: frozenset(author.seen[name, pk, column]) for column in TYPED[name]}

    def shown(self, connection: Connection, scope: str) -> None:
        """I7, I8, I10: what a desk shows is the scope as it was at one moment, but for what is on its way."""
        known = connection.exec_driver_sql(
            "SELECT number, epoch, cursor FROM sync_scope WHERE key = ? AND loaded AND cursor = staged",
            (scope,),
        ).first()
        if known is None or scope == PUBLIC:
            return
        moment = (scope, known.epoch, known.cursor)
        if moment not in self._states and known.cursor:
            raise Violation(f"I7: {known.cursor} is between two user actions")
        state = self._states.get(moment, {})
        if state is None:
            return
        pending = {
            (by_number()[kind].record_type.name, bytes(pk), unit)
            for kind, pk, unit in connection.exec_driver_sql(
                "SELECT type, pk, unit FROM outbox UNION ALL SELECT type, pk, unit FROM flight_unit"
            )
        }
        have = dict(_shown(connection, known.number))
        for key in state.keys() - have.keys():
            away = connection.exec_driver_sql(f"SELECT 1 FROM {key[0]} WHERE id = ?", key[1:]).first()
            if not state[key].dead and away is None:
                raise Violation(f"I8: a {key[0]} is missing")
        for key, row in have.items():
            if key not in state:
                raise Violation(f"I10: a {key[0]} is too much")
            _compare(key, row, state[key], pending)


def _sets(op: Op, name: str) -> Iterator[tuple[Place, Any, Any]]:
    """Yield the sets of an edit, each with what its author saw and what he made of it."""
    if not isinstance(op, Set):
        return
    for number, values in op.units.items():
        column = wire_types()[name].units[number].fields[0].name
        if column in SETS:
            ((place, value),) = values.items()
            yield (name, op.pk, column), op.was.get(place), value


def _note_sets(op: Set, name: str, turned: dict[Place, tuple[Any, Any]]) -> None:
    """Note what an author saw in each set first, and made of it last, by all that comes in one request."""
    for place, was, value in _sets(op, name):
        turned[place] = turned.get(place, (was, None))[0], value


def _note_kept(author: Author, op: Op, name: str) -> None:
    for place, was, value in _sets(op, name):
        author.kept[place] |= set(was or ()) - set(value or ())


def _check_typed(author: Author, op: Set, name: str) -> None:
    """I11: what arrives is what its author typed."""
    known = wire_types()[name]
    for values in op.units.values():
        for place, value in values.items():
            one = known.fields[place]
            if one is None or one.name not in TYPED.get(name, ()) or author.restored:
                continue
            sent = _frozen(to_column(value))
            if sent not in author.typed[name, op.pk, one.name]:
                raise Violation(f"I11: {one.name} came as {sent}, which its author never typed")


def _edits(batch: Batch, answer: BatchAnswer) -> Iterator[tuple[int, Op, str, str]]:
    """Yield a batch's edits with their clocks and types, and why they were declined."""
    verdicts = {(verdict.group, verdict.op): verdict for verdict in answer.verdicts}
    for number, group in enumerate(batch.groups):
        for place, op in enumerate(group.ops):
            verdict = verdicts.get((number, place))
            declined = verdict.code if verdict and verdict.status in DECLINED else ""
            yield group.clock, op, by_number()[op.type].record_type.name, declined


def _shown(connection: Connection, scope: int) -> Iterator[tuple[Key, dict[str, Any]]]:
    for name in FEW:
        asked = f"SELECT * FROM {name} WHERE sync_scope = ? AND row_ver > 0 AND deleted_at IS NOT '{STUB}'"
        for row in connection.exec_driver_sql(asked, (scope,)).mappings():
            yield (name, bytes(row["id"])), dict(row)


def _compare(key: Key, row: dict[str, Any], held: Held, pending: set[tuple[str, bytes, int]]) -> None:
    if (*key, LIFE) not in pending and (row["deleted_at"] is not None) != held.dead:
        raise Violation(f"I7: a {key[0]} is dead: {not held.dead}, on the server {held.dead}")
    for number, unit in wire_types()[key[0]].units.items():
        for one in unit.fields if (*key, number) not in pending else ():
            mine = _frozen(row[one.name])
            if mine != held.values[one.name]:
                raise Violation(f"I7: {key[0]} {one.name} is {mine}, on the server {held.values[one.name]}")


def _values(kind: int, body: list[Any]) -> dict[str, Any]:
    known = by_number()[kind]
    padded = body + [None] * (len(known.fields) - len(body))
    pairs = zip(known.fields, padded, strict=False)
    return {one.name: _frozen(to_column(value)) for one, value in pairs if one}


def _frozen(value: Any) -> Any:
    """Return a column in a form that can be compared and kept in a set."""
    found = comparable(value)
    return tuple(found) if isinstance(found, list) else found
