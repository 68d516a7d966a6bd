"""What the server said of a batch is carried out: edits that stood are done, others give way to its image.

The *image* of a unit is what the server holds. A unit falls back to the image when its edit did not stand,
unless a newer edit of it is still waiting; then that one learns what it now stands against. The verdicts
carry no rows: an answer that comes late or twice can do no harm. tests/sync keeps the model of these rules.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop.models import sync_state
from desktop.models.images import ALIVE, GONE, read_image
from desktop.models.journal import FELL_BACK, Journal, moment_text
from desktop.models.outgoing import refused
from desktop.models.outgoing.capture import TOLD, Action
from domain.protocol import (
    Back,
    Batch,
    BatchAnswer,
    Drop,
    New,
    Op,
    Set,
    Status,
    Verdict,
    decode_batch,
    unrolled,
)
from domain.registry import LIFE, by_number

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from domain.registry import WireType

DECLINED: Final = frozenset({Status.CONFLICT, Status.REFUSED})
_NEWER: Final = (
    "SELECT theirs FROM outbox AS n WHERE n.type = f.type AND n.pk = f.pk AND n.unit = f.unit"
    " UNION ALL SELECT theirs FROM flight_unit AS n"
    " WHERE n.type = f.type AND n.pk = f.pk AND n.unit = f.unit AND n.batch > f.batch"
)
_UNITS: Final = (
    "SELECT place, type, pk, unit, batch, action, clock, was, theirs, theirs_ver,"
    f" EXISTS ({_NEWER}) AS newer FROM flight_unit AS f WHERE batch = ?"
)
_MOVED: Final = (
    f"{_UNITS} AND (theirs IS NOT NULL OR EXISTS (SELECT 1 FROM ({_NEWER}) WHERE theirs IS NOT NULL))"
)


@dataclass(frozen=True, slots=True)
class Settled:
    """How many edits of a batch stood, were merged, met a conflict, were refused; the types to show anew."""

    ok: int = 0
    merged: int = 0
    conflicts: int = 0
    refused: int = 0
    touched: frozenset[str] = frozenset()


def settle(connection: Connection, answer: BatchAnswer) -> Settled:
    """Carry out the answer to a batch; an answer to no batch in flight is late and changes nothing."""
    row = connection.exec_driver_sql("SELECT body, ops FROM flight WHERE batch = ?", (answer.number,)).first()
    if row is None or answer.expected >= 0:
        return Settled()
    work = _Settling(connection, answer)
    verdicts = _verdicts(answer, row.body) if answer.verdicts else {}
    for place, first, count in _runs(answer):
        work.give_versions(place, first, count)
    work.follow_moves()
    touched = {work.settle_unit(unit, verdicts.get(unit.place)) for unit in work.units(judged=bool(verdicts))}
    for op, verdict in verdicts.values():
        work.list_declined(op, verdict)
    work.fall_back()
    work.jump()
    for key, (head, mark) in answer.heads.items():
        sync_state.hear(connection, key, head, mark)
    connection.exec_driver_sql("DELETE FROM flight_unit WHERE batch = ?", (answer.number,))
    connection.exec_driver_sql("DELETE FROM flight WHERE batch = ?", (answer.number,))
    touched |= {by_number()[op.type].record_type.name for op, _ in verdicts.values()}
    said = [verdict.status for _, verdict in verdicts.values()]
    merged, conflicts, declined = map(said.count, (Status.MERGED, Status.CONFLICT, Status.REFUSED))
    stood = int(row.ops) - merged - conflicts - declined
    return Settled(stood, merged, conflicts, declined, frozenset(touched))


def _verdicts(answer: BatchAnswer, body: bytes) -> dict[int, tuple[Op, Verdict]]:
    """Return the verdicts that are not simply OK, and their edits, by the edits' places in the batch."""
    batch: Batch = decode_batch(body)
    starts, start = [], 0
    for group in batch.groups:
        starts.append(start)
        start += len(group.ops)
    return {
        starts[verdict.group] + verdict.op: (batch.groups[verdict.group].ops[verdict.op], verdict)
        for verdict in answer.verdicts
        if verdict.status != Status.OK
    }


def _runs(answer: BatchAnswer) -> list[tuple[int, int, int]]:
    """Return the runs of versions that were written: first place, first version, how many."""
    found, place = [], 0
    for first, count in answer.versions:
        if first:
            found.append((place, first, count))
        place += count
    return found


