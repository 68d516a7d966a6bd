"""The register of conflicts and what each of them asks, so that people decide with every version before them.

The server writes the record (``domain/records/conflict.py``); this module reads it for screens. Deciding is
in ``conflict_decisions``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from desktop.models import queries
from desktop.models.queries import Query
from domain import values
from domain.conflicts import WITH, read_items
from domain.fields import RECORD_TYPES
from domain.merge import SURFACED
from domain.problems import refuse
from domain.registry import wire_types
from domain.wire import FROM_WIRE, TO_WIRE, empty

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from desktop.services.desk import Desk
    from domain.conflicts import Action, Item, Version
    from domain.fields import Field, Policy

CONFLICT: Final = "conflict"
OPEN: Final = "open"
DECIDED: Final = "decided"
UNDO_DAYS: Final = 30
"""How long a decision can be taken back from the register."""
DELETION: Final = "一方删除，另一方修改"
NOTHING: Final = "（空）"
REMARK: Final = "remark"
"""The field that takes the version not chosen, where a record type has it."""

Pick = Literal["mine", "theirs", "typed"]
Key = tuple[str, "uuid.UUID", str]
"""Record type, record and field; the empty field asks about the record as a whole."""


@dataclass(frozen=True, slots=True)
class Side:
    """Whose version it is: the person, the device, and the moment as the store writes it."""

    who: str
    device: str
    at: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register."""

    conflict_id: uuid.UUID
    title: str
    record_type: str
    record_id: str
    fields: str
    mine: Side
    theirs: Side
    state: str
    decided_by: str
    decided_at: str

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to decide."""
        return self.state == OPEN


@dataclass(frozen=True, slots=True)
class Line:
    """The versions of one field in words. ``now`` is what the record holds when that is neither of them.

    ``contested`` lines were written by both sides; the others only by the declined side.
    """

    key: Key
    label: str
    field: Field | None
    was: str
    mine: str
    theirs: str
    now: str
    contested: bool
    version: Version


@dataclass(frozen=True, slots=True)
class Part:
    """One record of the declined action: a question about the record as a whole, or lines, or both.

    ``mine`` and ``theirs`` are the two answers to the question in words; empty when there is none.
    """

    record_type: str
    record_id: uuid.UUID
    title: str
    action: Action
    asks: bool
    mine: str
    theirs: str
    lines: tuple[Line, ...]

    @property
    def key(self) -> Key:
        """The key of the question about the record as a whole."""
        return self.record_type, self.record_id, ""

    @property
    def contested(self) -> bool:
        """Tell whether something of it must be chosen by a person."""
        return self.asks or any(line.contested for line in self.lines)

    def keys(self) -> list[Key]:
        """Return what must be chosen."""
        return [self.key] * self.asks + [line.key for line in self.lines if line.contested]


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything the dialog shows."""

    entry: Entry
    parts: tuple[Part, ...]
    notes: bool
    """Whether a record concerned has a remark that can keep the versions not chosen."""

    def contested(self) -> list[Part]:
        """Return the records in which there is something to choose."""
        return [part for part in self.parts if part.contested]

    def accompanying(self) -> list[tuple[Part, Line | None]]:
        """Return what was declined only because it belonged to the same user action."""
        found: list[tuple[Part, Line | None]] = []
        for part in self.parts:
            if part.action != "set" and not part.asks:
                found.append((part, None))
            elif not part.asks:
                found += [(part, line) for line in part.lines if not line.contested]
        return found


def people(desk: Desk, entry: Entry) -> tuple[str, str]:
    """Return how the user of this desk calls the two who disagree: 我 and 对方, by name, or by device."""
    mine, theirs = entry.mine, entry.theirs
    if mine.who == theirs.who and mine.device != theirs.device:
        return f"“{mine.device}”上", f"“{theirs.device}”上"
    if mine.who == desk.user:
        return "我", "对方"
    if theirs.who == desk.user:
        return "对方", "我"
    return mine.who or "一方", theirs.who or "另一方"


