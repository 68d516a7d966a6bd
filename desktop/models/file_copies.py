"""Where the files of attachments are, and which this device wants: asked for, or kept for site visits.

Files travel after the records that name them; that one is missing is a state, not an error.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Integer, Select, exists, func, insert, literal, select, type_coerce, union_all, update
from sqlalchemy.dialects.sqlite import insert as upsert

from desktop.models.sync_tables import BLOB_COPY, KEPT_OFFLINE
from desktop.models.tables import RECORD_TABLES
from domain.fields import RECORD_TYPES
from domain.registry import wire_types

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from desktop.models.blobs import Blobs

State = Literal["here", "coming", "there", "missing"]
"""``coming``: wanted and on its way; ``there``: on the server; ``missing``: not there either, its author's
device may still be sending it."""


def state(connection: Connection, blobs: Blobs, sha256: str) -> State:
    """Return where the content of an attachment is."""
    if sha256 in blobs:
        return "here"
    found = connection.execute(
        select(BLOB_COPY.c.there, BLOB_COPY.c.wanted).where(BLOB_COPY.c.sha256 == sha256)
    ).first()
    if found is None:
        return "there"
    if not found.there:
        return "missing"
    return "coming" if found.wanted else "there"


def want(connection: Connection, sha256: str, at: str) -> None:
    """Ask for a file: it is fetched as soon as the line is free. A missing one is looked for again."""
    statement = upsert(BLOB_COPY).values(sha256=sha256, size=0, here=0, there=1, wanted=1, touched=at)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["sha256"],
            set_={"wanted": 1, "there": 1, "touched": at},
            where=BLOB_COPY.c.here == 0,
        )
    )


def keep(connection: Connection, record_type: str, record_id: uuid.UUID, *, kept: bool, at: str) -> None:
    """Keep all files of a record on this device, also those to come; or no longer."""
    key = {"type": wire_types()[record_type].number, "pk": record_id.bytes}
    if kept:
        connection.execute(upsert(KEPT_OFFLINE).values(key).on_conflict_do_nothing())
        for sha256 in connection.execute(_files_of(record_type, record_id)).scalars():
            want(connection, sha256, at)
    else:
        connection.execute(KEPT_OFFLINE.delete().filter_by(**key))


def is_kept(connection: Connection, record_type: str, record_id: uuid.UUID) -> bool:
    """Tell whether the files of a record are kept on this device."""
    key = {"type": wire_types()[record_type].number, "pk": record_id.bytes}
    return connection.execute(select(KEPT_OFFLINE.c.pk).filter_by(**key)).first() is not None


def discover(connection: Connection, blobs: Blobs, at: str) -> int:
    """Note the files that records name and nobody has looked at yet; return how many there were.

    One that is here is to be sent; of one that is not, the server is taken to have it.
    """
    named = connection.execute(_unnoted()).all()
    kept = set(_kept_files(connection)) if named else set()
    rows = [_noted(blobs, sha256, size, at, wanted=sha256 in kept) for sha256, size in named]
    if rows:
        connection.execute(insert(BLOB_COPY), rows)
    nowhere = select(BLOB_COPY.c.sha256).where(BLOB_COPY.c.here == 0, BLOB_COPY.c.there == 0)
    for sha256 in connection.execute(nowhere).scalars().all():
        if sha256 in blobs:  # its file was added here after all
            note(connection, sha256, here=1, wanted=0, size=blobs.size(sha256), touched=at)
    return len(rows)


def _noted(blobs: Blobs, sha256: str, size: int, at: str, *, wanted: bool) -> dict[str, Any]:
    here = sha256 in blobs
    return {
        "sha256": sha256,
        "size": blobs.size(sha256) if here else size,
        "here": int(here),
        "there": int(not here),
        "wanted": int(wanted and not here),
        "touched": at,
    }


def to_send(connection: Connection) -> tuple[str, int] | None:
    """Return the next file to send and its size: the smallest."""
    statement = select(BLOB_COPY.c.sha256, BLOB_COPY.c.size).where(
        BLOB_COPY.c.here == 1, BLOB_COPY.c.there == 0
    )
    found = connection.execute(statement.order_by(BLOB_COPY.c.size).limit(1)).first()
    return (found.sha256, found.size) if found else None


def to_fetch(connection: Connection) -> str | None:
    """Return the next file to fetch: the smallest, by what its record says."""
    statement = select(BLOB_COPY.c.sha256).where(
        BLOB_COPY.c.here == 0, BLOB_COPY.c.wanted == 1, BLOB_COPY.c.there == 1
    )
    return connection.execute(statement.order_by(BLOB_COPY.c.size, BLOB_COPY.c.touched).limit(1)).scalar()


def waiting(connection: Connection) -> tuple[int, int]:
    """Return how many files are still to be sent and fetched."""
    sending = select(func.count()).where(BLOB_COPY.c.here == 1, BLOB_COPY.c.there == 0)
    fetching = select(func.count()).where(
        BLOB_COPY.c.here == 0, BLOB_COPY.c.wanted == 1, BLOB_COPY.c.there == 1
    )
    return connection.execute(sending).scalar_one(), connection.execute(fetching).scalar_one()


def note(connection: Connection, sha256: str, **facts: Any) -> None:
    """Keep what became of a file."""
    connection.execute(update(BLOB_COPY).where(BLOB_COPY.c.sha256 == sha256).values(**facts))


def look_again(connection: Connection, before: str) -> None:
    """Take the wanted files that were missing before a moment to be on the server by now."""
    connection.execute(
        update(BLOB_COPY)
        .where(
            BLOB_COPY.c.here == 0,
            BLOB_COPY.c.there == 0,
            BLOB_COPY.c.wanted == 1,
            BLOB_COPY.c.touched < before,
        )
        .values(there=1)
    )


def _unnoted() -> Select[Any]:
    """Return the query for every SHA-256 a live record names that is not noted yet, with its size or 0."""
    named = union_all(
        *(
            select(
                table.c[field.name].label("sha256"),
                type_coerce(table.c["size"] if name == "attachment" else literal(0), Integer).label("size"),
            ).where(table.c[field.name].is_not(None), table.c.deleted_at.is_(None))
            for name, table in RECORD_TABLES.items()
            for field in RECORD_TYPES[name].fields
            if field.format == "sha256"
        )
    ).subquery()
    noted = exists(select(literal(1)).where(BLOB_COPY.c.sha256 == named.c.sha256))
    size = func.coalesce(func.max(named.c.size), 0)
    return select(named.c.sha256, size).where(~noted).group_by(named.c.sha256)


def _files_of(record_type: str, record_id: uuid.UUID) -> Select[Any]:
    files = RECORD_TABLES["attachment"]
    return select(files.c.sha256).where(
        files.c.owner_type == record_type,
        files.c.owner_id == str(record_id),
        files.c.sha256.is_not(None),
        files.c.deleted_at.is_(None),
    )


def _kept_files(connection: Connection) -> Iterable[str]:
    """Yield the files of all records that are kept on this device."""
    files = RECORD_TABLES["attachment"]
    numbers = {known.number: name for name, known in wire_types().items()}
    for number, pk in connection.execute(select(KEPT_OFFLINE.c.type, KEPT_OFFLINE.c.pk)):
        owner = str(uuid.UUID(bytes=pk))
        yield from connection.execute(
            select(files.c.sha256).where(files.c.owner_type == numbers[number], files.c.owner_id == owner)
        ).scalars()
