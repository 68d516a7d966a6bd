"""Every edit of a record enters the outbox, whoever writes it and however, because SQLite itself notes it.

The triggers are made from the record types and the register: one outbox row for each merge unit that an
update changed, with the version its author saw and the values there were before. They are plain SQL, need
no function of ours, and keep still while sync itself is writing. Like the search they are local and made
again whenever their definition is not the one in the file.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from desktop.models.tables import STUB
from domain.registry import LIFE, wire_types

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from domain.fields import Field
    from domain.registry import WireType


class Action(enum.IntEnum):
    """What an outbox row says happened; within one user action edits of a record are sent in this order."""

    BORN = 1
    BACK = 2
    EDIT = 3
    DROP = 4
    MOVE = 5
    PUBLISH = 6
    HIDE = 7


TOLD: Final = -1
"""The base of a birth that a server may have been told before."""
LOST: Final = -2
"""The base of a birth that a server took and has lost: it is no part of the user action any more."""

_PREFIX: Final = "outbox_"
_LOCAL: Final = "(SELECT applying FROM sync_now) = 0"
_CLOCK: Final = "(SELECT clock FROM sync_now)"
_INTO: Final = "INSERT INTO outbox (type, pk, unit, action, base, clock, was)"
_AGAIN: Final = "ON CONFLICT (type, pk, unit) DO UPDATE SET clock = excluded.clock"


def triggers(known: WireType) -> dict[str, str]:
    """Return the statements that make a type's triggers, by the triggers' names."""
    table, record = known.record_type.name, f"type = {known.number} AND pk = new.id"
    columns = ", ".join(f'"{field.name}"' for field in known.record_type.fields)
    sent = f"(old.row_ver <> 0 OR EXISTS (SELECT 1 FROM flight_unit WHERE {record}))"
    born = f"{_INTO} VALUES ({known.number}, new.id, {LIFE}, {Action.BORN:d}, 0, {_CLOCK}, NULL)"
    forget = f"DELETE FROM outbox WHERE {record}"
    bodies = {
        "born": (
            f"AFTER INSERT ON {table}",
            "new.row_ver = 0 AND new.deleted_at IS NULL",
            _again_born(born),
        ),
        "draft": (
            f"AFTER UPDATE OF {columns} ON {table}",
            "new.row_ver = 0 AND old.deleted_at IS NULL AND new.deleted_at IS NULL",
            f"{born} {_AGAIN};",
        ),
        "edit": (
            f"AFTER UPDATE OF {columns} ON {table}",
            f"old.deleted_at IS NOT '{STUB}'",
            _edits(known),
        ),
        # An edit of a record in the bin travels before the deletion, or it would meet a dead record.
        "binned": (
            f"AFTER UPDATE OF {columns} ON {table}",
            f"old.deleted_at IS NOT NULL AND new.deleted_at IS NOT NULL AND old.deleted_at <> '{STUB}'",
            f"UPDATE outbox SET clock = {_CLOCK} WHERE {record} AND action = {Action.DROP:d};",
        ),
        "bin": (
            f"AFTER UPDATE OF deleted_at ON {table}",
            f"old.deleted_at IS NULL AND new.deleted_at IS NOT NULL AND new.deleted_at <> '{STUB}'",
            f"{forget} AND NOT {sent}; {_turned(known, Action.DROP, Action.BACK, sent)}",
        ),
        "back": (
            f"AFTER UPDATE OF deleted_at ON {table}",
            f"old.deleted_at IS NOT NULL AND old.deleted_at <> '{STUB}' AND new.deleted_at IS NULL",
            _late(record) + _turned(known, Action.BACK, Action.DROP, sent) + _unsent_back(born, sent),
        ),
        "gone": (
            f"AFTER DELETE ON {table}",
            f"old.deleted_at IS NOT '{STUB}'",
            _gone(known, sent).replace("new.id", "old.id"),
        ),
        "fixed": (
            f"BEFORE UPDATE OF id ON {table}",
            "new.id IS NOT old.id",
            "SELECT raise(ABORT, 'the id of a record never changes');",
        ),
    }
    # What looks only at the row comes first: every write of sync asks it too.
    further = {"draft": f" AND NOT {sent}", "edit": f" AND {sent}"}
    return {
        f"{_PREFIX}{table}_{name}": f"CREATE TRIGGER {_PREFIX}{table}_{name} {event} "
        f"WHEN {when} AND {_LOCAL}{further.get(name, '')} BEGIN {body} END"
        for name, (event, when, body) in bodies.items()
    }


def _again_born(born: str) -> str:
    """Note a birth; one in the place of a record that was deleted for good is still a birth."""
    return (
        f"{born} ON CONFLICT (type, pk, unit)"
        " DO UPDATE SET action = excluded.action, base = 0, clock = excluded.clock;"
    )


def _late(record: str) -> str:
    """Let what was changed in the bin travel with the way out: before that it would meet a dead record."""
    return f"UPDATE outbox SET clock = {_CLOCK} WHERE {record} AND unit > {LIFE}; "


def _unsent_back(born: str, sent: str) -> str:
    values = born.replace("VALUES (", "SELECT ").removesuffix(")")
    return f" {values} WHERE NOT {sent} {_AGAIN};"


def _edits(known: WireType) -> str:
    """Note each unit whose columns differ; one edited again only moves to the later user action."""
    changed = " UNION ALL ".join(
        f"SELECT {unit.number} AS unit, json_array({', '.join(map(_image, unit.fields))}) AS was"
        f" WHERE {' OR '.join(_differs(field) for field in unit.fields)}"
        for unit in known.units.values()
    )
    return (
        f"{_INTO} SELECT {known.number}, new.id, unit, {Action.EDIT:d}, {_base(known, 'changed.unit')},"
        f" {_CLOCK}, was FROM ({changed}) AS changed WHERE true {_AGAIN};"
    )


def _image(field: Field) -> str:
    """Return a column as it stands in an image: JSON has no bytes."""
    return f'hex(old."{field.name}")' if field.kind == "ref" else f'old."{field.name}"'


def _differs(field: Field) -> str:
    """Return the condition that a column was changed; a flag that was never set is no."""
    if field.kind == "flag":
        return f'coalesce(old."{field.name}", 0) IS NOT coalesce(new."{field.name}", 0)'
    return f'old."{field.name}" IS NOT new."{field.name}"'


def _base(known: WireType, unit: str) -> str:
    """Return the version behind what the author saw: of a unit in flight, the one that flight stands on."""
    return (
        f"coalesce((SELECT base FROM flight_unit AS f WHERE f.type = {known.number} AND f.pk = new.id"
        f" AND f.unit = {unit} ORDER BY f.batch DESC LIMIT 1), old.row_ver)"
    )


def _turned(known: WireType, action: Action, opposite: Action, sent: str) -> str:
    """Note that a record went into the bin or out; both before it is sent cancel each other out.

    They do not when the server has moved in between: then the later one is sent.
    """
    life = f"type = {known.number} AND pk = new.id AND unit = {LIFE} AND action = {opposite:d}"
    return (
        f"DELETE FROM outbox WHERE {life} AND theirs IS NULL; "
        f"{_INTO} SELECT {known.number}, new.id, {LIFE}, {action:d}, {_base(known, str(LIFE))}, {_CLOCK},"
        f" {_seen(known) if action is Action.DROP else 'NULL'} WHERE changes() = 0 AND {sent}"
        " ON CONFLICT (type, pk, unit)"
        " DO UPDATE SET action = excluded.action, clock = excluded.clock, was = excluded.was;"
    )


def _seen(known: WireType) -> str:
    """Return the versions behind the units that are on their way: a deletion may not remove what is newer."""
    record = f"type = {known.number} AND pk = new.id AND unit > {LIFE}"
    return (
        "(SELECT json_group_object(unit, base) FROM (SELECT unit, min(base) AS base FROM"
        f" (SELECT unit, base FROM outbox WHERE {record} UNION ALL"
        f" SELECT unit, base FROM flight_unit WHERE {record}) GROUP BY unit))"
    )


def _gone(known: WireType, sent: str) -> str:
    """Note a record deleted for good; its other edits have lost their values and are not sent."""
    return (
        f"{_INTO} SELECT {known.number}, new.id, {LIFE}, {Action.DROP:d}, {_base(known, str(LIFE))},"
        f" {_CLOCK}, {_seen(known)} WHERE old.deleted_at IS NULL AND {sent}"
        " ON CONFLICT (type, pk, unit) DO UPDATE SET action = excluded.action, was = excluded.was; "
        f"DELETE FROM outbox WHERE type = {known.number} AND pk = new.id AND action <> {Action.DROP:d};"
    )


def install(connection: Connection) -> None:
    """Make or renew the triggers whose definition is not the one in the file."""
    found = connection.exec_driver_sql(
        f"SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '{_PREFIX}%'"
    )
    held = {row.name: row.sql for row in found}
    wanted = {name: sql for known in wire_types().values() for name, sql in triggers(known).items()}
    for name in held.keys() - wanted.keys():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    for name, statement in wanted.items():
        if held.get(name) != statement:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(statement)
