"""One unit of work: the only way records are written, and the log of what it wrote.

A command's writes share one transaction with its entry in the log: before and after of every record
touched, who, when and on which device. Undo, refresh and the audit trail all come from that one stream.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import uuid_utils.compat
from sqlalchemy import Connection, Select, Update, bindparam, insert, select, update

from desktop.models import wholes
from desktop.models.tables import CHANGE, COMMAND, RECORD_TABLES, STUB, now_text
from domain.fields import RECORD_TYPES, RecordType
from domain.wholes import is_part
from domain.wire import exact, from_wire, to_wire

if TYPE_CHECKING:
    import datetime as dt
    import uuid
    from collections.abc import Iterable

Kind = Literal["do", "undo", "redo", "final", "sync"]
"""``final`` is a command that cannot be taken back, such as the issue of a signed paper; ``sync`` is a
change that came from the server (journal.py)."""
DELETED: Final = "$deleted"


def new_id() -> uuid.UUID:
    """Return a UUIDv7: unique without a network, and ordered by the time it was made."""
    return uuid_utils.compat.uuid7()


@dataclass(frozen=True, slots=True)
class Touch:
    """One record a command wrote."""

    record_type: str
    record_id: uuid.UUID
    action: Literal["created", "changed", "deleted", "restored"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a command changed: screens refresh by it, and the user reads its label in 撤销."""

    command_id: uuid.UUID
    label: str
    touched: tuple[Touch, ...]

    def types(self) -> frozenset[str]:
        """Return the record types whose lists must be read again."""
        return frozenset(touch.record_type for touch in self.touched)

    def ids(self, record_type: str) -> list[uuid.UUID]:
        """Return the touched records of one type, in the order of writing."""
        return [touch.record_id for touch in self.touched if touch.record_type == record_type]


