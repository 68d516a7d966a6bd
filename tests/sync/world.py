"""A server, three devices and the people at them: everything that can happen, and what must hold then.

The invariants are those of docs/protocol.md. Values are never written twice, so that each tells its edit.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from domain.protocol import Drop, New, Op, Set, Status, SyncAnswer, SyncRequest, Trouble
from domain.registry import LIFE
from tests.sync.model_client import Client
from tests.sync.model_server import HOME, OTHER, Server
from tests.sync.model_store import Action, Line, Values, shown
from tests.sync.model_types import AMOUNTS, FREE, KNOWN, LATER, NEWER, RECORD, TAGS
from tests.sync.scripts import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.merge import Entity

Fault = Literal[
    "none",
    "request lost",
    "answer lost",
    "delivered twice",
    "some batches only",
    "killed after answers",
    "killed after grants",
    "killed after pages",
]
FAULTS: Final[tuple[Fault, ...]] = (
    "none",
    "none",
    "request lost",
    "answer lost",
    "delivered twice",
    "some batches only",
    "killed after answers",
    "killed after grants",
    "killed after pages",
)
Change = tuple[Literal["create", "edit", "drop", "back"], int, int]
"""What somebody does: to the how-manieth record, and to which unit."""
DEVICES: Final = 3
decode_ops = msgspec.msgpack.Decoder(list[Op]).decode


@dataclass
class Edit:
    """One value somebody typed: by whom, when, into what, and everything he had seen there before."""

    device: int
    at: int
    pk: bytes
    unit: int
    seen: frozenset[Any]
    replaced: bool = False
    """He has typed another one since, or dropped the record, or lost it with his store."""


@dataclass
class World:
    """All of it; ``honest`` clocks are right from the beginning."""

    server_kind: Callable[[Callable[[], int]], Server] = Server
    client_kind: Callable[[int, Any, int], Client] = Client
    skews_ms: Sequence[int] = (0, 0, 0)
    now_ms: int = 1_000_000
    edits: dict[Any, Edit] = field(default_factory=dict)
    drops: dict[tuple[int, bytes, int], dict[int, frozenset[Any]]] = field(default_factory=dict)
    backups: dict[int, Any] = field(default_factory=dict)
    late: list[tuple[int, SyncRequest]] = field(default_factory=list)
    made: int = 0
    moved: set[bytes] = field(default_factory=set)
    restored: set[int] = field(default_factory=set)
    copies: set[int] = field(default_factory=set)
    """The devices that live on from a copy, which the server has yet to find out."""
    checked: int = 0

    def __post_init__(self) -> None:
        self.server = self.server_kind(lambda: self.now_ms)
        self.clients = [
            self.client_kind(device, NEWER if device == 2 else KNOWN, self.skews_ms[device])
            for device in range(DEVICES)
        ]
        for device in range(DEVICES):
            self.server.grants[device] = {HOME, OTHER} if device < 2 else {HOME}

    def begin(self) -> None:
        """Let every device have seen the first record."""
        self.act(0, [("create", 0, 0)])
        for device in (0, 0, 1, 2, 1, 2):
            self.sync(device)

    # ── people ──────────────────────────────────────────────────────────────────────────────────

    def act(self, device: int, changes: Sequence[Change]) -> None:
        """One user action: all its changes have one clock and stand or fall together."""
        client = self.clients[device]
        self.now_ms += 7
        client.tick(self.now_ms)
        for kind, which, unit in changes:
            if kind == "create":
                self._create(client)
            elif kind == "edit":
                self._edit(client, which, unit)
            elif (line := self._choose(client, which, dead=kind == "back")) is not None:
                pk = line[0]
                if kind == "drop":
                    self._note_drop(client, pk)
                    client.drop(pk)
                else:
                    client.back(pk)
            client.look()

    def _choose(self, client: Client, which: int, *, dead: bool) -> tuple[bytes, Line] | None:
        lines = [item for item in client.d.lines.items() if item[1].type == RECORD and item[1].dead == dead]
        return lines[which % len(lines)] if lines else None

    def _value(self) -> int:
        self.made += 1
        return self.made

    def _create(self, client: Client) -> None:
        pk = b"record%03d" % self._value()
        body: list[Any] = [None] * len(client.known.fields)
        for unit in client.known.units.values():
            for place, value in self._new_values(client, pk, unit.number).items():
                body[place] = value
        client.create(pk, body)

    def _edit(self, client: Client, which: int, number: int) -> None:
        found = self._choose(client, which, dead=False)
        if found is None or number not in client.known.units:
            return
        pk, line = found
        values = self._new_values(client, pk, number)
        if number == TAGS:
            (place,) = client.places(TAGS)
            held = list(line.at(place) or [])
            if len(held) > 1 and values[place][0] % 3 == 0:
                values[place] = held[1:]  # takes one away
            else:
                values[place] = held + values[place]
        client.edit(pk, number, values)
        client.d.typed[pk, number] = shown(line, client.places(number))

    def _new_values(self, client: Client, pk: bytes, number: int) -> Values:
        value = self._value()
        places = client.places(number)
        values: Values = dict.fromkeys(places, [value] if number == TAGS else value)
        seen = frozenset(client.d.seen.get((pk, number), ()))
        for edit in self.edits.values():
            if (edit.device, edit.pk, edit.unit) == (client.device, pk, number):
                edit.replaced = True
        self.edits[number, value] = Edit(client.device, self.now_ms, pk, number, seen)
        return values

    def _note_drop(self, client: Client, pk: bytes) -> None:
        seen = {unit: frozenset(client.d.seen.get((pk, unit), ())) for unit in client.known.units}
        self.drops[client.device, pk, client.d.clock] = seen
        for edit in self.edits.values():
            if (edit.device, edit.pk) == (client.device, pk):
                edit.replaced = True

    # ── sync, and everything that can happen to it ──────────────────────────────────────────────

    def sync(
        self,
        device: int,
        fault: Fault = "none",
        *,
        rows: int = 99,
        batches: int = 2,
        during: Sequence[Change] = (),
        backwards: bool = False,
    ) -> None:
        """One round trip; ``during`` is what somebody does while the answer is on its way.

        ``backwards`` takes the scopes in the other order.
        """
        client = self.clients[device]
        self.now_ms += 3
        client.apply()  # what was fetched whole is shown before anything is sent
        self.check_client(client)
        answer = self._asked(client, fault, rows, batches)
        asked_ms = self.now_ms
        if during:
            self.act(device, during)
        if answer is None or fault == "answer lost":
            return
        if isinstance(answer, Trouble):
            if device not in self.copies:
                raise Violation(f"I12: device {device} is taken for a copy")
            self.copies.discard(device)
            client.renew()
            return
        client.correct_clock(asked_ms, answer.now_ms)
        self._hear(client, answer, fault, backwards=backwards)

    def _asked(self, client: Client, fault: Fault, rows: int, batches: int) -> SyncAnswer | Trouble | None:
        for _ in range(batches):
            if not client.freeze():
                break
            self._check_frozen(client)
        request = client.request(self.now_ms, rows)
        self.late.append((client.device, request))
        if fault == "request lost":
            return None
        times = 2 if fault == "delivered twice" else 1
        for _ in range(times):
            answer = self.server.sync(
                client.device, request, batches=1 if fault == "some batches only" else 99
            )
        self.check_server()
        return answer

    def _hear(self, client: Client, answer: SyncAnswer, fault: Fault, *, backwards: bool) -> None:
        """Take an answer in, one transaction after the other; the program may die between any two."""
        for one in answer.batches:
            client.settle(one)
            self.check_client(client)
        if fault == "killed after answers":
            return
        if answer.scopes is not None:
            client.grant(answer.grants, answer.scopes)
            self.check_client(client)
        if fault == "killed after grants":
            return
        for page in answer.pages:
            client.stage(page)
        if fault == "killed after pages":
            return
        shown_now = client.apply(backwards=backwards)
        self.check_client(client)
        for scope in shown_now:
            self.check_checkpoint(client, scope)

    def act_and_sync(self, device: int, changes: Sequence[Change]) -> None:
        self.act(device, changes)
        self.sync(device)

    def deliver_late(self, which: int) -> None:
        """A request arrives again long after; nobody waits for its answer any more."""
        if self.late:
            self.server.sync(*self.late[which % len(self.late)])
            self.check_server()

    def back_up(self, device: int) -> None:
        self.backups[device] = copy.deepcopy(self.clients[device].d)

    def restore(self, device: int) -> None:
        """The store is a copy from before; the device's later life is not known to it."""
        if device not in self.backups:
            return
        self.clients[device].d = copy.deepcopy(self.backups[device])
        self.restored.add(device)
        self.copies.add(device)
        for edit in self.edits.values():
            edit.replaced |= edit.device == device

    def move(self, which: int, scope: str) -> None:
        records = sorted({pk for (_, pk), held in self.server.held.items() if held.type == RECORD})
        if records:
            pk = records[which % len(records)]
            self.server.move(pk, scope)
            self.moved.add(pk)

    def allow(self, device: int, *, allowed: bool) -> None:
        self.server.allow(device, OTHER, allowed=allowed)

    def settle_down(self) -> None:
        """Everybody syncs without any fault until nobody has anything to say."""
        for _ in range(6):
            for client in self.clients:
                for _ in range(5):
                    self.sync(client.device, rows=4, backwards=bool(client.device))
        self.check_end()

    # ── invariants ──────────────────────────────────────────────────────────────────────────────

    def check_server(self) -> None:
        """I2, I3, I5: nothing took effect twice, nothing unseen was replaced or deleted."""
        for written in self.server.written[self.checked :]:
            device = self.device_of(written.author)
            if isinstance(written.op, Drop) and written.before is not None:
                self._check_drop(device, written.clock, written.op, written.before)
            if isinstance(written.op, Set | New) and written.before is not None:
                self._check_protected(device, written.before, written.after)
        self.checked = len(self.server.written)

    def device_of(self, author: int) -> int:
        return next(device for (device, _), a in self.server.authors.items() if a.number == author)

    def _check_frozen(self, client: Client) -> None:
        """I12: nothing is sent that cannot stand: an edit of a record of which the server knows nothing."""
        for (pk, _), edit in client.d.flights[-1].units.items():
            line = client.d.lines.get(pk)
            born = any(client.is_birth(flight, pk) for flight in client.d.flights)
            if edit.action == Action.EDIT and line is not None and line.version == 0 and not born:
                raise Violation(f"I12: device {client.device} sends an edit of {pk!r}, which was never born")

    def _check_protected(self, device: int, before: Entity, after: Entity) -> None:
        old, new = shown_of(before, AMOUNTS), shown_of(after, AMOUNTS)
        if old == new:
            return
        edit = self.edits[AMOUNTS, new[0]]
        if old not in edit.seen and edit.device == device:
            raise Violation(f"I3: {new} replaced {old}, which device {device} had not seen")

    def _check_drop(self, device: int, clock: int, op: Drop, before: Entity) -> None:
        seen = self.drops.get((device, op.pk, clock))
        for unit, values in (seen or {}).items():
            if unit != LATER and shown_of(before, unit) not in values:
                raise Violation(f"I5: device {device} dropped {shown_of(before, unit)} unseen")

    def check_client(self, client: Client) -> None:
        """I11: what people have typed and not yet sent is what the screen shows."""
        for pk, unit in client.unsent():
            now = shown(client.d.lines[pk], client.places(unit))
            if (pk, unit) in client.d.typed and client.d.typed[pk, unit] != now:
                raise Violation(f"I11: typed {client.d.typed[pk, unit]}, shown {now}")
        client.look()

    def check_checkpoint(self, client: Client, scope: str) -> None:
        """I7, I8: what is shown is the scope as it was at one moment, but for what is not settled."""
        cursor = client.d.scopes[scope].cursor
        state = self.server.states.get((scope, cursor))
        if state is None:
            if cursor:
                raise Violation(f"I7: {scope}@{cursor} is between two user actions")
            return
        lines = {pk: line for pk, line in client.d.lines.items() if line.scope == scope and line.version > 0}
        for pk, line in lines.items():
            if pk not in state:
                raise Violation(f"I10: {pk!r} is not in {scope}")
            self._check_line(client, pk, line, state[pk])
        for pk, entity in state.items():
            if pk not in client.d.lines and not entity.dead:
                raise Violation(f"I8: {pk!r}@{entity.version} is missing at {scope}@{cursor}")

    def _check_line(self, client: Client, pk: bytes, line: Line, entity: Entity) -> None:
        if not client.pending((pk, LIFE)) and line.dead != entity.dead:
            raise Violation(f"I7: {pk!r} dead: {line.dead}, server {entity.dead}")
        for number, unit in client.known.units.items() if line.type == RECORD else ():
            mine, theirs = shown(line, unit.places), shown_of(entity, number)
            if not client.pending((pk, number)) and mine != theirs:
                raise Violation(f"I7: {pk!r} {unit.name}: {mine}, server {theirs}")

    def check_end(self) -> None:
        """I1, I4, I6, I10, I12: all agree, nothing waits, every protected value is somewhere."""
        for client in self.clients:
            if client.d.outbox or client.d.flights:
                raise Violation(f"I12: device {client.device} has {client.d.outbox} {client.d.flights}")
            want: dict[bytes, tuple[Any, ...]] = {}
            for scope in sorted(self.server.grants[client.device]):
                for pk, entity in self.server.state(scope).items():
                    if not entity.dead:
                        want[pk] = whole(entity.body)
            have = {
                pk: whole(line.body) for pk, line in client.d.lines.items() if line.version and not line.dead
            }
            if have != want:
                raise Violation(f"I1: device {client.device} {have} server {want}")
        self._check_protected_kept()
        self._check_later_wins()

    def _check_protected_kept(self) -> None:
        """I4: a protected value is in the history, in a conflict, refused, or replaced by its author."""
        found = {shown_of(written.after, AMOUNTS)[0] for written in self.server.written}
        for client in self.clients:
            for refused in client.d.refused:
                found |= set(amounts_in(refused.op))
        for held in self.server.held.values():
            if held.type != RECORD:
                for op in decode_ops(held.entity.body[0]):
                    found |= set(amounts_in(op))
        for (unit, value), edit in self.edits.items():
            if unit == AMOUNTS and not edit.replaced and value not in found:
                raise Violation(f"I4: {value} of device {edit.device} is nowhere")

    def _check_later_wins(self) -> None:
        """I6: of two edits of a free unit of which neither author had seen the other, the later stands."""
        if any(self.skews_ms):
            return
        last: dict[tuple[bytes, int], tuple[int, Any]] = {}
        for judged in self.server.judged:
            if judged.stood and isinstance(judged.op, Set) and FREE in judged.op.units:
                key = (judged.op.pk, FREE)
                last[key] = max(last.get(key, (0, None)), (judged.clock, judged.op.units[FREE][0]))
        for (pk, _), (_, value) in last.items():
            scope = self.server.where(pk)
            held = self.server.held[scope, pk].entity if scope else None
            if held is not None and held.at(0) != value:
                raise Violation(f"I6: {pk!r} holds {held.at(0)}, the last edit was {value}")

    def check_conflicts_are_real(self) -> None:
        """I13: a value that was surfaced had not been seen by the author who met it."""
        for judged in self.server.judged:
            device = self.device_of(judged.author)
            if judged.outcome.status != Status.CONFLICT or device in self.restored:
                continue
            for clash in judged.outcome.clashes:
                if clash.unit != AMOUNTS or not clash.mine or judged.op.pk in self.moved:
                    continue
                edit = self.edits[AMOUNTS, clash.mine[3]]
                if tuple(clash.theirs.values()) in edit.seen:
                    raise Violation(f"I13: {clash.mine} met {clash.theirs}, which its author had seen")


def shown_of(entity: Entity, number: int) -> tuple[Any, ...]:
    places = NEWER.units[number].places
    found = (entity.at(place) for place in places)
    return tuple(frozenset(value) if isinstance(value, list) else value for value in found)


def whole(body: Sequence[Any]) -> tuple[Any, ...]:
    """Return a body in a form that can be compared: sets have no order."""
    return tuple(frozenset(value) if isinstance(value, list) else value for value in body)


def amounts_in(op: Any) -> list[Any]:
    if isinstance(op, New):
        return op.body[3:4]
    return [values[3] for unit, values in op.units.items() if unit == AMOUNTS] if isinstance(op, Set) else []
