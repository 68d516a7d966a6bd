"""Three desks of one agency with real parts: everything that can happen to them, and what must hold then.

The invariants are those of docs/protocol.md. Amounts are never written twice, so that each tells its edit.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from desktop.models.outgoing import outbox
from desktop.models.outgoing.capture import Action
from desktop.models.tables import STUB
from desktop.models.work import Work, new_id
from desktop.sync.troubles import OfflineError
from domain import protocol
from domain.conflicts import read_items
from domain.protocol import New, Set
from domain.registry import by_number, wire_types
from domain.scopes import scope_key
from server.denials import Denied
from tests.sync.bench import Killed, Orderly, Violation, comparable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.sync.bench import Bench

DESKS: Final = 3
Fault = Literal["none", "request lost", "answer lost", "delivered twice", "killed"]
FAULTS: Final[tuple[Fault, ...]] = (
    "none",
    "none",
    "none",
    "request lost",
    "answer lost",
    "delivered twice",
    "killed",
)
Change = tuple[
    Literal["party", "deal", "name", "remark", "set", "amount", "raw", "drop", "back", "move"], int
]
"""What somebody does, and to the how-manieth record."""


@dataclass
class Edit:
    """One amount somebody typed, and all that had been shown to him there before."""

    desk: int
    pk: bytes
    seen: frozenset[int]
    replaced: bool = False


class History:
    """Three desks of one agency and everything that happens to them."""

    def __init__(self, bench: Bench, skews_ms: Sequence[int] = (0, 0, 0)) -> None:
        self.bench = bench
        first = bench.enrol("staff")
        callers = [first, bench.enrol("broker", like=first), bench.enrol("staff", like=first)]
        self.desks = [
            bench.replica(caller, skew_ms=skew) for caller, skew in zip(callers, skews_ms, strict=True)
        ]
        self.made = 0
        self.edits: dict[int, Edit] = {}
        self.seen: list[dict[bytes, set[int]]] = [{} for _ in range(DESKS)]
        self.typed: list[dict[tuple[str, bytes, str], Any]] = [{} for _ in range(DESKS)]
        self.backups: dict[int, tuple[Path, Any, Any]] = {}
        self.kill_at = 0

    # ── people ──────────────────────────────────────────────────────────────────────────────────

    def act(self, number: int, changes: Sequence[Change]) -> None:
        """One user action."""
        self.bench.now_ms += 7
        desk = self.desks[number]
        with desk.store.write() as connection:
            moment = dt.datetime.fromtimestamp(self.bench.now_ms / 1000, dt.UTC)
            work = Work(connection, moment, "高璟", "device", "测试")
            for kind, which in changes:
                self._change(number, work, kind, which)
            work.finish()
        self.look(number)

    def _change(self, number: int, work: Work, kind: str, which: int) -> None:
        match kind:
            case "party":
                work.put(
                    "party",
                    new_id(),
                    {"name": f"单位{self._value()}", "kind": "organisation", "roles": ("a",)},
                )
            case "deal":
                buyer = self._choose(work, "party", which)
                pk, fen = new_id(), self._value()
                self._note_amount(number, pk.bytes, fen)
                amount = Decimal(fen).scaleb(-2)
                work.put(
                    "deal",
                    pk,
                    {"title": f"合同{fen}", "stage": "lead", "buyer": buyer, "deal_amount": amount},
                )
            case "drop" | "back" | "move":
                self._turn(number, work, kind, which)
            case _:
                self._edit(number, work, kind, which)

    def _value(self) -> int:
        self.made += 1
        return self.made

    def _choose(self, work: Work, name: str, which: int, *, dead: bool = False) -> uuid.UUID | None:
        is_there = f"deleted_at IS {'NOT ' if dead else ''}NULL AND deleted_at IS NOT '{STUB}'"
        rows = work.connection.exec_driver_sql(f"SELECT id FROM {name} WHERE {is_there} ORDER BY id").all()
        return uuid.UUID(bytes=bytes(rows[which % len(rows)][0])) if rows else None

    def _edit(self, number: int, work: Work, kind: str, which: int) -> None:
        name = "deal" if which % 2 or kind == "amount" else "party"
        key = self._choose(work, name, which)
        if key is None:
            return
        value = self._value()
        typed: Any
        if kind == "amount":
            self._note_amount(number, key.bytes, value)
            column, typed = "deal_amount", value
            work.change(name, key, deal_amount=Decimal(value).scaleb(-2))
        elif kind == "set":
            column = "ip_kinds" if name == "deal" else "roles"
            held = (work.get(name, key) or {})[column]
            codes = held[1:] if len(held) > 1 and value % 3 == 0 else (*held, f"c{value}")
            typed = sorted(codes)
            work.change(name, key, **{column: codes})
        elif kind == "raw":
            column, typed = "remark", f"直接{value}"
            work.connection.exec_driver_sql(f"UPDATE {name} SET remark = ? WHERE id = ?", (typed, key.bytes))
        else:
            column = "remark" if kind == "remark" else "title" if name == "deal" else "name"
            typed = f"文字{value}"
            work.change(name, key, **{column: typed})
        self.typed[number][name, key.bytes, column] = typed

    def _turn(self, number: int, work: Work, kind: str, which: int) -> None:
        name = "deal" if which % 2 else "party"
        key = self._choose(work, name, which, dead=kind == "back")
        if key is None:
            return
        if kind == "move":
            caller = self.desks[number].caller
            target = scope_key(
                "u" if which % 3 else "a", organisation=caller.organisation, account=caller.account
            )
            outbox.move(work.connection, name, key, target)
        elif kind == "drop":
            work.remove(name, key)
            self._replace(number, key.bytes)
        else:
            work.restore(name, key)

    def _note_amount(self, number: int, pk: bytes, fen: int) -> None:
        self._replace(number, pk)
        self.edits[fen] = Edit(number, pk, frozenset(self.seen[number].get(pk, ())))

    def _replace(self, number: int, pk: bytes) -> None:
        for edit in self.edits.values():
            edit.replaced |= (edit.desk, edit.pk) == (number, pk)

    def look(self, number: int) -> None:
        """Note which amounts are on the screen."""
        with self.desks[number].store.read() as connection:
            for pk, fen in connection.exec_driver_sql("SELECT id, deal_amount FROM deal"):
                self.seen[number].setdefault(bytes(pk), set()).add(fen)

    # ── sync ────────────────────────────────────────────────────────────────────────────────────

    def sync(
        self,
        number: int,
        fault: Fault = "none",
        *,
        kill_at: int = 0,
        freezes: int = 0,
        during: Sequence[Change] = (),
    ) -> None:
        """Sync one desk; ``kill_at`` is the how-manieth failpoint at which the program dies."""
        desk = self.desks[number]
        self.bench.now_ms += 3
        desk.wire.fault = fault
        desk.wire.during = (lambda: self.act(number, during)) if during else None
        Orderly.freezes = freezes
        self.kill_at = kill_at + 1 if fault == "killed" else 0
        try:
            desk.sync()
        except OfflineError:
            pass
        except Killed:
            desk.start()
        finally:
            self.kill_at = 0
            desk.wire.during = None
        self.check_typed(number)
        self.look(number)

    def pass_point(self) -> None:
        """Be told of a failpoint, and die at the one that was chosen."""
        if self.kill_at:
            self.kill_at -= 1
            if not self.kill_at:
                raise Killed

    def deliver_late(self, number: int, which: int) -> None:
        desk = self.desks[number]
        if desk.wire.late:
            with contextlib.suppress(Denied):  # what comes from a former life is declined
                self.bench.converse(desk.caller, desk.wire.late[which % len(desk.wire.late)])

    def back_up(self, number: int) -> None:
        """Copy the file of a store."""
        desk = self.desks[number]
        desk.close()
        copy = self.bench.folder / f"copy{next(self.bench.numbers)}"
        shutil.copytree(desk.folder, copy)
        self.backups[number] = (copy, desk.caller, dict(self.typed[number]))
        desk.open()

    def restore(self, number: int) -> None:
        """Put the copied file in the place of a store; the keyring knows only the newest credentials."""
        if number not in self.backups:
            return
        copy, _, typed = self.backups[number]
        desk = self.desks[number]
        desk.close()
        shutil.rmtree(desk.folder)
        shutil.copytree(copy, desk.folder)
        desk.is_copy = True
        desk.open()
        self.typed[number] = dict(typed)
        for edit in self.edits.values():
            edit.replaced |= edit.desk == number

    def set_role(self, number: int, role: str) -> None:
        with self.bench.database.connection() as connection:
            connection.execute(
                "UPDATE account SET role = %s WHERE id = %s", (role, self.desks[number].caller.account)
            )

    def settle_down(self) -> None:
        """Everybody syncs without any fault until nobody has anything to say, then all is compared."""
        for _ in range(4):
            for number in range(DESKS):
                self.sync(number)
        self.check_end()

    def close(self) -> None:
        for desk in self.desks:
            desk.close()
            shutil.rmtree(desk.folder)

    # ── what must hold ──────────────────────────────────────────────────────────────────────────

    def check_typed(self, number: int) -> None:
        """I11: what was typed and waits in the outbox is what the screen shows."""
        desk = self.desks[number]
        with desk.store.read() as connection:
            waiting = connection.exec_driver_sql(
                "SELECT type, pk, unit FROM outbox WHERE action = ?", (int(Action.EDIT),)
            ).all()
        for kind, pk, unit in waiting:
            known = by_number()[kind]
            for one in known.units[unit].fields:
                key = (known.record_type.name, bytes(pk), one.name)
                if key in self.typed[number]:
                    shown = comparable(desk.value(key[0], key[1], one.name))
                    wanted = self.typed[number][key]
                    if wanted not in (shown, shown or []):
                        raise Violation(f"I11: desk {number} typed {wanted}, shows {shown}")

    def check_end(self) -> None:
        for number, desk in enumerate(self.desks):
            with desk.store.read() as connection:
                counts = outbox.counts(connection)
            if counts.waiting or counts.in_flight:
                raise Violation(f"I12: desk {number} has {counts}")
            if problems := desk.store.integrity_problems():
                raise Violation(f"I9: desk {number} {problems}")
            fresh = self.bench.replica(self.bench.enrol(same=desk.caller))
            fresh.sync()
            have, want = desk.rows(), fresh.rows()
            fresh.close()
            shutil.rmtree(fresh.folder)
            if have != want:
                raise Violation(f"I1: desk {number} differs: {difference(have, want)}")
        self.check_unseen()
        self.check_kept()

    def check_unseen(self) -> None:
        """I3: no amount replaced one that its author had not seen, by the server's own history."""
        place = wire_types()["deal"].places["deal_amount"]
        organisation = self.desks[0].caller.organisation
        with self.bench.database.reading() as connection:
            lines = connection.execute(
                "SELECT uuid_send(h.pk), h.before, h.after FROM history h JOIN account a ON a.id = h.account"
                " WHERE a.organisation = %s AND h.type = %s ORDER BY h.at, h.seq",
                (organisation, wire_types()["deal"].number),
            ).fetchall()
        for pk, before, after in lines:
            old, new = (_amount(msgspec.msgpack.decode(side), place) for side in (before, after))
            edit = self.edits.get(new) if isinstance(new, int) else None
            if edit is not None and isinstance(old, int) and old != new and old not in edit.seen:
                raise Violation(f"I3: {new} replaced {old} of {pk.hex()}, which its author had not seen")

    def check_kept(self) -> None:
        """I4: every amount is in the records, the history, a conflict, or the list of what was refused."""
        found: set[int] = set()
        for desk in self.desks:
            with desk.store.read() as connection:
                for (op,) in connection.exec_driver_sql("SELECT op FROM sync_refused"):
                    found |= amounts_of(op)
                for (items,) in connection.exec_driver_sql("SELECT items FROM conflict"):
                    found |= {
                        int(Decimal(version.mine).scaleb(2))
                        for item in read_items(items)
                        for version in item.versions
                        if version.field == "deal_amount" and version.mine
                    }
                found |= {fen for (fen,) in connection.exec_driver_sql("SELECT deal_amount FROM deal")}
        organisation = self.desks[0].caller.organisation
        place = wire_types()["deal"].places["deal_amount"]
        with self.bench.database.reading() as connection:
            lines = connection.execute(
                "SELECT h.before, h.after FROM history h JOIN account a ON a.id = h.account"
                " WHERE a.organisation = %s AND h.type = %s",
                (organisation, wire_types()["deal"].number),
            ).fetchall()
        for line in lines:
            for side in line:
                fen = _amount(msgspec.msgpack.decode(side), place)
                if isinstance(fen, int):
                    found.add(fen)
        for fen, edit in self.edits.items():
            if not edit.replaced and fen not in found:
                raise Violation(f"I4: {fen} of desk {edit.desk} is nowhere")


def difference(have: dict[Any, Any], want: dict[Any, Any]) -> str:
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


def amounts_of(encoded: bytes) -> set[int]:
    op = msgspec.msgpack.decode(encoded, type=protocol.Op)
    place = wire_types()["deal"].places["deal_amount"]
    if op.type != wire_types()["deal"].number:
        return set()
    if isinstance(op, New):
        return {op.body[place]} if place < len(op.body) else set()
    if isinstance(op, Set):
        return {values[place] for values in op.units.values() if place in values}
    return set()


def _amount(side: Any, place: int) -> Any:
    if isinstance(side, dict):
        return side.get(place)
    return side[place] if isinstance(side, list) and place < len(side) else None