def order(desk: Desk, entry: Entry) -> tuple[Pick, Pick]:
    """Return the two versions in the order of their columns: on every desk one's own comes first."""
    first_is_mine = entry.mine.who == desk.user or entry.theirs.who != desk.user
    return ("mine", "theirs") if first_is_mine else ("theirs", "mine")


# ── the register ────────────────────────────────────────────────────────────────────────────────────


def open_conflicts(desk: Desk) -> list[Entry]:
    """Return what waits for a decision, the newest first."""
    with desk.store.read() as connection:
        return entries(connection)


def register(desk: Desk) -> list[Entry]:
    """Return the open conflicts, then those decided so lately that the decision can be taken back."""
    since = (desk.clock() - dt.timedelta(days=UNDO_DAYS)).astimezone(dt.UTC).isoformat()
    with desk.store.read() as connection:
        decided = entries(connection, state=DECIDED, order="decided_at")
        return [*entries(connection), *(entry for entry in decided if entry.decided_at >= since)]


def entries(connection: Connection, *, state: str = OPEN, order: str = "updated_at") -> list[Entry]:
    """Return the conflicts of a state."""
    query = Query(CONFLICT, where=(("state", state),), order=order)
    return [_entry(row) for row in queries.rows(connection, query)]


def of_record(desk: Desk, record_type: str, record_id: uuid.UUID) -> list[Entry]:
    """Return the open conflicts that concern a record, be it by name or as part of the same user action."""
    with desk.store.read() as connection:
        rows = queries.rows(connection, Query(CONFLICT, where=(("state", OPEN),)))
    wanted = str(record_id)
    return [
        _entry(row)
        for row in rows
        if (row["record_type"], row["record_id"]) == (record_type, wanted)
        or (wanted in (row["items"] or "") and wanted in _ids(row))
    ]


def _ids(row: Mapping[str, Any]) -> set[str]:
    return {str(item.record_id) for item in items_of(row)}


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        conflict_id=row["id"],
        title=row["title"],
        record_type=row["record_type"] or "",
        record_id=row["record_id"] or "",
        fields=_what(items_of(row)),
        mine=Side(row["mine_by"] or "", row["mine_device"] or "", row["mine_at"] or ""),
        theirs=Side(row["theirs_by"] or "", row["theirs_device"] or "", row["theirs_at"] or ""),
        state=row["state"],
        decided_by=row["decided_by"] or "",
        decided_at=row["decided_at"] or "",
    )


def _what(items: Iterable[Item]) -> str:
    """Return in a few words what the conflict is about: the fields both wrote, or a deletion."""
    words: list[str] = []
    for item in items:
        if _asks(item):
            words.append(DELETION)
        else:
            known = RECORD_TYPES[item.record_type]
            words += [
                known[v.field].label if v.field in known else "新版本栏目"
                for v in item.versions
                if _is_contested(item, v)
            ]
    return "、".join(dict.fromkeys(words))


def items_of(row: Mapping[str, Any]) -> list[Item]:
    """Return the records of a conflict that this program knows; a decision that was declined is no record.

    Figures that are counted from other records are left out: they follow from what is chosen.
    A conflict whose content cannot be read has no records: it can still be put aside.
    """
    try:
        found = read_items(row["items"] or "[]")
    except (ValueError, KeyError, TypeError):
        return []
    return [
        replace(item, versions=tuple(v for v in item.versions if _policy(item, v) != "derived"))
        for item in found
        if item.record_type in RECORD_TYPES and item.record_type != CONFLICT
    ]


def _policy(item: Item, version: Version) -> Policy:
    units = wire_types()[item.record_type].units.values()
    return next((unit.policy for unit in units if unit.name == version.unit), "free")


# ── one conflict ────────────────────────────────────────────────────────────────────────────────────


def detail(desk: Desk, conflict_id: uuid.UUID) -> Detail:
    """Return everything the dialog shows of a conflict.

    Raises:
        Refusal: there is no such conflict.
    """
    with desk.store.read() as connection:
        row = queries.get(connection, CONFLICT, conflict_id)
        if row is None:
            raise refuse(CONFLICT, "not-found", value=str(conflict_id))
        entry = _entry(row)
        names = people(desk, entry)
        parts = tuple(_part(desk, connection, item, names) for item in items_of(row))
    return Detail(entry, parts, any(map(_keeps_both, parts)))


