"""Rows that only name a record outside this device's scopes, so that every reference leads somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop.models import search
from desktop.models.tables import STUB
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Connection

    from domain.fields import RecordType

UNSEEN: Final = "（无权查看）"
"""The name of a record of which the server has told nothing."""
CHUNK: Final = 500


def chunks(items: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """Yield items in portions that one statement takes as parameters."""
    held = list(items)
    for start in range(0, len(held), CHUNK):
        yield held[start : start + CHUNK]


def blanks(items: Sequence[Any]) -> str:
    """Return the placeholders of a list in SQL."""
    return ", ".join("?" * len(items))


def fill(connection: Connection, wanted: Mapping[str, AbstractSet[bytes]], at: str) -> None:
    """Make a stub for each wanted record that is not there."""
    for name, pks in wanted.items():
        held: set[bytes] = set()
        for part in chunks(pks):
            held.update(
                connection.exec_driver_sql(
                    f"SELECT id FROM {name} WHERE id IN ({blanks(part)})", tuple(part)
                ).scalars()
            )
        put(connection, RECORD_TYPES[name], dict.fromkeys(pks - held, UNSEEN), at)


def put(connection: Connection, known: RecordType, titles: Mapping[bytes, str], at: str) -> None:
    """Name records that are outside; one that is here in full keeps what it has."""
    if titles:
        last = search.last_row(connection, known)
        for pk, title in titles.items():
            _put(connection, known, pk, title, at)
        search.note_new(connection, known, last)


def _put(connection: Connection, known: RecordType, pk: bytes, title: str, at: str) -> None:
    titled = known[known.title].kind != "ref"
    values = {"id": pk, "created_at": at, "updated_at": at, "deleted_at": STUB}
    values |= {known.title: title} if titled else {}
    names = ", ".join(f'"{name}"' for name in values)
    told = known.title if titled else "updated_at"
    connection.exec_driver_sql(
        f"INSERT INTO {known.name} ({names}) VALUES ({blanks(list(values))}) ON CONFLICT (id)"
        f' DO UPDATE SET "{told}" = excluded."{told}" WHERE deleted_at = \'{STUB}\'',
        tuple(values.values()),
    )


def pointing_to(connection: Connection, name: str, pks: Iterable[bytes]) -> set[bytes]:
    """Return which of the records of a type any record refers to."""
    found: set[bytes] = set()
    held = list(pks)
    for other in RECORD_TYPES.values():
        for field in other.fields:
            if field.to == name:
                for part in chunks(held):
                    sql = f'SELECT "{field.name}" FROM {other.name} WHERE "{field.name}" IN ({blanks(part)})'
                    found.update(connection.exec_driver_sql(sql, tuple(part)).scalars())
    return found