@dataclass
class _State:
    """A record at the beginning and at the end of the unit of work; None: it was not there."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass
class Work:
    """Reads and writes of one command inside one transaction."""

    connection: Connection
    at: dt.datetime
    user: str
    device: str
    label: str
    kind: Kind = "do"
    target: int | None = None
    _states: dict[tuple[str, uuid.UUID], _State] = field(default_factory=dict)

    @functools.cached_property
    def _stamp(self) -> str:
        return now_text(self.at)

    def get(self, record_type: str, record_id: uuid.UUID) -> dict[str, Any] | None:
        """Return the values of a record that is not in the recycle bin."""
        row = self._row(record_type, record_id)
        if row is None or row["deleted_at"] is not None:
            return None
        return {f.name: row[f.name] for f in RECORD_TYPES[record_type].fields}

    def has(self, record_type: str, record_id: uuid.UUID) -> bool:
        """Tell whether a record is there and not in the recycle bin; cheaper than to get it."""
        row = self.connection.execute(_deletion(record_type), {"wanted": record_id}).first()
        return row is not None and row[0] is None

    def names(self, record_type: str, record_id: uuid.UUID) -> bool:
        """Tell whether a record may be referred to: it is there, or outside this device's scopes."""
        row = self.connection.execute(_deletion(record_type), {"wanted": record_id}).first()
        return row is not None and row[0] in (None, STUB)

    def put(self, record_type: str, record_id: uuid.UUID, values: dict[str, Any]) -> None:
        """Write all fields of a record, new or known; a field that is not named becomes empty.

        Writing what is already there is no change and leaves no trace in the log.
        """
        known = RECORD_TYPES[record_type]
        full = {f.name: exact(f, values.get(f.name)) for f in known.fields}
        self._write(known, record_id, full, deleted=False)

    def add(self, record_type: str, records: Iterable[tuple[uuid.UUID, dict[str, Any]]]) -> None:
        """Write many new records, ids from ``new_id``, at about a quarter of what ``put`` costs each."""
        known, at = RECORD_TYPES[record_type], now_text(self.at)
        rows: list[dict[str, Any]] = []
        for record_id, values in records:
            full = {f.name: exact(f, values.get(f.name)) for f in known.fields}
            self._states[record_type, record_id] = _State(None, _wire(known, full, deleted=False))
            rows.append({"id": record_id, "created_at": at, "updated_at": at, **full})
        if rows:
            self.connection.execute(insert(RECORD_TABLES[record_type]), rows)

    def change(self, record_type: str, record_id: uuid.UUID, **values: Any) -> None:
        """Write some fields of a record that exists."""
        held = self.get(record_type, record_id)
        if held is None:
            raise LookupError(f"{record_type} {record_id}")
        self.put(record_type, record_id, {**held, **values})

    def remove(self, record_type: str, record_id: uuid.UUID) -> None:
        """Move a record to the recycle bin."""
        held = self.get(record_type, record_id)
        if held is None:
            raise LookupError(f"{record_type} {record_id}")
        self._write(RECORD_TYPES[record_type], record_id, held, deleted=True)

    def restore(self, record_type: str, record_id: uuid.UUID) -> None:
        """Take a record out of the recycle bin."""
        row = self._row(record_type, record_id)
        if row is None:
            raise LookupError(f"{record_type} {record_id}")
        held = {f.name: row[f.name] for f in RECORD_TYPES[record_type].fields}
        self._write(RECORD_TYPES[record_type], record_id, held, deleted=False)

    def wire(self, record_type: str, record_id: uuid.UUID) -> dict[str, Any] | None:
        """Return the record as the log keeps it, the recycle bin marked; None when it never existed."""
        row = self._row(record_type, record_id)
        return (
            None
            if row is None
            else _wire(RECORD_TYPES[record_type], row, deleted=row["deleted_at"] is not None)
        )

    def put_wire(self, record_type: str, record_id: uuid.UUID, body: dict[str, Any] | None) -> None:
        """Bring a record to a state of the log; a state before its birth is the recycle bin."""
        known = RECORD_TYPES[record_type]
        if body is None:
            if self.get(record_type, record_id) is not None:
                self.remove(record_type, record_id)
            return
        values = from_wire(known, body)
        self._write(known, record_id, values, deleted=bool(body.get(DELETED)))

    def touched(self, record_type: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Return what this work made of records of a type so far: (before, after), as the log keeps them."""
        return [
            (state.before or {}, state.after or {})
            for (kind, _), state in self._states.items()
            if kind == record_type and state.before != state.after
        ]

    def finish(self) -> Changes:
        """Write the log and return what changed; records that ended as they began are left out."""
        command_id = new_id()
        touched = {key: state for key, state in self._states.items() if state.before != state.after}
        if touched:
            entry = {
                "id": command_id,
                "at": self._stamp,
                "user": self.user,
                "device": self.device,
                "label": self.label,
                "kind": self.kind,
                "target": self.target,
            }
            statement = insert(COMMAND).values(entry).returning(COMMAND.c.seq)
            seq = int(self.connection.execute(statement).scalar_one())
            self.connection.execute(
                insert(CHANGE), [_entry(seq, key, state) for key, state in touched.items()]
            )
            self._mark_target(seq)
        return Changes(
            command_id, self.label, tuple(Touch(*key, _action(state)) for key, state in touched.items())
        )

    def _mark_target(self, seq: int) -> None:
        if self.target is not None:
            undone_by = seq if self.kind == "undo" else None
            self.connection.execute(
                update(COMMAND).where(COMMAND.c.seq == self.target).values(undone_by=undone_by)
            )

    def _row(self, record_type: str, record_id: uuid.UUID) -> Any:
        return self.connection.execute(_selecting(record_type), {"wanted": record_id}).mappings().first()

    def _write(
        self, known: RecordType, record_id: uuid.UUID, values: dict[str, Any], *, deleted: bool
    ) -> None:
        row = self._row(known.name, record_id)
        state = self._states.get((known.name, record_id))
        before = None if row is None else _wire(known, row, deleted=row["deleted_at"] is not None)
        after = _wire(known, values, deleted=deleted)
        if before == after:
            return
        if state is None:
            self._states[known.name, record_id] = _State(before, after)
        else:
            state.after = after
        stamped = {**values, "updated_at": self._stamp, "deleted_at": self._stamp if deleted else None}
        if row is None:
            stamped |= {"id": record_id, "created_at": self._stamp}
            if is_part(known.name):
                stamped["sync_scope"] = wholes.scope_of_new(self.connection, known.name, values)
            self.connection.execute(insert(RECORD_TABLES[known.name]), stamped)
        else:
            self.connection.execute(_updating(known.name), {**stamped, "wanted": record_id})


# Built once a type: to build a statement of forty columns costs SQLAlchemy more than SQLite to run it.
@functools.cache
def _selecting(record_type: str) -> Select[Any]:
    table = RECORD_TABLES[record_type]
    return select(table).where(table.c.id == bindparam("wanted"))


@functools.cache
def _deletion(record_type: str) -> Select[Any]:
    table = RECORD_TABLES[record_type]
    return select(table.c.deleted_at).where(table.c.id == bindparam("wanted"))


@functools.cache
def _updating(record_type: str) -> Update:
    table = RECORD_TABLES[record_type]
    return update(table).where(table.c.id == bindparam("wanted"))


def _wire(known: RecordType, values: Any, *, deleted: bool) -> dict[str, Any]:
    body = to_wire(known, values)
    return {**body, DELETED: True} if deleted else body


def _entry(seq: int, key: tuple[str, uuid.UUID], state: _State) -> dict[str, Any]:
    return {
        "command": seq,
        "record_type": key[0],
        "record": key[1],
        "before": _dump(state.before),
        "after": _dump(state.after),
    }


def _dump(body: dict[str, Any] | None) -> str | None:
    return None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _action(state: _State) -> Literal["created", "changed", "deleted", "restored"]:
    if state.before is None:
        return "created"
    was, now = DELETED in state.before, DELETED in (state.after or {})
    if was == now:
        return "changed"
    return "deleted" if now else "restored"
