"""Takes a batch apart and says of every edit what becomes of it; nothing is read or written here.

The records concerned have been read and locked before. A user action stands whole or not at all: the rows it
makes are kept aside until its last edit has been looked at.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from domain import merge
from domain.conflicts import WITH
from domain.merge import BIRTH, NOW, Entity, Outcome
from domain.protocol import Back, Drop, Move, Publish, Set, State, Status, Verdict
from domain.registry import by_number
from domain.scopes import AGENCY, PUBLISHED, home, kind_of, scope_key
from server.records import checking
from server.records.batches import ACTIONS, HIDE, Birth, Change, Declined, Judged, Ruling
from server.records.rows import Key, Row, encode, is_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from server.caller import Caller
    from server.records.batches import Action, Arrived, Edit
    from server.records.grants import Granted

_NOTHING: Final[bytes] = encode([])
_CONFLICTS: Final = uuid.UUID("6f1d2a2c-5b0e-5d0a-9c57-3f0a7b0c9e11")
"""The namespace of the ids of conflict records: an action that is sent twice has one conflict."""
_STANDS: Final = Outcome(Status.OK)
_JOINED: Final = "set"


def _refused(code: str) -> Outcome:
    return Outcome(Status.REFUSED, code=code)


class Judge:
    """The rulings on one batch of one caller; ``latest`` is the greatest clock the server takes."""

    def __init__(
        self, caller: Caller, granted: Iterable[Granted], rows: Collection[Row], *, latest: int
    ) -> None:
        self._caller = caller
        self._granted = {scope.key: scope for scope in granted}
        self._keys = {scope.number: scope.key for scope in self._granted.values()}
        self._writable = {scope.number for scope in self._granted.values() if scope.writes}
        self._latest = latest
        self._versions: dict[Key, int] = {}
        self._rows: dict[Key, Row] = {}
        self._traces: dict[tuple[int, Key], Row] = {}
        for row in rows:
            self._versions[row.key] = max(row.seq, self._versions.get(row.key, 0))
            if row.state in (State.LIVE, State.DEAD):
                if row.scope in self._keys or row.key not in self._rows:
                    self._rows[row.key] = row
            else:
                self._traces[row.scope, row.key] = row
        self._homes: dict[tuple[int, str], int] = {}
        self._judged = Judged()
        self._now = Judged()

    def batch(self, batch: Arrived) -> Judged:
        """Judge every action in its turn."""
        for index, action in enumerate(batch.groups):
            clock = min(max(action.clock, 0), self._latest)
            if self._take_births(action, clock):
                continue
            self._now = Judged()
            rulings = [self._rule(edit, clock) for edit in action.ops]
            status = max((ruling.outcome.status for ruling in rulings), default=Status.OK)
            if status <= Status.MERGED:
                self._stand(index, rulings)
            else:
                self._decline(batch.number, index, status, clock, rulings)
        return self._judged

    def _take_births(self, action: Action, clock: int) -> bool:
        """Take in an action of sound new records only, which most of a large batch are, with little ado."""
        made: dict[Key, Row] = {}
        for edit in action.ops:
            key = (edit.type, edit.pk)
            if type(edit) is not Birth or key in self._rows or key in made:
                return False
            born = self._born(edit, clock)
            if type(born) is not Row:
                return False
            made[key] = born
        self._rows.update(made)
        self._judged.made.update(made)
        self._judged.keys += made
        return True

    def _stand(self, index: int, rulings: list[Ruling]) -> None:
        """Take over what the action has made."""
        judged, now = self._judged, self._now
        self._rows.update(now.made)
        judged.made.update(now.made)
        judged.left.update(now.left)
        if now.moved:
            for row in now.made.values():
                judged.left.pop((row.scope, row.key), None)
        judged.changes += now.changes
        judged.shown.update(now.shown)
        judged.above |= {scope: max(v, judged.above.get(scope, 0)) for scope, v in now.above.items()}
        judged.moved |= now.moved
        judged.held.update(now.held)
        for place, ruling in enumerate(rulings):
            key = (ruling.edit.type, ruling.edit.pk)
            judged.keys.append(key if key in now.made or key in now.held else None)
            if ruling.outcome.status == Status.MERGED:
                lost = list(ruling.outcome.lost)
                judged.verdicts.append(Verdict(index, place, Status.MERGED, lost=lost))

    def _decline(self, number: int, index: int, status: Status, clock: int, rulings: list[Ruling]) -> None:
        """Forget what the action has made, and say of each edit why."""
        pk = b""
        if status == Status.CONFLICT:
            # A server taken back to a backup meets a number again, but no other action of this clock.
            pk = uuid.uuid5(_CONFLICTS, f"{self._caller.device} {number} {index} {clock}").bytes
            scope = next(ruling.scope for ruling in rulings if ruling.outcome.status == status)
            self._judged.declined.append(Declined(pk, scope, clock, rulings))
        self._judged.keys += [None] * len(rulings)
        for place, ruling in enumerate(rulings):
            own = ruling.outcome.status > Status.MERGED
            units = [clash.unit for clash in ruling.outcome.clashes]
            code = ruling.outcome.code if own else WITH
            self._judged.verdicts.append(Verdict(index, place, status, code, units, pk))

    # --- one edit ------------------------------------------------------------------------------------------

    def _rule(self, edit: Edit, clock: int) -> Ruling:
        key = (edit.type, edit.pk)
        row = self._now.made.get(key) or self._rows.get(key)
        if row is None:
            born = self._birth(edit, clock) if isinstance(edit, Birth) else self._absent(edit)
            return Ruling(edit, born)
        if row.scope not in self._keys:
            return Ruling(edit, _refused("moved"))
        if row.scope not in self._writable:
            return Ruling(edit, _refused("permission"))
        if isinstance(edit, Move):
            return Ruling(edit, self._move(edit, row, clock))
        if isinstance(edit, Publish):
            return Ruling(edit, self._publish(edit, row, clock))
        return self._merge(edit, row, clock)

    def _absent(self, edit: Edit) -> Outcome:
        """Say of a record that is nowhere in the caller's scopes whether it ever was."""
        key = (edit.type, edit.pk)
        left = any(self._traces.get((number, key)) for number in self._keys)
        return _refused("moved" if left else "no-record")

    def _birth(self, edit: Birth, clock: int) -> Outcome:
        born = self._born(edit, clock)
        if isinstance(born, str):
            return _refused(born)
        self._now.made[born.key] = born
        return _STANDS

    def _born(self, edit: Birth, clock: int) -> Row | str:
        """Return the row of a new record, or the code of why it cannot be."""
        scope = self._home(edit.type, edit.scope)
        if not scope:
            return "permission"
        if not is_key((edit.type, edit.pk)):
            return "invalid::id"
        body = bytes(edit.body)
        wrong = checking.birth(edit.type, body)
        if wrong:
            return wrong
        trace = self._traces.get((scope, (edit.type, edit.pk))) if self._traces else None
        if trace and trace.state == State.GONE:
            return "moved"
        return Row(scope, edit.type, edit.pk, body, clock, self._caller.device, stored=trace is not None)

    def _home(self, number: int, key: str) -> int:
        """Return the scope of a new record if the caller may write there, else 0."""
        found = self._homes.get((number, key))
        if found is None:
            known = by_number().get(number)
            kind = home(known.record_type.name) if known else AGENCY
            wanted = key or scope_key(
                kind, organisation=self._caller.organisation, account=self._caller.account
            )
            scope = self._granted.get(wanted)
            found = self._homes[number, key] = scope.number if scope and scope.writes else 0
        return found

    def _merge(self, edit: Birth | Set | Drop | Back, row: Row, clock: int) -> Ruling:
        wrong = self._malformed(edit)
        if wrong:
            return Ruling(edit, _refused(wrong), scope=row.scope)
        known, met, device = by_number().get(edit.type), row.entity(), self._caller.device
        outcome = merge.judge(
            known,
            met,
            edit.opened() if isinstance(edit, Birth) else edit,
            clock=clock,
            device=device,
            answers=self._caller.role == "authority",
        )
        made = outcome.entity
        broken = checking.merged(edit.type, met.body, made.body) if made else ""
        if broken:
            return Ruling(edit, _refused(broken), met, row.scope)
        if made:
            self._now.made[row.key] = row.become(made, clock=max(clock, row.clock), device=device)
            self._now.changes.append(_change(row.scope, edit, clock, met, made))
        elif isinstance(edit, Birth) and row.seq:
            self._now.held[row.key] = row.seq
        return Ruling(edit, outcome, met, row.scope)

    @staticmethod
    def _malformed(edit: Birth | Set | Drop | Back) -> str:
        if isinstance(edit, Birth):
            return checking.birth(edit.type, bytes(edit.body))
        if isinstance(edit, Set):
            edit.was = checking.sound(edit.type, edit.was)
            return checking.edit(edit.type, edit.units)
        return ""

    # --- leaving and showing -------------------------------------------------------------------------------

    def _move(self, edit: Move, row: Row, clock: int) -> Outcome:
        """Hand a record to another scope of the same organisation, under a version above all it ever had."""
        target = self._granted.get(edit.scope)
        if target is None or not target.writes or not self._is_own(row.scope, target.key):
            return _refused("permission")
        if target.number == row.scope:
            return _STANDS
        if row.state == State.DEAD:
            return _refused("gone")
        here = (target.number, row.key)
        left = self._now.left.pop(here, None) or self._judged.left.get(here)
        known = here in self._traces or (left is not None and left.stored)
        now, met = self._now, row.entity()
        # Left behind even by what was born in this batch: who knew it before a restore shall hear of it.
        now.left[row.scope, row.key] = Row(
            row.scope, row.type, row.pk, _NOTHING, clock, self._caller.device,
            state=State.GONE, facts={"to": target.key}, stored=row.stored,
        )  # fmt: skip
        entered = row.become(merge.moved(met), clock=row.clock, device=row.device)
        entered.scope, entered.stored = target.number, known
        now.made[row.key] = entered
        version = self._versions.get(row.key, 0)
        now.above[target.number] = max(version, now.above.get(target.number, 0))
        now.moved = True
        now.changes.append(Change(target.number, row.key, clock, ACTIONS[Move]))
        return _STANDS

    def _is_own(self, number: int, key: str) -> bool:
        """Tell whether two scopes are the caller's or his organisation's: records do not change owners."""
        owners = (self._caller.organisation, self._caller.account)
        return self._keys[number][2:] in owners and key[2:] in owners

    def _publish(self, edit: Publish, row: Row, clock: int) -> Outcome:
        known = by_number().get(edit.type)
        public = known is not None and known.record_type.name in PUBLISHED
        if not public or kind_of(self._keys[row.scope]) != AGENCY or row.state == State.DEAD:
            return _refused("not-public")
        self._now.shown[row.key] = edit.shown
        action = ACTIONS[Publish] if edit.shown else HIDE
        self._now.changes.append(Change(row.scope, row.key, clock, action))
        return _STANDS


def _change(scope: int, edit: Edit, clock: int, met: Entity, made: Entity) -> Change:
    """Return what the history keeps of an edit: the units that changed and their values on both sides."""
    known = by_number().get(edit.type)
    units = [unit for unit, mark in made.marks.items() if mark.version == NOW and unit != BIRTH]
    places = {place for unit in units if known and unit in known.units for place in known.units[unit].places}
    if isinstance(edit, Set):
        places |= {place for unit in units for place in edit.units.get(unit, ())}
    return Change(
        scope,
        (edit.type, edit.pk),
        clock,
        ACTIONS[type(edit)],
        units,
        {place: met.at(place) for place in sorted(places)},
        {place: made.at(place) for place in sorted(places)},
    )
