"""The model's client: on top of writing, what it makes of answers and of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from domain import protocol
from domain.pages import Full, Gone, Own, Page, Part, Row
from domain.protocol import New, Set, Status, Verdict
from domain.registry import LIFE
from domain.wire import trimmed
from tests.sync.model_desk import Desk
from tests.sync.model_store import TRAVELLING, Action, Line, Pending, Progress, Refused, shown
from tests.sync.model_types import RECORD, TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.protocol import BatchAnswer, Op, ScopeGrant
    from tests.sync.model_store import Flight, Key, Values

decode_page = msgspec.msgpack.Decoder(Page).decode


class Client(Desk):
    """One device."""

    # ── answers ─────────────────────────────────────────────────────────────────────────────────

    def settle(self, answer: BatchAnswer) -> None:
        """Take what became of a batch; an answer nobody waits for is ignored."""
        flight = next((flight for flight in self.d.flights if flight.number == answer.number), None)
        if flight is None or answer.expected >= 0:
            return
        self.d.flights.remove(flight)
        ops = [
            (number, place, op)
            for number, group in enumerate(protocol.decode_batch(flight.body).groups)
            for place, op in enumerate(group.ops)
        ]
        verdicts = {(verdict.group, verdict.op): verdict for verdict in answer.verdicts}
        versions = protocol.unrolled(answer.versions)
        for index, (number, place, op) in enumerate(ops):
            verdict = verdicts.get((number, place), Verdict(number, place, Status.OK))
            mine = {key: edit for key, edit in flight.units.items() if edit.place == index}
            if verdict.status in (Status.CONFLICT, Status.REFUSED):
                self.declined(flight, op, mine, verdict)
            else:
                self.stood(flight, op, mine, verdict, versions[index])
        self.jump(answer, [op for *_, op in ops], versions)

    def stood(self, flight: Flight, op: Op, mine: dict[Key, Pending], verdict: Verdict, version: int) -> None:
        line = self.d.lines.get(op.pk)
        if isinstance(op, New) and line is not None and verdict.status == Status.OK:
            line.version = max(line.version, version)
        for key, edit in mine.items():
            if key[1] in verdict.lost:
                self._fall_back(flight, key, edit)
                continue
            newer = self.newer(flight, key)
            for later in newer:
                self._forget_older_image(later, version)
            if not newer and edit.theirs is not None and self._is_later(edit, version):
                self.show(key, edit.theirs)

    def _forget_older_image(self, later: Pending, version: int) -> None:
        """Once an edit stood, what the server had before it is no longer what the server has."""
        if later.theirs is not None and later.theirs_version < version:
            later.theirs = None

    def _is_later(self, edit: Pending, version: int) -> bool:
        """Tell whether a page told of a unit as the edit with ``version`` had made it, or later."""
        return edit.theirs_version >= version

    def declined(self, flight: Flight, op: Op, mine: dict[Key, Pending], verdict: Verdict) -> None:
        self.keep(op, verdict)
        line = self.d.lines.get(op.pk)
        if line is None:
            return
        if line.version == 0:  # the server has no image of it: what people typed stays
            self._rebirth(op.pk)
            return
        for key, edit in mine.items():
            if edit.action != Action.BORN or edit.theirs is not None:
                self._fall_back(flight, key, edit)

    def keep(self, op: Op, verdict: Verdict) -> None:
        """List what was not taken; the server's record of a conflict keeps all but new records."""
        if verdict.status == Status.CONFLICT and not isinstance(op, New):
            return
        self.d.refused.append(Refused(op.pk, op, verdict.code))

    def _rebirth(self, pk: bytes) -> None:
        """Edits that wait on a birth that was declined are the birth now; a dropped record is not born."""
        waiting = [key for key in self.d.outbox if key[0] == pk]
        if not self.unborn(pk):
            return
        self.clear(waiting)
        if self.d.lines[pk].dead:
            del self.d.lines[pk]
        elif waiting:
            self.d.outbox[pk, LIFE] = Pending(Action.BORN, 0, self.d.clock)

    def newer(self, flight: Flight, key: Key) -> list[Pending]:
        """Return the later edits of the same unit, in later batches and in the outbox."""
        flying = [f.units[key] for f in self.d.flights if f.number > flight.number and key in f.units]
        return [*flying, *([self.d.outbox[key]] if key in self.d.outbox else [])]

    def _fall_back(self, flight: Flight, key: Key, edit: Pending) -> None:
        """Show the server's value again, unless people have typed on: then that must fall back to it."""
        image = self._before(edit) if edit.theirs is None else edit.theirs
        newer = self.newer(flight, key)
        for later in newer:
            if later.theirs is None:
                later.theirs, later.theirs_version = image, edit.theirs_version
        if not newer:
            self.show(key, image)

    def _before(self, edit: Pending) -> Values:
        """Return what the server had of a unit when it was edited."""
        if edit.action in (Action.DROP, Action.BACK):
            return {LIFE: edit.action == Action.BACK}
        return edit.was

    def show(self, key: Key, values: Values) -> None:
        pk, unit = key
        line = self.d.lines.get(pk)
        if line is None:
            return
        if unit == LIFE:
            line.dead = bool(values[LIFE])
        else:
            line.put(values)

    def jump(self, answer: BatchAnswer, ops: list[Op], versions: list[int]) -> None:
        """Need not be sent what was the device's own when nothing else has happened meanwhile."""
        if not self.may_jump(answer):
            return
        for scope, before in answer.before.items():
            progress = self.d.scopes.get(scope)
            if progress is None or progress.cursor != before:
                continue
            for op, version in zip(ops, versions, strict=True):
                line = self.d.lines.get(op.pk)
                if line is not None and line.scope == scope and version:
                    line.version = max(line.version, version)
                    progress.cursor = max(progress.cursor, version)

    def may_jump(self, answer: BatchAnswer) -> bool:
        return not answer.verdicts

    def renew(self) -> None:
        """Begin another life after the server has recognised a copy: what was in flight waits again."""
        self.d.incarnation = self.fresh_incarnation()
        self.d.sent = 0
        for flight in reversed(self.d.flights):
            for key, edit in flight.units.items():
                self._take_back(key, edit)
        self.d.flights = []
        for pk, unit in [key for key, edit in self.d.outbox.items() if edit.action == Action.BORN]:
            if unit == LIFE:
                for other in [k for k in self.d.outbox if k[0] == pk and k[1] != LIFE]:
                    del self.d.outbox[other]

    def _take_back(self, key: Key, edit: Pending) -> None:
        """Put an edit back into the outbox, under a newer one of the same unit if there is one."""
        later = self.d.outbox.get(key)
        if later is None:
            self.d.outbox[key] = edit
            return
        later.base = edit.base
        if key[1] == TAGS:
            later.was = edit.was  # the elements the earlier edit added are still to be added
        if later.theirs is None and edit.action != Action.BORN:
            later.theirs = self._before(edit) if edit.theirs is None else edit.theirs
            later.theirs_version = edit.theirs_version
        if edit.action == Action.BORN and later.action != Action.DROP:
            later.action = Action.BORN

    # ── receiving ───────────────────────────────────────────────────────────────────────────────

    def grant(self, version: int, scopes: list[ScopeGrant]) -> None:
        """Take which scopes the device may see; what it may not see any more is removed."""
        self.d.granted = version
        allowed = {one.scope for one in scopes}
        for scope in [scope for scope in self.d.scopes if scope not in allowed]:
            self.forget_scope(scope)
        for scope in sorted(allowed):
            self.d.scopes.setdefault(scope, Progress())

    def forget_scope(self, scope: str) -> None:
        del self.d.scopes[scope]
        for pk in [pk for pk, line in self.d.lines.items() if line.scope == scope and line.version]:
            self.evict(pk)

    def evict(self, pk: bytes) -> None:
        """Remove a record; what people typed into it and nobody has taken is kept for them."""
        waiting = [(key, edit) for key, edit in self.d.outbox.items() if key[0] == pk]
        if waiting:
            self._keep_unsent(pk, waiting)
        self.clear([key for key, _ in waiting])
        del self.d.lines[pk]

    def _keep_unsent(self, pk: bytes, waiting: list[tuple[Key, Pending]]) -> None:
        self.d.refused += [Refused(pk, op, "gone") for op in self._ops(waiting, 0)]

    def stage(self, page: Page) -> None:
        """Put a page by; one that does not follow what is there is ignored."""
        progress = self.d.scopes.get(page.scope)
        if progress is None or page.since != max(progress.cursor, progress.staged):
            return
        progress.pages.append(protocol.encode(page))
        progress.staged = page.until
        progress.whole = self.is_whole(progress, page)

    def is_whole(self, _progress: Progress, page: Page) -> bool:
        return page.until == page.head

    def apply(self, *, backwards: bool = False) -> list[str]:
        """Show the scopes that are whole, each as it was at one moment; return their names."""
        done = sorted((scope for scope, p in self.d.scopes.items() if p.pages and p.whole), reverse=backwards)
        for scope in done:
            progress = self.d.scopes[scope]
            for body in progress.pages:
                page = decode_page(body)
                for row in page.rows:
                    self.take(scope, row)
            progress.cursor = max(progress.cursor, progress.staged)
            progress.staged, progress.pages = 0, []
        return done

    def take(self, scope: str, row: Row) -> None:
        line = self.d.lines.get(row.pk)
        if isinstance(row, Gone):
            self.leave(scope, row, line)
        elif isinstance(row, Own):
            if line is not None:
                line.version = max(line.version, row.version)
        elif isinstance(row, Full):
            self.take_full(scope, row, line)
        elif isinstance(row, Part) and line is not None and row.version > line.version:
            self.take_values(row.pk, line, row.values, row.version, dead=row.dead)

    def leave(self, scope: str, row: Gone, line: Line | None) -> None:
        if line is None or line.scope != scope:
            return
        if row.to in self.d.scopes:
            line.scope, line.version = row.to, TRAVELLING
        else:
            self.evict(row.pk)

    def take_full(self, scope: str, row: Full, line: Line | None) -> None:
        body = msgspec.msgpack.decode(row.body)
        if line is None:
            self.d.lines[row.pk] = line = Line(row.type, trimmed(body), row.version, scope, row.dead)
            self._overlay(row.pk, line)
            return
        if row.version <= line.version:
            return
        line.scope = scope
        width = max(len(body), len(line.body))
        values = {place: body[place] if place < len(body) else None for place in range(width)}
        self.take_values(row.pk, line, values, row.version, dead=row.dead)

    def _overlay(self, pk: bytes, line: Line) -> None:
        """Lay what is still in flight over a record that was gone and has come back."""
        for flight in self.d.flights:
            sent = {
                unit: values
                for group in protocol.decode_batch(flight.body).groups
                for op in group.ops
                if op.pk == pk and isinstance(op, Set)
                for unit, values in op.units.items()
            }
            for (key, unit), edit in flight.units.items():
                if key != pk:
                    continue
                life = {LIFE: line.dead}
                edit.theirs = life if unit == LIFE else {place: line.at(place) for place in self.places(unit)}
                edit.theirs_version = line.version
                if edit.action in (Action.DROP, Action.BACK):
                    line.dead = edit.action == Action.DROP
                else:
                    line.put(sent.get(unit, {}))

    def take_values(self, pk: bytes, line: Line, values: Values, version: int, *, dead: bool) -> None:
        self._split_birth(pk, line, values, version)
        line.version = version
        self._take_unit((pk, LIFE), {LIFE: dead}, version)
        units: dict[int, Values] = {}
        for place, value in values.items():
            unit = self.known.unit_of_place.get(place) if line.type == RECORD else None
            units.setdefault(unit.number if unit else -1 - place, {})[place] = value
        for number, told in units.items():
            self._take_unit((pk, number), told, version)

    def _take_unit(self, key: Key, values: Values, version: int) -> None:
        """Show a unit as the server has it, unless people have typed into it: then only remember it."""
        pending = self.pending(key)
        for edit in pending:
            edit.theirs, edit.theirs_version = values, version
        if not pending:
            self.show(key, values)

    def pending(self, key: Key) -> list[Pending]:
        rows = [*(f.units for f in self.d.flights), self.d.outbox]
        return [units[key] for units in rows if key in units]

    def _split_birth(self, pk: bytes, line: Line, values: Values, version: int) -> None:
        """Turn the birth of a record that the server knows into edits of what differs, on nothing seen."""
        for units in (*(f.units for f in self.d.flights), self.d.outbox):
            birth = units.get((pk, LIFE))
            if birth is None or birth.action != Action.BORN:
                continue
            for unit in self.known.units.values():
                told = {place: values[place] for place in unit.places if place in values}
                if told and told != {place: line.at(place) for place in told}:
                    units.setdefault(
                        (pk, unit.number),
                        Pending(Action.EDIT, 0, birth.clock, {}, told, version, birth.place),
                    )
            if units is self.d.outbox:
                del units[pk, LIFE]

    # ── what the checks look at ─────────────────────────────────────────────────────────────────

    def look(self) -> None:
        """Note what the screen shows now."""
        for pk, line in self.d.lines.items():
            for unit in self.known.units.values():
                self.d.seen.setdefault((pk, unit.number), set()).add(shown(line, unit.places))

    def unsent(self) -> Iterator[Key]:
        """Yield the units into which people have typed and which wait in the outbox."""
        for (pk, unit), edit in self.d.outbox.items():
            if edit.action == Action.EDIT and pk in self.d.lines:
                yield pk, unit
