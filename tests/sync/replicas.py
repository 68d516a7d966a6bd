"""Three desks of one agency with real parts, and everything that can happen to them.

What is wrong is found by tests/sync/watching.py while it happens and by tests/sync/ending.py at the end.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

from desktop.models.outgoing import outbox
from desktop.models.outgoing.capture import Action
from desktop.models.tables import STUB
from desktop.models.work import Work, new_id
from desktop.sync.troubles import OfflineError
from domain.registry import by_number
from domain.scopes import scope_key
from server.denials import Denied
from tests.backups import Backup
from tests.sync.bench import Killed, Orderly, comparable
from tests.sync.ending import Ending
from tests.sync.promises import Promises, waiting
from tests.sync.scripts import Violation
from tests.sync.watching import AMOUNT, Watch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.sync.bench import Bench

DESKS: Final = 3
ROUNDS_AT_MOST: Final = 8
"""So often everybody syncs before all must have been said."""
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
    """One amount that somebody typed; ``replaced`` by himself, or lost with his store."""

    desk: int
    pk: bytes
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
        self.watch = Watch(bench, callers, honest=not any(skews_ms))
        self.promises = Promises()
        self.authors = list(self.watch.authors.values())
        self.dropped: list[tuple[str, bytes]] = []
        self.made = 0
        self.edits: dict[int, Edit] = {}
        self.typed: list[dict[tuple[str, bytes, str], Any]] = [{} for _ in range(DESKS)]
        self.backups: dict[int, tuple[Path, Any, Any]] = {}
        self.kill_at = 0
        self.backup: Backup | None = None
        bench.restored = False

    def begin(self) -> None:
        """Let every desk have seen the first records; from now on all is watched."""
        self.bench.watched = self.watch
        self.act(0, [("party", 0), ("deal", 0)])
        for number in range(DESKS):
            self.sync(number)

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
            self.watch.look(self.authors[number], connection)
            clock = int(connection.exec_driver_sql("SELECT clock FROM sync_now").scalar_one())
        for name, pk in self.dropped:
            self.watch.note_drop(self.authors[number], name, pk, clock)
        self.dropped.clear()

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
        self.promises.release(name, key.bytes, column)
        self.watch.note_typed(self.authors[number], (name, key.bytes, column), typed)

    def _turn(self, number: int, work: Work, kind: str, which: int) -> None:
        name = "deal" if which % 2 else "party"
        key = self._choose(work, name, which, dead=kind == "back")
        if key is None:
            return
        self.promises.release(name, key.bytes)
        if kind == "move":
            caller = self.desks[number].caller
            target = scope_key(
                "u" if which % 3 else "a", organisation=caller.organisation, account=caller.account
            )
            outbox.move(work.connection, name, key, target)
        elif kind == "drop":
            work.remove(name, key)
            self._replace(number, key.bytes)
            self.dropped.append((name, key.bytes))
        else:
            work.restore(name, key)

    def _note_amount(self, number: int, pk: bytes, fen: int) -> None:
        self._replace(number, pk)
        self.edits[fen] = Edit(number, pk)
        self.watch.amounts_seen[fen] = frozenset(self.authors[number].seen["deal", pk, AMOUNT])

    def _replace(self, number: int, pk: bytes) -> None:
        for edit in self.edits.values():
            edit.replaced |= (edit.desk, edit.pk) == (number, pk)

    def look(self, number: int) -> None:
        with self.desks[number].store.read() as connection:
            self.watch.look(self.authors[number], connection)

    # ── sync ────────────────────────────────────────────────────────────────────────────────────

    def sync(
        self,
        number: int,
        fault: Fault = "none",
        *,
        kill_at: int = 0,
        freezes: int = 0,
        prompt: bool = False,
        during: Sequence[Change] = (),
    ) -> bool:
        """Sync one desk; ``kill_at`` is the how-manieth failpoint at which the program dies.

        ``prompt`` lets the server have answered each request before the desk goes on.

        Tells whether anything came or went.
        """
        moved = True
        desk = self.desks[number]
        self.bench.now_ms += 3
        desk.wire.fault = fault
        desk.wire.during = (lambda: self.act(number, during)) if during else None
        Orderly.freezes, Orderly.prompt = freezes, prompt
        self.kill_at = kill_at + 1 if fault == "killed" else 0
        try:
            taken = desk.sync()
            moved = bool(taken.sent or taken.received)
        except OfflineError:
            pass
        except Killed:
            desk.start()
        finally:
            self.kill_at = 0
            desk.wire.during = None
        self.check_typed(number)
        self.look(number)
        return moved

    def act_and_sync(self, number: int, changes: Sequence[Change]) -> None:
        self.act(number, changes)
        self.sync(number)

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
                self.bench.converse(*desk.wire.late[which % len(desk.wire.late)])

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
        self.authors[number].restored = True
        self.promises.release_all()
        for edit in self.edits.values():
            edit.replaced |= edit.desk == number

    def back_up_server(self) -> None:
        self.backup = Backup(self.bench.database)

    def restore_server(self, *, told: bool = True) -> None:
        """Take the server back to its backup; ``told``: somebody says so to it, as the manual asks.

        Requests on their way from before are long gone.
        """
        if self.backup is None:
            return
        self.promises.note(self.desks, self.watch.now)
        self.backup.restore(told=told)
        self.backup = None
        self.bench.restored = True
        for number, desk in enumerate(self.desks):
            desk.wire.late.clear()
            unsent = set(waiting(desk))  # what was sent may be sent again as others have changed it since
            self.typed[number] = {key: typed for key, typed in self.typed[number].items() if key in unsent}
        for edit in self.edits.values():
            edit.replaced = True
        self.watch.start_over()

    def set_role(self, number: int, role: str) -> None:
        self.promises.release_all()
        with self.bench.database.connection() as connection:
            connection.execute(
                "UPDATE account SET role = %s WHERE id = %s", (role, self.desks[number].caller.account)
            )

    def settle_down(self) -> None:
        """Everybody syncs without any fault until nobody has anything to say, then all is compared."""
        for _ in range(ROUNDS_AT_MOST):
            moved = [self.sync(number) for number in range(DESKS)]
            if not any(moved):
                break
        else:
            raise Violation("I12: there is no end to it")
        Ending(self).check()

    def close(self) -> None:
        self.bench.watched = None
        for desk in self.desks:
            desk.close()
            shutil.rmtree(desk.folder)

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
