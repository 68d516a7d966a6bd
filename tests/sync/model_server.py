"""The server of the model: every rule of order, merging and delivery, and nothing else.

It speaks the real messages and judges with the real ``domain.merge``. Each rule that can be got wrong is a
method of its own, so that a planted mistake (tests/sync/mistakes.py) is one method made wrong.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from msgspec import Raw

from domain import protocol
from domain.merge import BIRTH, NOBODY, NOW, Entity, Mark, Outcome, judge, moved
from domain.pages import Full, Gone, Own, Page, Part, Row
from domain.protocol import (
    AHEAD_MS,
    Batch,
    BatchAnswer,
    Group,
    Op,
    ScopeGrant,
    Status,
    SyncAnswer,
    SyncRequest,
    Trouble,
    Verdict,
    Want,
)
from domain.registry import LIFE
from tests.sync.model_types import CONFLICT, KNOWN, RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HOME: Final = "a"
OTHER: Final = "s"
DECLINED: Final = (Status.CONFLICT, Status.REFUSED)


@dataclass(frozen=True)
class Held:
    """One record in one scope; ``left`` is the version with which it left, ``to`` where it went."""

    type: int
    entity: Entity
    left: int = 0
    to: str = ""

    @property
    def version(self) -> int:
        return self.left or self.entity.version


@dataclass
class Author:
    """One life of one device's store: marks, numbering and answers are by this number."""

    number: int
    last: int = 0
    answers: dict[int, tuple[bytes, BatchAnswer]] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """One edit that took effect: what the invariants are checked against."""

    author: int
    clock: int
    op: Op
    before: Entity | None
    after: Entity


@dataclass(frozen=True)
class Judged:
    """One edit and what became of it, whether or not it took effect."""

    author: int
    clock: int
    op: Op
    outcome: Outcome
    stood: bool


