"""Reading the change log: what can be undone, what was undone, and the story of one record."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from desktop.models.tables import CHANGE, COMMAND

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of the log of commands."""

    seq: int
    label: str


@dataclass(frozen=True, slots=True)
class Step:
    """One record's change within a command, as the log keeps it."""

    record_type: str
    record: uuid.UUID
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a record's history."""

    at: dt.datetime
    user: str
    device: str
    label: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def undoable(connection: Connection, user: str, device: str) -> Command | None:
    """Return the user's newest command on this device that still stands."""
    own = select(COMMAND.c.seq, COMMAND.c.label).where(
        COMMAND.c.user == user,
        COMMAND.c.device == device,
        COMMAND.c.kind == "do",
        COMMAND.c.undone_by.is_(None),
    )
    row = connection.execute(own.order_by(COMMAND.c.seq.desc()).limit(1)).first()
    return Command(*row) if row else None


def redoable(connection: Connection, user: str, device: str) -> Command | None:
    """Return the command undone last, unless a new command has been given since."""
    mine = (COMMAND.c.user == user) & (COMMAND.c.device == device)
    newest = select(func.max(COMMAND.c.seq)).where(mine, COMMAND.c.kind == "do").scalar_subquery()
    undone = select(COMMAND.c.seq, COMMAND.c.label).where(mine, COMMAND.c.undone_by > newest)
    row = connection.execute(undone.order_by(COMMAND.c.undone_by.desc()).limit(1)).first()
    return Command(*row) if row else None


def steps(connection: Connection, command: int) -> list[Step]:
    """Return what a command did, in the order of writing."""
    rows = connection.execute(
        select(CHANGE.c.record_type, CHANGE.c.record, CHANGE.c.before, CHANGE.c.after)
        .where(CHANGE.c.command == command)
        .order_by(CHANGE.c.seq)
    )
    return [Step(kind, record, _load(before), _load(after)) for kind, record, before, after in rows]


def of_record(connection: Connection, record: uuid.UUID, *, limit: int = 200) -> list[Entry]:
    """Return a record's history, the newest first."""
    rows = connection.execute(
        select(
            COMMAND.c.at, COMMAND.c.user, COMMAND.c.device, COMMAND.c.label, CHANGE.c.before, CHANGE.c.after
        )
        .join(COMMAND, COMMAND.c.seq == CHANGE.c.command)
        .where(CHANGE.c.record == record)
        .order_by(CHANGE.c.seq.desc())
        .limit(limit)
    )
    return [
        Entry(dt.datetime.fromisoformat(at), user, device, label, _load(before), _load(after))
        for at, user, device, label, before, after in rows
    ]


def _load(body: str | None) -> dict[str, Any] | None:
    return None if body is None else json.loads(body)