def _keeps_both(part: Part) -> bool:
    return has_remark(part.record_type) and any(line.contested for line in part.lines)


def has_remark(record_type: str) -> bool:
    """Tell whether records of a type have a field for remarks."""
    return REMARK in RECORD_TYPES[record_type]


def asked(items: Iterable[Item]) -> list[Key]:
    """Return what a person must choose before a conflict is decided."""
    found: list[Key] = []
    for item in items:
        if _asks(item):
            found.append((item.record_type, item.record_id, ""))
        found += [
            (item.record_type, item.record_id, version.field)
            for version in item.versions
            if _is_contested(item, version)
        ]
    return found


def _asks(item: Item) -> bool:
    """Tell whether a person must say what becomes of the record as a whole."""
    return item.why != WITH and (item.action in ("new", "drop") or item.why == "gone")


def _is_contested(item: Item, version: Version) -> bool:
    """Tell whether both sides wrote a field of which no value may be replaced unseen."""
    if item.action != "set" or item.why != "changed" or version.mine == version.theirs:
        return False
    return _policy(item, version) in SURFACED and version.theirs != version.was


_ANSWERS: Final[Mapping[tuple[str, bool], tuple[str, str]]] = {
    ("new", False): ("保留这条新记录，重新上传", "不要这条新记录"),
    ("new", True): ("仍要保留，作为新记录上传", "不要，保持已删除"),
    ("drop", False): ("仍然删除", "不删除，保留{theirs}的修改"),
    ("set", True): ("恢复这条记录，并写入{mine}的修改", "保持已删除"),
}
"""The answers about a record as a whole, by what its author did and whether it is gone by now."""


def _part(desk: Desk, connection: Connection, item: Item, names: tuple[str, str]) -> Part:
    held = queries.get(connection, item.record_type, item.record_id)
    answers = _ANSWERS.get((item.action, item.why == "gone"), ("", ""))
    mine, theirs = (words.format(mine=names[0], theirs=names[1]) for words in answers)
    differing = [version for version in item.versions if version.mine != version.theirs]
    return Part(
        item.record_type,
        item.record_id,
        item.title,
        item.action,
        _asks(item),
        mine,
        theirs,
        tuple(_line(desk, connection, item, version, held) for version in differing),
    )


def _line(
    desk: Desk, connection: Connection, item: Item, version: Version, held: Mapping[str, Any] | None
) -> Line:
    known = RECORD_TYPES[item.record_type]
    field = known.by_name.get(version.field)
    was, mine, theirs = (
        shown(desk, connection, field, value) for value in (version.was, version.mine, version.theirs)
    )
    now = "" if field is None or held is None else _now(desk, connection, field, held[field.name])
    return Line(
        key=(item.record_type, item.record_id, version.field),
        label=field.label if field else f"新版本栏目 {version.field}",
        field=field,
        was=was,
        mine=mine,
        theirs=theirs,
        now="" if now in (mine, theirs) else now,
        contested=_is_contested(item, version),
        version=version,
    )


def _now(desk: Desk, connection: Connection, field: Field, value: Any) -> str:
    nothing = value is None or value == empty(field)
    return shown(desk, connection, field, None if nothing else TO_WIRE[field.kind](field, value))


def shown(desk: Desk, connection: Connection, field: Field | None, value: Any) -> str:
    """Return a value of the JSON form as people read it; what cannot be read is shown as it came."""
    if value is None or value in ("", []):
        return "否" if field and field.kind == "flag" else NOTHING
    if field is None:
        return str(value)
    try:
        held = FROM_WIRE[field.kind](value)
        if field.kind == "ref":
            return queries.titles(connection, field.to, [held]).get(held, "（本机没有的记录）")
        return values.show(field, held, desk.codes) or NOTHING
    except (ValueError, TypeError, KeyError, ArithmeticError):
        return str(value)
