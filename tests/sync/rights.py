"""Who gets and who may do what, told by hand: the server must do exactly that, whatever is tried.

Two agencies with all roles, whose people make records and hand them on, where they may and where not, and
whose roles change. The table says again what docs/protocol.md says, and shares nothing with the program's.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from desktop.models.work import new_id
from domain import protocol, sheaves
from domain.pages import Full
from domain.protocol import Batch, Group, Move, New, Op, Status, SyncRequest, Want
from domain.registry import wire_types
from server import frames
from tests.sync.scripts import Violation

if TYPE_CHECKING:
    from server.caller import Caller
    from tests.sync.bench import Bench

READS: Final = {
    "broker": "aut",
    "staff": "auts",
    "head": "auts",
    "trainer": "aut",
    "certifier": "aut",
    "authority": "uts",
    "administrator": "",
    "auditor": "",
}
WRITES: Final = {
    "broker": "au",
    "staff": "auts",
    "head": "auts",
    "trainer": "ut",
    "certifier": "ut",
    "authority": "us",
    "administrator": "",
    "auditor": "",
}
ROLES: Final = tuple(READS)
PARTY: Final = wire_types()["party"]


@dataclass
class Rights:
    """All that people have made, and where it must be."""

    bench: Bench
    seed: int
    people: list[Caller] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    where: dict[bytes, str] = field(default_factory=dict)
    sent: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.choose = random.Random(self.seed)  # noqa: S311 - it only has to be the same each time
        for _ in range(2):
            first = self.bench.enrol(ROLES[0])
            self.people += [first, *(self.bench.enrol(role, like=first) for role in ROLES[1:])]
        self.roles = dict(zip((one.account for one in self.people), ROLES * 2, strict=True))
        owners = {one.organisation for one in self.people}
        self.scopes = [f"{kind}:{owner}" for kind in "ats" for owner in sorted(owners)]
        self.scopes += [f"u:{one.account}" for one in self.people]

    # ── what must be ────────────────────────────────────────────────────────────────────────────

    def may(self, table: dict[str, str], caller: Caller, scope: str) -> bool:
        kind, owner = scope.split(":")
        role = self.roles[caller.account]
        if kind not in table[role]:
            return False
        if kind == "u":
            return owner == caller.account
        return owner == caller.organisation or (role == "authority" and kind in "ts")

    def owns(self, caller: Caller, scope: str) -> bool:
        return scope.split(":")[1] in (caller.organisation, caller.account)

    # ── what is tried ───────────────────────────────────────────────────────────────────────────

    def step(self) -> None:
        caller = self.choose.choice(self.people)
        kind = self.choose.choice(("make", "make", "hand on", "hand on", "promote", "look", "look"))
        if kind == "make":
            self.make(caller, self.choose.choice(self.scopes))
        elif kind == "hand on" and self.where:
            self.hand_on(caller, self.choose.choice(list(self.where)), self.choose.choice(self.scopes))
        elif kind == "promote":
            self.promote(caller, self.choose.choice(ROLES))
        else:
            self.look(caller)

    def make(self, caller: Caller, scope: str) -> None:
        pk = new_id().bytes
        body: list[Any] = [None] * len(PARTY.fields)
        body[PARTY.places["name"]], body[PARTY.places["kind"]] = "甲公司", "organisation"
        stood = self.send(caller, New(PARTY.number, pk, body, scope))
        self.agree(stood, self.may(WRITES, caller, scope), f"{caller.role} makes in {scope[0]}")
        if stood:
            self.where[pk] = scope

    def hand_on(self, caller: Caller, pk: bytes, target: str) -> None:
        home = self.where[pk]
        writes = self.may(WRITES, caller, home) and self.may(WRITES, caller, target)
        owned = self.owns(caller, home) and self.owns(caller, target)
        stood = self.send(caller, Move(PARTY.number, pk, 1 << 40, target))
        self.agree(stood, writes and owned, f"{caller.role} hands on from {home[0]} to {target[0]}")
        if stood:
            self.where[pk] = target

    def promote(self, caller: Caller, role: str) -> None:
        with self.bench.database.connection() as connection:
            connection.execute("UPDATE account SET role = %s WHERE id = %s", (role, caller.account))
        self.roles[caller.account] = role

    def look(self, caller: Caller) -> None:
        """Ask for every scope there is, from its beginning: I10 exactly."""
        wants = [Want(scope, 0) for scope in self.scopes]
        got = {
            row.pk: page.scope
            for page in self.ask(caller, wants=wants, rows=10_000).pages
            for row in itertools.chain(page.rows, *map(sheaves.loosened, page.sheaves))
            if isinstance(row, Full) and row.type == PARTY.number
        }
        due = {pk: scope for pk, scope in self.where.items() if self.may(READS, caller, scope)}
        self.agree(got, due, f"{self.roles[caller.account]} looks")

    def all_look(self) -> None:
        for caller in self.people:
            self.look(caller)

    def agree(self, found: object, due: object, what: str) -> None:
        if found != due:
            raise Violation(f"I10: {what}: {found}, not {due}")

    def send(self, caller: Caller, op: Op) -> bool:
        """Tell whether an edit stood."""
        number = self.sent[caller.device] = self.sent.get(caller.device, 0) + 1
        self.bench.now_ms += 5
        batch = Batch(number, [Group(protocol.clock_at(self.bench.now_ms), [op])])
        (answer,) = self.ask(caller, batches=[protocol.encode(batch)]).batches
        return all(verdict.status <= Status.MERGED for verdict in answer.verdicts)

    def ask(self, caller: Caller, **parts: Any) -> protocol.SyncAnswer:
        sent = self.sent.get(caller.device, 0)
        request = SyncRequest(protocol.PROTOCOL_VERSION, "test", 0, self.bench.now_ms, sent=sent, **parts)
        return self.bench.converse(caller, frames.pack(protocol.encode(request)))


def run(bench: Bench, seed: int, steps: int) -> None:
    """Let people try what they like, then let everybody look.

    Raises:
        Violation: somebody got too much or too little.
    """
    rights = Rights(bench, seed)
    rights.all_look()  # a scope is there for the authority once somebody of its agency has asked
    for _ in range(steps):
        rights.step()
    rights.all_look()