class Server:
    """Scopes, records and devices; every public method is one transaction."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.now_ms = now_ms
        self.heads: dict[str, int] = {HOME: 0, OTHER: 0}
        self.held: dict[tuple[str, bytes], Held] = {}
        self.authors: dict[tuple[int, int], Author] = {}
        self.grants: dict[int, set[str]] = {}
        self.granted = 1
        self.written: list[Written] = []
        self.judged: list[Judged] = []
        self.states: dict[tuple[str, int], dict[bytes, Entity]] = {}
        self.conflicts = 0

    # ── one round trip ──────────────────────────────────────────────────────────────────────────

    def sync(self, device: int, request: SyncRequest, *, batches: int = 99) -> SyncAnswer | Trouble:
        """Take at most ``batches`` batches, then answer with pages; ``copied`` is told before any page."""
        author = self.author(device, request.incarnation)
        if self.copied(author, request):
            return Trouble("copied")
        answers = [self.push(device, author, body) for body in request.batches[:batches]]
        self._forget_answers(author, request)
        wants = [want for want in request.wants if want.scope in self.grants[device]]
        told = None if request.grants == self.granted else self.scopes(device)
        return SyncAnswer(
            now_ms=self.now_ms(),
            batches=answers,
            pages=[self.page(device, author, want, request.rows) for want in wants],
            grants=self.granted,
            scopes=told,
        )

    def author(self, device: int, incarnation: int) -> Author:
        """Return the author of a device's store: a copied store is another one."""
        return self.authors.setdefault((device, incarnation), Author(len(self.authors) + 1))

    def scopes(self, device: int) -> list[ScopeGrant]:
        return [ScopeGrant(scope, writes=True, label=scope) for scope in sorted(self.grants[device])]

    def copied(self, author: Author, request: SyncRequest) -> bool:
        """Tell whether the store does not know what it is known to have sent."""
        if request.sent < author.last:
            return True
        return any(
            protocol.decode_batch(body).number <= author.last and not self._is_answer_to(author, body)
            for body in request.batches
        )

    def _is_answer_to(self, author: Author, body: bytes) -> bool:
        """Tell whether the kept answer of a batch's number is that of these very bytes."""
        known = author.answers.get(protocol.decode_batch(body).number)
        return known is not None and known[0] == digest(body)

    def _forget_answers(self, author: Author, request: SyncRequest) -> None:
        """Keep the answers that the device may still ask for again: those of its batches in flight."""
        asked = {protocol.decode_batch(body).number for body in request.batches}
        oldest = min(asked, default=request.sent + 1)
        for number in [number for number in author.answers if number < oldest]:
            del author.answers[number]

    # ── edits ───────────────────────────────────────────────────────────────────────────────────

    def push(self, device: int, author: Author, body: bytes) -> BatchAnswer:
        batch = protocol.decode_batch(body)
        if (known := self._answered(author, batch)) is not None:
            return known
        if not self._follows(author, batch):
            return BatchAnswer(batch.number, expected=author.last)
        answer = self.take(device, author, batch)
        author.last = batch.number
        author.answers[batch.number] = (digest(body), answer)
        return answer

    def _answered(self, author: Author, batch: Batch) -> BatchAnswer | None:
        """Return the answer of a batch that was taken before: it must not take effect again."""
        known = author.answers.get(batch.number)
        return known[1] if known else None

    def _follows(self, author: Author, batch: Batch) -> bool:
        return batch.before == author.last

    def take(self, device: int, author: Author, batch: Batch) -> BatchAnswer:
        before, versions, verdicts = dict(self.heads), list[int](), list[Verdict]()
        for number, group in enumerate(batch.groups):
            made, told = self.take_group(device, author, number, group)
            versions += made
            verdicts += told
        touched = {scope: head for scope, head in before.items() if self.heads[scope] != head}
        self.snapshot()
        return BatchAnswer(batch.number, protocol.runs(versions), touched, verdicts)

    def take_group(
        self, device: int, author: Author, number: int, group: Group
    ) -> tuple[list[int], list[Verdict]]:
        """Apply one user action whole or not at all."""
        held, heads, written = dict(self.held), dict(self.heads), len(self.written)
        made: list[int] = []
        outcomes: list[Outcome] = []
        for op in group.ops:
            outcome, version = self.take_op(device, author, group.clock, op)
            outcomes.append(outcome)
            made.append(version)
        statuses = {outcome.status for outcome in outcomes}
        declined = Status.REFUSED if Status.REFUSED in statuses else Status.CONFLICT
        stands = not statuses & set(DECLINED)
        self.judged += [
            Judged(author.number, group.clock, op, outcome, stands)
            for op, outcome in zip(group.ops, outcomes, strict=True)
        ]
        if stands:
            return made, [
                Verdict(number, place, outcome.status, lost=list(outcome.lost))
                for place, outcome in enumerate(outcomes)
                if outcome.status == Status.MERGED
            ]
        self._undo(held, heads, written)
        conflict = self.surface(group) if declined == Status.CONFLICT else b""
        return [0] * len(group.ops), [
            Verdict(number, place, declined, outcome.code or "with", conflict=conflict)
            for place, outcome in enumerate(outcomes)
        ]

    def _undo(self, held: dict[tuple[str, bytes], Held], heads: dict[str, int], written: int) -> None:
        self.held, self.heads = held, heads
        del self.written[written:]

    def take_op(self, device: int, author: Author, clock: int, op: Op) -> tuple[Outcome, int]:
        scope = self.where(op.pk)
        if scope is not None and scope not in self.grants[device]:
            return Outcome(Status.REFUSED, code="right"), 0
        entity = self.held[scope, op.pk].entity if scope else None
        outcome = self.judge(entity, op, clock=self.clamped(clock), device=author.number)
        if outcome.entity is None:
            return outcome, 0
        version = self.write(scope or HOME, op.type, op.pk, outcome.entity)
        self.written.append(Written(author.number, clock, op, entity, outcome.entity))
        return outcome, version

    def judge(self, entity: Entity | None, op: Op, *, clock: int, device: int) -> Outcome:
        known = KNOWN if op.type == RECORD else None
        return judge(known, entity, op, clock=clock, device=device)

    def clamped(self, clock: int) -> int:
        return min(clock, protocol.clock_at(self.now_ms() + AHEAD_MS))

    def where(self, pk: bytes) -> str | None:
        """Return the scope a record is in."""
        return next((s for s in self.heads if (s, pk) in self.held and not self.held[s, pk].left), None)

    def write(self, scope: str, record_type: int, pk: bytes, entity: Entity) -> int:
        self.heads[scope] += 1
        version = self.heads[scope]
        self.held[scope, pk] = Held(record_type, replace(entity, version=version))
        return version

    def surface(self, group: Group) -> bytes:
        """Write the record that keeps the declined action, as nobody's birth in the same scope."""
        self.conflicts += 1
        pk = b"conflict%08d" % self.conflicts
        birth = Mark(NOW, group.clock, NOBODY)
        entity = Entity(dead=False, version=NOW, body=[protocol.encode(group.ops)], marks={BIRTH: birth})
        self.write(HOME, CONFLICT, pk, entity)
        return pk

    # ── what others do to records and rights ────────────────────────────────────────────────────

    def move(self, pk: bytes, target: str) -> None:
        """Hand a record to another scope."""
        scope = self.where(pk)
        if scope is None or scope == target:
            return
        entity = self.held[scope, pk].entity
        self.enter(target, entity.version)
        self.write(target, RECORD, pk, self.moved(entity))
        self.heads[scope] += 1
        self.held[scope, pk] = Held(RECORD, entity, left=self.heads[scope], to=target)
        self.snapshot()

    def enter(self, target: str, version: int) -> None:
        """Raise a scope above the versions that devices know of a record from another one."""
        self.heads[target] = max(self.heads[target], version)

    def moved(self, entity: Entity) -> Entity:
        return moved(entity)

    def allow(self, device: int, scope: str, *, allowed: bool) -> None:
        (self.grants[device].add if allowed else self.grants[device].discard)(scope)
        self.granted += 1

    def snapshot(self) -> None:
        """Keep what each scope is at this moment, for the checks of checkpoints."""
        for scope, head in self.heads.items():
            self.states[scope, head] = self.state(scope)

    def state(self, scope: str) -> dict[bytes, Entity]:
        return {pk: held.entity for (s, pk), held in self.held.items() if s == scope and not held.left}

    # ── pages ───────────────────────────────────────────────────────────────────────────────────

    def page(self, device: int, author: Author, want: Want, rows: int) -> Page:
        """Return the next rows above what the device has fetched, read in one moment."""
        head = self.heads[want.scope]
        above = sorted(
            (held.version, pk)
            for (scope, pk), held in self.held.items()
            if scope == want.scope and held.version > want.since
        )
        until = above[rows - 1][0] if len(above) > rows else head
        found = (self.row(device, author, want, pk) for _, pk in above[:rows])
        return Page(want.scope, 1, want.since, until, head, [row for row in found if row is not None])

    def row(self, device: int, author: Author, want: Want, pk: bytes) -> Row | None:
        held = self.held[want.scope, pk]
        if held.left:
            to = held.to if held.to in self.grants[device] else ""
            return Gone(held.type, pk, held.version, to) if want.since else None
        entity = held.entity
        if entity.dead and self._never_told(want, entity):
            return None
        news = [unit for unit in entity.marks if entity.mark(unit).version > self._told_up_to(want)]
        if self.own(author, want, entity, news):
            return Own(held.type, pk, entity.version)
        if entity.mark(BIRTH).version > want.cursor:
            body = Raw(protocol.encode(list(entity.body)))
            return Full(held.type, pk, entity.version, body, 0, entity.dead)
        values = self.values(entity, news)
        return Part(held.type, pk, entity.version, values, news, 0, 0, entity.dead)

    def _never_told(self, want: Want, entity: Entity) -> bool:
        """Tell whether a device that holds nothing has not even been sent the dead record alive.

        One that came from another scope the device may hold from there.
        """
        if want.cursor or entity.mark(BIRTH).device == NOBODY:
            return False
        return want.since == 0 or entity.mark(LIFE).version <= want.since

    def _told_up_to(self, want: Want) -> int:
        """Return the version up to which a device has every unit: its last whole checkpoint."""
        return want.cursor

    def own(self, author: Author, want: Want, entity: Entity, news: Sequence[int]) -> bool:
        """Tell whether all news are the device's own; inside a checkpoint it might have been told others'."""
        return want.since == want.cursor and all(entity.mark(unit).device == author.number for unit in news)

    def values(self, entity: Entity, news: Iterable[int]) -> dict[int, Any]:
        """Return the changed units' values; of units this program does not know, all it might mean."""
        width = len(entity.body)
        places: set[int] = set()
        for number in news:
            unit = KNOWN.units.get(number)
            places |= set(unit.places) if unit else set(range(len(KNOWN.fields), width))
        return {place: entity.at(place) for place in sorted(places)}


def digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()
