"""What must hold when everybody has synced in peace: all have the same, and nothing is lost."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from desktop.models.outgoing import outbox
from domain import protocol
from domain.conflicts import read_items
from domain.protocol import New, Set, State
from domain.registry import by_number, wire_types
from server.records.grants import scopes_of
from tests.sync.bench import comparable
from tests.sync.scripts import Violation
from tests.sync.watching import AMOUNT

if TYPE_CHECKING:
    from tests.sync.bench import Replica
    from tests.sync.replicas import History

_LIVE = "SELECT type, uuid_send(pk), body FROM entity WHERE scope = ANY(%s) AND state = %s"


class Ending:
    """The end of one history."""

    def __init__(self, history: History) -> None:
        self.history, self.bench = history, history.bench

    def check(self) -> None:
        for number, desk in enumerate(self.history.desks):
            self._check_settled(number, desk)
            if (differs := difference(desk.rows(), self._on_the_server(desk))) != "":
                raise Violation(f"I1: desk {number} differs: {differs}")
        self._check_another_life(self.history.desks[self.history.made % len(self.history.desks)])
        self.history.watch.check_last()
        self._check_kept()
        self.history.promises.check(self.history.watch.now)

    def _check_settled(self, number: int, desk: Replica) -> None:
        """I9, I12: nothing waits, and every reference leads somewhere."""
        with desk.store.read() as connection:
            counts = outbox.counts(connection)
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if counts.waiting or counts.in_flight:
            raise Violation(f"I12: desk {number} has {counts}")
        if unlisted := desk.unlisted():
            raise Violation(f"I12: desk {number} keeps to itself {unlisted}")
        if dangling:
            raise Violation(f"I9: desk {number} {dangling}")

    def _on_the_server(self, desk: Replica) -> dict[tuple[str, bytes], dict[str, Any]]:
        """Return the live records in the scopes of a person, as the rows of a desk."""
        found = {}
        with self.bench.database.reading() as connection:
            scopes = [scope.number for scope in scopes_of(connection, self.bench.acting(desk.caller))]
            for kind, pk, body in connection.execute(_LIVE, (scopes, State.LIVE)):
                known = by_number()[kind]
                values = dict(enumerate(msgspec.msgpack.decode(body)))
                row = {one.name: _sorted(values.get(place)) for place, one in enumerate(known.fields) if one}
                found[known.record_type.name, bytes(pk)] = {"extra": None, **row}
        return found

    def _check_another_life(self, desk: Replica) -> None:
        """I1: whoever begins anew has what is here; the file is sound."""
        fresh = self.bench.replica(self.bench.enrol(same=desk.caller))
        fresh.sync()
        have, want = desk.rows(), fresh.rows()
        fresh.close()
        shutil.rmtree(fresh.folder)
        if have != want:
            raise Violation(f"I1: {desk.folder.name} differs from a new one: {difference(have, want)}")
        if problems := desk.store.integrity_problems():
            raise Violation(f"I9: {desk.folder.name} {problems}")

    def _check_kept(self) -> None:
        """I4: every amount is in the records, the history, a conflict, or the list of what was refused."""
        found: set[Any] = {held.values.get(AMOUNT) for held in self.history.watch.now.values()}
        for desk in self.history.desks:
            with desk.store.read() as connection:
                for (op,) in connection.exec_driver_sql("SELECT op FROM sync_refused"):
                    found |= amounts_of(op)
                for (items,) in connection.exec_driver_sql("SELECT items FROM conflict"):
                    found |= {
                        int(Decimal(version.mine).scaleb(2))
                        for item in read_items(items)
                        for version in item.versions
                        if version.field == AMOUNT and version.mine
                    }
                found |= {fen for (fen,) in connection.exec_driver_sql("SELECT deal_amount FROM deal")}
        found |= self._in_history()
        for fen, edit in self.history.edits.items():
            if not edit.replaced and fen not in found:
                raise Violation(f"I4: {fen} of desk {edit.desk} is nowhere")

    def _in_history(self) -> set[Any]:
        organisation, deal = self.history.desks[0].caller.organisation, wire_types()["deal"]
        place = deal.places[AMOUNT]
        with self.bench.database.reading() as connection:
            lines = connection.execute(
                "SELECT h.before, h.after FROM history h JOIN account a ON a.id = h.account"
                " WHERE a.organisation = %s AND h.type = %s",
                (organisation, deal.number),
            ).fetchall()
        return {msgspec.msgpack.decode(side).get(place) for line in lines for side in line}


def difference(have: dict[Any, Any], want: dict[Any, Any]) -> str:
    """Say what differs; nothing if nothing does."""
    told = []
    for key in have.keys() | want.keys():
        mine, theirs = have.get(key), want.get(key)
        if mine is None or theirs is None:
            told.append(f"{key[0]} {key[1].hex()[-6:]}: {'missing' if mine is None else 'too much'}")
        elif mine != theirs:
            told.append(
                f"{key[0]} {key[1].hex()[-6:]}: "
                + ", ".join(f"{n} {mine[n]!r} / {theirs[n]!r}" for n in mine if mine[n] != theirs[n])
            )
    return "; ".join(told)


def amounts_of(encoded: bytes) -> set[Any]:
    op = msgspec.msgpack.decode(encoded, type=protocol.Op)
    place = wire_types()["deal"].places[AMOUNT]
    if op.type != wire_types()["deal"].number:
        return set()
    if isinstance(op, New):
        return {op.body[place]} if place < len(op.body) else set()
    if isinstance(op, Set):
        return {values[place] for values in op.units.values() if place in values}
    return set()


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else comparable(value)
