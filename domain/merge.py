"""What becomes of one edit that arrives at the server: it stands, it is merged, or it is surfaced.

Pure and the same everywhere: the server judges with it what comes by network or by USB, and the tests judge
the server. A *hit* is a change of the same unit by another device that the author of the edit had not seen:
its version is above the author's base. What a hit means is the unit's policy:

free       the later edit wins, by the authors' corrected clocks
derived    likewise; the figure is counted again from its records after the merge
set        elements added and taken away by both sides, against what the author saw; what only the server has
           put together is marked as nobody's, for its author has not seen it either
protected  nobody's value is replaced unseen: the whole user action becomes a conflict for people to decide,
           unless what stands there is the very value that the author saw
authority  only the authority writes it; otherwise as protected
sealed     written once, with the record

Source: the rules were found with a model checker; tests/sync/ keeps the model.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from domain.protocol import Back, Drop, New, Op, Set, Status
from domain.registry import LIFE
from domain.wire import trimmed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.fields import Policy
    from domain.registry import WireType

BIRTH: Final = -1
"""The mark of the record's birth; LIFE is marked when it is put in the recycle bin or taken out."""
NOW: Final = 0
"""The version of a mark that is being made: the version the record gets when it is written."""
FOREIGN: Final = 1_000
"""Units from it on stand for single places whose unit this program does not know."""
NOBODY: Final = 0
"""The device of a mark that every device must be told of: a joined set, a record that changed its scope."""
SURFACED: Final[frozenset[Policy]] = frozenset({"protected", "authority"})


@dataclass(frozen=True, slots=True)
class Mark:
    """Who changed a unit last: the record's version then, the author's clock, the author's device."""

    version: int
    clock: int
    device: int


@dataclass(frozen=True, slots=True)
class Entity:
    """One record as the server holds it; ``marks[BIRTH]`` stands for every unit not changed since."""

    dead: bool
    version: int
    body: Sequence[Any]
    marks: Mapping[int, Mark]

    def mark(self, unit: int) -> Mark:
        """Return who changed a unit last; a version NOW of an earlier writing is the record's own."""
        held = self.marks.get(unit) or self.marks[BIRTH]
        return replace(held, version=self.version) if held.version == NOW else held

    def at(self, place: int) -> Any:
        """Return the packed value at a place."""
        return self.body[place] if place < len(self.body) else None


