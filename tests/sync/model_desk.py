"""The writing half of the model's client: what people type, and what is sent of it.

Every public method is one transaction of the store; a crash is the next one not being called. Each rule that
can be got wrong is a method of its own (see tests/sync/mistakes.py).
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from domain import protocol
from domain.protocol import Back, Batch, Drop, Group, New, Op, Set, SyncRequest, Want
from domain.registry import LIFE
from domain.wire import trimmed
from tests.sync.model_store import Action, Flight, Line, Pending, Store
from tests.sync.model_types import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.registry import WireType
    from tests.sync.model_store import Key, Values


class Desk:
    """The half of a client that writes: its store, its clock's error, what its program knows of the type."""

    BATCH_OPS: Final = 3

    def __init__(self, device: int, known: WireType, skew_ms: int) -> None:
        self.device = device
        self.known = known
        self.skew_ms = skew_ms
        self.incarnations = 0
        self.d = Store(self.fresh_incarnation())

    def fresh_incarnation(self) -> int:
        self.incarnations += 1
        return self.incarnations

    # ── people ──────────────────────────────────────────────────────────────────────────────────

    def tick(self, now_ms: int) -> int:
        """Begin a user action: its clock is above all before it."""
        self.d.clock = max(self.d.clock + 1, protocol.clock_at(now_ms + self.skew_ms + self.d.shift_ms))
        return self.d.clock

    def create(self, pk: bytes, body: list[Any]) -> None:
        self.d.lines[pk] = Line(RECORD, trimmed(body))
        self.d.outbox[pk, LIFE] = Pending(Action.BORN, 0, self.d.clock)

    def edit(self, pk: bytes, unit: int, values: Values) -> None:
        line = self.d.lines[pk]
        before = {place: line.at(place) for place in values}
        line.put(values)
        if self.unborn(pk):
            self.d.outbox[pk, LIFE] = Pending(Action.BORN, 0, self.d.clock)
        elif (waiting := self.d.outbox.get((pk, unit))) is not None:
            waiting.clock = self.d.clock
        else:
            self.d.outbox[pk, unit] = Pending(Action.EDIT, self.base(pk, unit), self.d.clock, before)

    def unborn(self, pk: bytes) -> bool:
        """Tell whether the server has never heard of a record and is not about to."""
        flying = any(
            (pk, LIFE) in f.units and f.units[pk, LIFE].action == Action.BORN for f in self.d.flights
        )
        return self.d.lines[pk].version == 0 and not flying

    def base(self, pk: bytes, unit: int) -> int:
        """Return the version of a unit behind what the screen shows."""
        flying = [f.units[pk, unit].base for f in self.d.flights if (pk, unit) in f.units]
        born = [0 for f in self.d.flights if self.is_birth(f, pk)]
        return [*born, *flying][-1] if born or flying else self.d.lines[pk].version

    def is_birth(self, flight: Flight, pk: bytes) -> bool:
        life = flight.units.get((pk, LIFE))
        return life is not None and life.action == Action.BORN

    def drop(self, pk: bytes) -> None:
        if self.unborn(pk):
            del self.d.lines[pk]
            self.d.outbox = {key: edit for key, edit in self.d.outbox.items() if key[0] != pk}
            return
        self._live(pk, Action.DROP, {unit: base for unit, base in self.hidden(pk).items() if unit != LIFE})

    def back(self, pk: bytes) -> None:
        self._live(pk, Action.BACK, {})

    def _live(self, pk: bytes, action: Action, was: Values) -> None:
        dead = action == Action.DROP
        self.d.lines[pk].dead = dead
        waiting = self.d.outbox.get((pk, LIFE))
        if waiting is None:
            self.d.outbox[pk, LIFE] = Pending(action, self.base(pk, LIFE), self.d.clock, was)
        elif waiting.theirs is None or waiting.theirs[LIFE] == dead:
            del self.d.outbox[pk, LIFE]  # taken back before it was sent: nothing has happened
        else:
            waiting.action, waiting.clock, waiting.was = action, self.d.clock, was

    def hidden(self, pk: bytes) -> dict[int, int]:
        """Return the bases of units whose server value the screen may not be showing."""
        rows = [*(f.units for f in self.d.flights), self.d.outbox]
        return {unit: edit.base for units in rows for (key, unit), edit in units.items() if key == pk}

    # ── sending ─────────────────────────────────────────────────────────────────────────────────

    def freeze(self) -> bool:
        """Put the oldest whole user actions of the outbox into a batch; False when nothing waits."""
        taken: list[tuple[Key, Pending]] = []
        by_clock = sorted(self.d.outbox.items(), key=lambda item: item[1].clock)
        groups: list[Group] = []
        for clock, edits in groupby(by_clock, key=lambda item: item[1].clock):
            action = list(edits)
            if taken and len(taken) + len(action) > self.BATCH_OPS:
                break
            groups.append(Group(clock, self._ops(action, sum(len(g.ops) for g in groups))))
            taken += action
        if not taken:
            return False
        self.d.sent += 1
        body = protocol.encode(Batch(self.d.sent, groups))
        self.d.flights.append(Flight(self.d.sent, body, dict(taken)))
        self.clear(key for key, _ in taken)
        return True

    def clear(self, keys: Iterable[Key]) -> None:
        for key in keys:
            del self.d.outbox[key]

    def _ops(self, action: list[tuple[Key, Pending]], place: int) -> list[Op]:
        """Return one user action's edits: births and returns first, then values, then deletions."""
        ordered = sorted(action, key=lambda item: (item[1].action, item[0]))
        ops: list[Op] = []
        for (kind, pk), edits in groupby(ordered, key=lambda item: (item[1].action, item[0][0])):
            members = list(edits)
            for _, edit in members:
                edit.place = place + len(ops)
            ops.append(self._op(kind, pk, {unit: edit for (_, unit), edit in members}))
        return ops

    def _op(self, kind: Action, pk: bytes, edits: dict[int, Pending]) -> Op:
        line = self.d.lines[pk]
        first = next(iter(edits.values()))
        if kind == Action.BORN:
            return New(line.type, pk, list(line.body))
        if kind == Action.DROP:
            return Drop(line.type, pk, first.base, dict(first.was))
        if kind == Action.BACK:
            return Back(line.type, pk, first.base)
        base = max(edit.base for edit in edits.values())
        return Set(
            line.type,
            pk,
            base,
            {unit: {place: line.at(place) for place in self.places(unit)} for unit in edits},
            {
                place: value
                for unit, edit in edits.items()
                if self.known.units[unit].policy != "free"
                for place, value in edit.was.items()
            },
            {unit: edit.base for unit, edit in edits.items() if edit.base != base},
        )

    def places(self, unit: int) -> tuple[int, ...]:
        return self.known.units[unit].places

    def request(self, now_ms: int, rows: int) -> SyncRequest:
        """Return what the device says; it carries every batch in flight."""
        wants = [Want(scope, p.cursor, staged=p.staged) for scope, p in self.d.scopes.items()]
        bodies = [flight.body for flight in self.d.flights]
        return SyncRequest(
            version=1,
            build="",
            incarnation=self.d.incarnation,
            now_ms=now_ms + self.skew_ms,
            batches=bodies,
            wants=wants,
            grants=self.d.granted,
            rows=rows,
            sent=self.d.sent,
        )

    def correct_clock(self, now_ms: int, server_ms: int) -> None:
        self.d.shift_ms = server_ms - (now_ms + self.skew_ms)
