"""A newer program and this one share an agency: what this one does not know passes through it unharmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from desktop.models.images import read_tail
from desktop.models.work import new_id
from domain import protocol
from domain.pages import Full, Part
from domain.protocol import Batch, Group, New, Op, Set, SyncAnswer, SyncRequest, Want
from domain.registry import wire_types
from server import frames
from tests.sync.bench import Bench, Replica, make_small
from tests.sync.replicas import History

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.caller import Caller

PARTY = wire_types()["party"]
PLACE = len(PARTY.fields)
"""The place of a field that only the newer program has; its unit has the next number too."""
UNIT = max(PARTY.units) + 1
STRANGE = 9_000
"""A record type that only the newer program has."""


class Newer:
    """The newer program: it speaks the protocol by hand."""

    def __init__(self, bench: Bench, caller: Caller) -> None:
        self.bench, self.caller, self.sent = bench, caller, 0

    def send(self, *ops: Op) -> SyncAnswer:
        self.sent += 1
        self.bench.now_ms += 5
        group = Group(protocol.clock_at(self.bench.now_ms), list(ops))
        return self.ask(batches=[protocol.encode(Batch(self.sent, [group]))])

    def ask(self, **parts: Any) -> SyncAnswer:
        request = SyncRequest(1, "newer", 0, self.bench.now_ms, sent=self.sent, **parts)
        return self.bench.converse(self.caller, frames.pack(protocol.encode(request)))

    def body(self, pk: bytes) -> list[Any]:
        """Return a record as it is on the server."""
        scope = f"a:{self.caller.organisation}"
        for page in self.ask(wants=[Want(scope, 0)]).pages:
            for row in page.rows:
                if isinstance(row, Full) and row.pk == pk:
                    found: list[Any] = msgspec.msgpack.decode(row.body)
                    return found
        raise LookupError(pk)


@pytest.fixture
def agency(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Newer, Replica]]:
    """Return the newer program and a desk with this one."""
    make_small(monkeypatch)
    history = History(bench)
    desk = history.desks[0]
    desk.sync()
    yield Newer(bench, bench.enrol("staff", like=desk.caller)), desk
    history.close()


def party(**values: Any) -> list[Any]:
    body: list[Any] = [None] * (PLACE + 1)
    for name, value in {"name": "甲公司", "kind": "organisation", **values}.items():
        body[PARTY.places[name]] = value
    body[PLACE] = "新增"
    return body


def rename(desk: Replica, pk: bytes, name: str) -> None:
    with desk.store.write() as connection:
        connection.exec_driver_sql("UPDATE party SET name = ? WHERE id = ?", (name, pk))


def tail(desk: Replica, pk: bytes) -> tuple[int, list[Any]]:
    return read_tail(desk.value("party", pk, "extra"))


def test_a_field_of_a_newer_program_survives_an_edit_by_this_one(agency):
    newer, desk = agency
    pk = new_id().bytes
    newer.send(New(PARTY.number, pk, party()))
    desk.sync()
    assert tail(desk, pk) == (PLACE, ["新增"])
    rename(desk, pk, "乙公司")
    desk.sync()
    body = newer.body(pk)
    assert (body[PARTY.places["name"]], body[PLACE]) == ("乙公司", "新增")


def test_both_edit_at_once_and_both_stand(agency):
    newer, desk = agency
    pk = new_id().bytes
    newer.send(New(PARTY.number, pk, party()))
    desk.sync()
    rename(desk, pk, "乙公司")
    newer.send(Set(PARTY.number, pk, 1, {UNIT: {PLACE: "改过"}}))
    desk.sync()
    desk.sync()
    assert tail(desk, pk) == (PLACE, ["改过"])
    body = newer.body(pk)
    assert (body[PARTY.places["name"]], body[PLACE]) == ("乙公司", "改过")


def test_a_copy_that_sends_a_birth_again_keeps_the_newer_fields(agency):
    newer, desk = agency
    pk = new_id().bytes
    newer.send(New(PARTY.number, pk, party()))
    desk.sync()
    again = party(remark="再来")[:PLACE]
    other = Newer(desk.bench, desk.bench.enrol(same=desk.caller))
    other.send(New(PARTY.number, pk, again))
    body = newer.body(pk)
    assert (body[PARTY.places["remark"]], body[PLACE]) == ("再来", "新增")


def test_records_of_a_newer_type_are_kept_until_the_upgrade(agency):
    newer, desk = agency
    pk = new_id().bytes
    answer = newer.send(New(STRANGE, pk, ["没见过", 1, None, b"x"]))
    assert answer.batches[0].verdicts == []
    desk.sync()
    newer.send(Set(STRANGE, pk, 1, {1: {0: "改过"}}))
    desk.sync()
    desk.sync()
    with desk.store.read() as connection:
        kept = connection.exec_driver_sql("SELECT row FROM sync_strange WHERE pk = ?", (pk,)).scalar()
    row = msgspec.msgpack.decode(kept, type=Full | Part)
    assert msgspec.msgpack.decode(row.body)[0] == "改过"