class _Settling:
    """The settling of one batch."""

    def __init__(self, connection: Connection, answer: BatchAnswer) -> None:
        self.connection, self.answer, self.number = connection, answer, answer.number
        self.versions = unrolled(answer.versions) if answer.verdicts else None
        self.images: dict[tuple[int, bytes], list[tuple[int, str, int]]] = defaultdict(list)

    def give_versions(self, place: int, first: int, count: int) -> None:
        """Give the records born in a run of the batch their versions, and the scope they were born in."""
        span = (self.number, place, place + count - 1)
        for (number,) in self.connection.exec_driver_sql(
            "SELECT DISTINCT type FROM flight_unit WHERE batch = ? AND place BETWEEN ? AND ?"
            f" AND action = {Action.BORN:d}",
            span,
        ).all():
            name = by_number()[number].record_type.name
            self.connection.exec_driver_sql(
                f"UPDATE {name} SET row_ver = max(row_ver, ? + f.place),"
                " sync_scope = CASE sync_scope WHEN 0 THEN ? ELSE sync_scope END"
                " FROM flight_unit AS f WHERE f.batch = ? AND f.place BETWEEN ? AND ?"
                f" AND f.type = {number} AND f.action = {Action.BORN:d} AND f.pk = {name}.id",
                (first - place, sync_state.home_number(self.connection, name, taken=True), *span),
            )

    def follow_moves(self) -> None:
        """Put records where the batch of their birth has handed them: no page will say that they left."""
        moves = self.connection.exec_driver_sql(
            "SELECT m.type, m.pk, m.place, s.number FROM flight_unit AS m"
            " JOIN flight_unit AS b ON b.batch = m.batch AND b.type = m.type AND b.pk = m.pk"
            " JOIN sync_scope AS s ON s.key = m.was"
            f" WHERE m.batch = ? AND m.action = {Action.MOVE:d} AND b.action = {Action.BORN:d}",
            (self.number,),
        ).all()
        stood = unrolled(self.answer.versions) if moves else []
        for number, pk, place, scope in moves:
            if stood[place]:
                name = by_number()[number].record_type.name
                self.connection.exec_driver_sql(f"UPDATE {name} SET sync_scope = ? WHERE id = ?", (scope, pk))

    def units(self, *, judged: bool) -> list[Any]:
        """Return the units that need a look: with verdicts all, else those with a moved image."""
        return list(self.connection.exec_driver_sql(_UNITS if judged else _MOVED, (self.number,)).all())

    def settle_unit(self, unit: Any, said: tuple[Op, Verdict] | None) -> str:
        """Find out what one unit's image is now, and who has to know; return the type."""
        known = by_number()[unit.type]
        lost = said is not None and (said[1].status in DECLINED or unit.unit in said[1].lost)
        if unit.action == Action.BORN:
            if lost:
                self._unborn(unit)
        elif lost:
            image = (
                unit.theirs or unit.was
                if unit.action == Action.EDIT
                else unit.theirs or _BEFORE.get(unit.action)
            )
            self._hand_on(unit, "coalesce(theirs, ?)", image)
        elif self._seen(unit):
            self._hand_on(unit, "coalesce(theirs, ?)", unit.theirs)
        elif unit.newer:
            self._hand_on(unit, "?", None)
        return known.record_type.name

    def _seen(self, unit: Any) -> bool:
        """Tell whether a pull has brought the unit as it was after the edit, or later.

        The record's own version does not tell: it rises with every other unit.
        """
        if self.versions is None:
            self.versions = unrolled(self.answer.versions)
        version = self.versions[unit.place] if unit.place < len(self.versions) else 0
        return unit.theirs is not None and unit.theirs_ver >= version

    def _hand_on(self, unit: Any, theirs: str, image: str | None) -> None:
        """Let newer edits of the unit know its image; without any, the record falls back to it."""
        if not unit.newer:
            if image is not None:
                self.images[unit.type, unit.pk].append((unit.unit, image, unit.clock))
            return
        where = "type = ? AND pk = ? AND unit = ?"
        key = (unit.type, unit.pk, unit.unit)
        told = f"theirs_ver = CASE WHEN theirs IS NULL THEN ? ELSE theirs_ver END, theirs = {theirs}"
        values = (unit.theirs_ver if unit.theirs else 0, image, *key)
        self.connection.exec_driver_sql(f"UPDATE outbox SET {told} WHERE {where}", values)
        self.connection.exec_driver_sql(
            f"UPDATE flight_unit SET {told} WHERE {where} AND batch > ?", (*values, unit.batch)
        )

    def _unborn(self, unit: Any) -> None:
        """Leave a record here whose birth was declined; edited since, it is tried again whole."""
        record = (unit.type, unit.pk)
        clock = self.connection.exec_driver_sql(
            f"SELECT max(clock) FROM outbox WHERE type = ? AND pk = ? AND unit > {LIFE}", record
        ).scalar()
        self.connection.exec_driver_sql("DELETE FROM outbox WHERE type = ? AND pk = ?", record)
        name = by_number()[unit.type].record_type.name
        if clock is not None:
            self.connection.exec_driver_sql(
                "INSERT INTO outbox (type, pk, unit, action, base, clock)"
                f" SELECT ?, id, {LIFE}, {Action.BORN:d}, {TOLD}, ? FROM {name}"
                " WHERE id = ? AND deleted_at IS NULL",
                (unit.type, clock, unit.pk),
            )

    def list_declined(self, op: Op, verdict: Verdict) -> None:
        """Keep an edit that was not taken; the server's record of a conflict keeps all but new records."""
        if verdict.status not in DECLINED or self._local_only(op):
            return
        if verdict.status == Status.REFUSED or isinstance(op, New):
            at = moment_text(self._clock())
            conflict = verdict.conflict if verdict.status == Status.CONFLICT else b""
            refused.keep(self.connection, op, code=verdict.code, at=at, conflict=conflict)

    def _local_only(self, op: Op) -> bool:
        """Tell whether an edit is of a record whose birth was declined before: that one is listed whole."""
        if not isinstance(op, (Set, Drop, Back)):
            return False
        name = by_number()[op.type].record_type.name
        version = self.connection.exec_driver_sql(
            f"SELECT row_ver FROM {name} WHERE id = ?", (op.pk,)
        ).scalar()
        return version == 0

    def _clock(self) -> int:
        return int(self.connection.exec_driver_sql("SELECT clock FROM sync_now").scalar_one())

    def fall_back(self) -> None:
        """Write the images that now stand into the records, and into their histories."""
        journal = Journal(self.connection, FELL_BACK)
        for (number, pk), images in self.images.items():
            known = by_number()[number]
            name = known.record_type.name
            row = (
                self.connection.exec_driver_sql(f"SELECT * FROM {name} WHERE id = ?", (pk,))
                .mappings()
                .first()
            )
            if row is None or row["row_ver"] == 0:
                continue
            columns = _columns(known, images)
            names = ", ".join(f'"{column}" = ?' for column in columns)
            self.connection.exec_driver_sql(
                f"UPDATE {name} SET {names} WHERE id = ?", (*columns.values(), pk)
            )
            journal.note(known, dict(row), {**row, **columns}, device=0, clock=self._clock())
        journal.finish()

    def jump(self) -> None:
        """Go on after the batch in the scopes in which nobody else wrote: the feed does not repeat it."""
        for key, before in self.answer.before.items():
            scope = sync_state.scope(self.connection, key)
            if scope is None or not scope.cursor == scope.staged == before:
                continue
            if before and not scope.loaded:
                continue  # it does not hold all that is below
            after = self.answer.after[key]
            for place, first, count in _runs(self.answer):
                self._raise(scope.number, (place, first, count))
            self.connection.exec_driver_sql(
                "UPDATE sync_scope SET cursor = ?, staged = ?, head = max(head, ?), loaded = 1"
                " WHERE number = ?",
                (after, after, after, scope.number),
            )

    def _raise(self, scope: int, run: tuple[int, int, int]) -> None:
        """Give a scope's records edited in a run of the batch their versions; born ones have them."""
        place, first, count = run
        span = (self.number, place, place + count - 1)
        where = f"batch = ? AND place BETWEEN ? AND ? AND action <> {Action.BORN:d}"
        types = self.connection.exec_driver_sql(f"SELECT DISTINCT type FROM flight_unit WHERE {where}", span)
        for (number,) in types.all():
            name = by_number()[number].record_type.name
            self.connection.exec_driver_sql(
                f"UPDATE {name} SET row_ver = max(row_ver, ? + f.last) FROM"
                f" (SELECT pk, max(place) AS last FROM flight_unit WHERE {where} AND type = {number}"
                f" GROUP BY pk) AS f WHERE f.pk = {name}.id AND {name}.sync_scope = ?",
                (first - place, *span, scope),
            )


_BEFORE: Final[dict[int, str]] = {Action.DROP: ALIVE, Action.BACK: GONE}


def _columns(known: WireType, images: list[tuple[int, str, int]]) -> dict[str, Any]:
    """Return the columns that images stand for."""
    columns: dict[str, Any] = {}
    for unit, image, clock in images:
        if unit == LIFE:
            columns["deleted_at"] = moment_text(clock) if json.loads(image)[0] else None
        else:
            columns.update(read_image(known.units[unit], image))
    return columns
