"""Devices as the server's tests need them: they keep the protocol's rules and remember nothing else."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from domain.pages import Full, Page
from domain.protocol import Batch, BatchAnswer, Group, New, Op, Set, Want, clock_at, encode, unrolled
from domain.registry import wire_types
from domain.wire import from_packed, to_packed
from server.records import grants
from server.records.pull import pages
from server.records.push import Pushed, push

if TYPE_CHECKING:
    from server.caller import Caller
    from server.postgres.database import Database

NOW = 1_800_000_000_000
PARTY: dict[str, Any] = {"name": "甲公司", "kind": "enterprise"}
ACHIEVEMENT: dict[str, Any] = {"title": "某成果", "secrecy": "public"}
SUBMISSION: dict[str, Any] = {"title": "年报", "kind": "annual-report", "state": "draft"}
DEAL: dict[str, Any] = {"title": "某合同", "stage": "lead"}


def body(record_type: str, values: dict[str, Any]) -> list[Any]:
    return to_packed(wire_types()[record_type], values)


def new(record_type: str, values: dict[str, Any], *, pk: bytes = b"", scope: str = "") -> New:
    known = wire_types()[record_type]
    return New(known.number, pk or uuid.uuid4().bytes, to_packed(known, values), scope)


def edit(record_type: str, pk: bytes, base: int, *, was: dict[str, Any] | None = None, **values: Any) -> Set:
    """Return an edit of whole units, named by any of their fields; what is not named becomes empty."""
    known = wire_types()[record_type]
    units: dict[int, dict[int, Any]] = {}
    packed = to_packed(known, values)
    seen = to_packed(known, was or {})
    for name in values:
        unit = known.unit_of_place[known.places[name]]
        units[unit.number] = {place: packed[place] if place < len(packed) else None for place in unit.places}
    before = {place: seen[place] if place < len(seen) else None for unit in units.values() for place in unit}
    return Set(known.number, pk, base, units, before if was is not None else {})


@dataclass
class Device:
    """One device; ``number`` is that of its last batch."""

    database: Database
    caller: Caller
    number: int = 0

    @property
    def agency(self) -> str:
        return f"a:{self.caller.organisation}"

    @property
    def own(self) -> str:
        return f"u:{self.caller.account}"

    def send(
        self, *groups: list[Op], at: int = NOW, now: int = NOW, told_before: bool = False
    ) -> BatchAnswer:
        """Send user actions made at ``at`` as the next batch."""
        self.number += 1
        batch = Batch(self.number, [Group(clock_at(at), ops) for ops in groups])
        return self.push([encode(batch)], now=now, told_before=told_before).answers[0]

    def again(self, batch: bytes, *, now: int = NOW) -> BatchAnswer:
        return self.push([batch], now=now).answers[0]

    def push(self, batches: list[bytes], *, now: int = NOW, told_before: bool = False) -> Pushed:
        with self.database.reading() as connection:
            granted = grants.scopes_of(connection, self.caller)
            return push(connection, self.caller, granted, batches, now, again=told_before)

    def born(self, record_type: str, values: dict[str, Any], **told: Any) -> tuple[bytes, int]:
        """Send a new record and return its id and version."""
        op = new(record_type, values, **told)
        answer = self.send([op])
        assert answer.verdicts == []
        return op.pk, unrolled(answer.versions)[0]

    def page(self, scope: str = "", cursor: int = 0, **told: Any) -> Page | None:
        """Return the next page of a scope, by default the agency's."""
        found, _mended = self.pages(Want(scope or self.agency, cursor, **told))
        return found[0] if found else None

    def rows(self, scope: str = "", cursor: int = 0, **told: Any) -> list[Any]:
        page = self.page(scope, cursor, **told)
        return page.rows if page else []

    def pages(self, *wants: Want, rows: int = 5_000) -> tuple[list[Page], list[str]]:
        with self.database.reading() as connection:
            granted = grants.scopes_of(connection, self.caller)
            return pages(connection, self.caller, granted, wants, rows)

    def record(self, record_type: str, pk: bytes, scope: str = "") -> dict[str, Any]:
        """Return what a new device would hold of a record."""
        known = wire_types()[record_type]
        found = [row for row in self.rows(scope) if isinstance(row, Full) and row.pk == pk]
        assert len(found) == 1
        return from_packed(known, msgspec.msgpack.decode(found[0].body))