@dataclass(frozen=True, slots=True)
class Clash:
    """One unit that another device changed unseen: the mark that was met, both sides' values by place."""

    unit: int
    met: Mark
    mine: Mapping[int, Any]
    theirs: Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an edit makes of a record: ``entity`` is its new state, None when nothing changes.

    ``lost`` names the units in which a later edit of somebody else stands. A merged edit that lost nothing
    was joined with what its author had not seen.
    """

    status: Status
    entity: Entity | None = None
    code: str = ""
    lost: tuple[int, ...] = ()
    clashes: tuple[Clash, ...] = ()


@dataclass(slots=True)
class _Merging:
    """The state of one Set while its units are looked at one by one."""

    body: list[Any]
    marks: dict[int, Mark]
    lost: list[int] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    changed: bool = False
    joined: bool = False


def judge(
    known: WireType | None,
    entity: Entity | None,
    op: Op,
    *,
    clock: int,
    device: int,
    answers: bool = False,
) -> Outcome:
    """Say what becomes of one edit on the record it is about, as the record is at that moment.

    ``known`` is None for a type of a newer program: its units are free. ``answers`` says that the author
    may write what only the authority writes.
    """
    stamp = Mark(NOW, clock, device)
    if isinstance(op, New):
        return _judge_new(known, entity, op, stamp, answers=answers)
    if entity is None:
        gone = isinstance(op, Drop)  # what was never here need not be put away
        return Outcome(Status.OK) if gone else Outcome(Status.REFUSED, code="no-record")
    if isinstance(op, Drop):
        return _judge_drop(entity, op, stamp)
    if isinstance(op, Back):
        return _judge_back(entity, stamp)
    if isinstance(op, Set):
        return _judge_set(known, entity, op, stamp, answers=answers)
    return Outcome(Status.REFUSED, code="not-here")


def _judge_new(
    known: WireType | None, entity: Entity | None, op: New, stamp: Mark, *, answers: bool
) -> Outcome:
    if entity is None:
        return Outcome(Status.OK, Entity(dead=False, version=NOW, body=op.body, marks={BIRTH: stamp}))
    if entity.dead:
        return Outcome(Status.CONFLICT, code="gone")
    # A restored or copied store sends a record again: what differs is an edit by one who saw nothing since.
    width = max(len(op.body), len(entity.body))
    differing = {place for place in range(width) if _at(op.body, place) != entity.at(place)}
    edits: dict[int, dict[int, Any]] = {}
    silent = False
    for place in differing:
        number, places = _unit_at(known, place)
        if number >= FOREIGN and _at(op.body, place) is None:
            silent = True  # an older program says nothing about what it does not know
        else:
            edits[number] = {member: _at(op.body, member) for member in places}
    again = Set(type=op.type, pk=op.pk, base=0, units=edits)
    outcome = _judge_set(known, entity, again, stamp, answers=answers)
    return replace(outcome, status=Status.MERGED) if silent and outcome.status == Status.OK else outcome


def _judge_drop(entity: Entity, op: Drop, stamp: Mark) -> Outcome:
    if entity.dead:
        return Outcome(Status.OK)
    unseen = [unit for unit in entity.marks if _unseen(entity.mark(unit), op.base_of(unit), stamp)]
    if unseen:
        clashes = tuple(Clash(max(unit, LIFE), entity.mark(unit), {}, {}) for unit in unseen)
        return Outcome(Status.CONFLICT, code="changed", clashes=clashes)
    return Outcome(Status.OK, replace(entity, dead=True, version=NOW, marks=_marked(entity, LIFE, stamp)))


def _judge_back(entity: Entity, stamp: Mark) -> Outcome:
    if not entity.dead:
        return Outcome(Status.OK)
    return Outcome(Status.OK, replace(entity, dead=False, version=NOW, marks=_marked(entity, LIFE, stamp)))


def _judge_set(known: WireType | None, entity: Entity, op: Set, stamp: Mark, *, answers: bool) -> Outcome:
    if entity.dead:
        return Outcome(Status.CONFLICT, code="gone")
    merging = _Merging(list(entity.body), _settled(entity))
    for number, values in op.units.items():
        theirs = {place: entity.at(place) for place in values}
        if theirs == values:
            continue  # both wrote the same: nobody has anything to decide
        policy = _policy(known, number)
        if policy == "sealed" or (policy == "authority" and not answers):
            return Outcome(Status.REFUSED, code=policy)
        met = entity.mark(number)
        unseen = _unseen(met, op.base_of(number), stamp)
        if policy == "set":
            _join(merging, number, _joined(op.was, values, theirs), values, stamp)
        elif not unseen or (policy in SURFACED and _shown(op.was, theirs)):
            _write(merging, number, values, stamp)
        elif policy in SURFACED:
            merging.clashes.append(Clash(number, met, values, theirs))
        elif (stamp.clock, stamp.device) > (met.clock, met.device):
            _write(merging, number, values, stamp)
        else:
            merging.lost.append(number)
    if merging.clashes:
        return Outcome(Status.CONFLICT, code="changed", clashes=tuple(merging.clashes))
    made = replace(entity, version=NOW, body=trimmed(merging.body), marks=merging.marks)
    return Outcome(
        Status.MERGED if merging.lost or merging.joined else Status.OK,
        made if merging.changed else None,
        lost=tuple(merging.lost),
    )


def moved(entity: Entity) -> Entity:
    """Return a record as it enters another scope, whose versions are of another series.

    Every mark gets the version it enters with and is nobody's, so that each device is sent all of it; the
    clocks stay. The new scope's version must be above the record's old one (docs/protocol.md).
    """
    marks = {unit: replace(mark, version=NOW, device=NOBODY) for unit, mark in entity.marks.items()}
    return replace(entity, version=NOW, marks=marks)


def _unseen(met: Mark, base: int, stamp: Mark) -> bool:
    """Tell whether a change is somebody else's and above the version the author had seen.

    A change without a version yet is of the same batch: a joined set, or a record that was handed on.
    """
    return met.device != stamp.device and (met.version > base or met.version == NOW)


def _shown(was: Mapping[int, Any], theirs: Mapping[int, Any]) -> bool:
    """Tell whether what stands there is what the author saw, whoever wrote it."""
    return all(place in was and was[place] == value for place, value in theirs.items())


def _policy(known: WireType | None, number: int) -> Policy:
    unit = known.units.get(number) if known else None
    return unit.policy if unit else "free"


def _unit_at(known: WireType | None, place: int) -> tuple[int, tuple[int, ...]]:
    """Return the unit of a place and its places; a place of a newer program is a unit of its own."""
    unit = known.unit_of_place.get(place) if known else None
    return (unit.number, unit.places) if unit else (FOREIGN + place, (place,))


def _at(body: Sequence[Any], place: int) -> Any:
    return body[place] if place < len(body) else None


def _settled(entity: Entity) -> dict[int, Mark]:
    """Return the marks with their own versions, before the record gets its next one."""
    return {unit: entity.mark(unit) for unit in entity.marks}


def _marked(entity: Entity, unit: int, stamp: Mark) -> dict[int, Mark]:
    return {**_settled(entity), unit: stamp}


def _write(merging: _Merging, number: int, values: Mapping[int, Any], stamp: Mark) -> None:
    for place, value in values.items():
        merging.body.extend([None] * (place + 1 - len(merging.body)))
        merging.body[place] = value
    merging.marks[number] = stamp
    merging.changed = True


def _join(
    merging: _Merging, number: int, joined: Mapping[int, Any], mine: Mapping[int, Any], stamp: Mark
) -> None:
    if all(set(joined[place] or ()) == set(value or ()) for place, value in mine.items()):
        _write(merging, number, mine, stamp)
    else:
        _write(merging, number, joined, replace(stamp, device=NOBODY))
        merging.joined = True


def _joined(was: Mapping[int, Any], mine: Mapping[int, Any], theirs: Mapping[int, Any]) -> dict[int, Any]:
    """Return sets with what both sides added and without what either took away."""
    joined: dict[int, Any] = {}
    for place, wanted in mine.items():
        before, ours, others = (set(values or ()) for values in (was.get(place), wanted, theirs.get(place)))
        keep = (others | (ours - before)) - (before - ours)
        order = [*(theirs.get(place) or ()), *(wanted or ())]
        joined[place] = [element for element in dict.fromkeys(order) if element in keep] or None
    return joined
