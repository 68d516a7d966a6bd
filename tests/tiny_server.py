"""A server in memory for tests of the desktop alone: it judges and feeds as the protocol says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from domain import protocol as p
from domain.merge import BIRTH, NOW, Entity, judge
from domain.pages import Full, Gone, Own, Page, Part, Row
from domain.registry import LIFE, by_number

SCOPE = "a:org"
GRANT = p.ScopeGrant(SCOPE, writes=True, label="本机构")


@dataclass
class Held:
    """One record of the scope."""

    entity: Entity
    clock: int
    device: int
    born: int
    gone: bool = False


@dataclass
class TinyServer:
    """One scope with the records of everybody."""

    head: int = 0
    epoch: int = 1
    held: dict[tuple[int, bytes], Held] = field(default_factory=dict)
    answers: dict[tuple[int, int], tuple[bytes, p.BatchAnswer]] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    declined: list[tuple[int, p.Op]] = field(default_factory=list)

    def push(self, device: int, body: bytes) -> p.BatchAnswer:
        """Judge a batch; the same bytes again get the same answer."""
        batch = p.decode_batch(body)
        known = self.answers.get((device, batch.number))
        hashed = hashlib.sha256(body).digest()
        if known:
            assert known[0] == hashed, "a batch's bytes never change"
            return known[1]
        last = self.last.get(device, 0)
        if batch.before != last:
            return p.BatchAnswer(batch.number, expected=last)
        answer = self._judge(device, batch)
        self.last[device] = batch.number
        self.answers[device, batch.number] = hashed, answer
        return answer

    def _judge(self, device: int, batch: p.Batch) -> p.BatchAnswer:
        before, versions, verdicts = self.head, [], []
        for number, group in enumerate(batch.groups):
            staged = dict(self.held)
            outcomes = []
            for op in group.ops:
                outcome, made = self._one(staged, op, group.clock, device)
                outcomes.append(outcome)
                if made:
                    staged[op.type, op.pk] = made
            bad = [one.status for one in outcomes if one.status in (p.Status.CONFLICT, p.Status.REFUSED)]
            for place, (op, outcome) in enumerate(zip(group.ops, outcomes, strict=True)):
                if bad:
                    self.declined.append((device, op))
                    code = outcome.code or "with"
                    verdicts.append(p.Verdict(number, place, min(bad), code, [], b"c" * 16))
                elif outcome.status != p.Status.OK:
                    verdicts.append(p.Verdict(number, place, outcome.status, lost=list(outcome.lost)))
            versions += self._write(group, staged if not bad else self.held)
        heads = ({SCOPE: before}, {SCOPE: self.head}) if not verdicts else ({}, {})
        return p.BatchAnswer(batch.number, p.runs(versions), heads[0], verdicts, after=heads[1])

    def _one(self, staged: dict[tuple[int, bytes], Held], op: p.Op, clock: int, device: int) -> Any:
        held = staged.get((op.type, op.pk))
        entity = held.entity if held and not held.gone else None
        outcome = judge(by_number()[op.type], entity, op, clock=clock, device=device)
        if outcome.entity is None:
            return outcome, None
        return outcome, Held(outcome.entity, clock, device, held.born if held else clock)

    def _write(self, group: p.Group, staged: dict[tuple[int, bytes], Held]) -> list[int]:
        versions = []
        for op in group.ops:
            held = staged.get((op.type, op.pk))
            if held is None or held is self.held.get((op.type, op.pk)):
                versions.append(0)
                continue
            self.head += 1
            marks = {
                unit: replace(mark, version=self.head) if mark.version == NOW else mark
                for unit, mark in held.entity.marks.items()
            }
            made = replace(held.entity, version=self.head, marks=marks)
            self.held[op.type, op.pk] = replace(held, entity=made)
            versions.append(self.head)
        return versions

    def withdraw(self, number: int, pk: bytes) -> None:
        """Take one record out of the scope."""
        held = self.held[number, pk]
        self.head += 1
        self.held[number, pk] = replace(held, gone=True, entity=replace(held.entity, version=self.head))

    def page(self, device: int, want: p.Want, limit: int = 1000) -> Page:
        """Return the next page of the feed for a device."""
        cursor, since = want.cursor, want.since
        rows = sorted(
            ((one.entity.version, key) for key, one in self.held.items() if one.entity.version > since)
        )
        until = rows[limit - 1][0] if len(rows) > limit else self.head
        made = [self._row(device, cursor, key) for _, key in rows[:limit]]
        sent = p.encode(Page(SCOPE, self.epoch, since, until, self.head, [row for row in made if row]))
        return msgspec.msgpack.decode(sent, type=Page)

    def _row(self, device: int, cursor: int, key: tuple[int, bytes]) -> Row | None:
        held = self.held[key]
        entity, (number, pk) = held.entity, key
        if held.gone:
            return Gone(number, pk, entity.version) if cursor else None
        if entity.dead and not cursor:
            return None
        changed = {unit for unit, mark in entity.marks.items() if mark.version > cursor}
        if cursor and changed and all(entity.marks[unit].device == device for unit in changed):
            return Own(number, pk, entity.version)
        if BIRTH in changed:
            body = msgspec.Raw(p.encode(list(entity.body)))
            return Full(number, pk, entity.version, body, held.clock, entity.dead, held.device, held.born)
        known = by_number()[number]
        units = sorted(changed - {LIFE})
        values = {place: entity.at(place) for unit in units for place in known.units[unit].places}
        return Part(number, pk, entity.version, values, units, held.clock, held.device, entity.dead)
