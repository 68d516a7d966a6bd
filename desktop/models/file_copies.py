"""Where the files of attachments are, and which this device wants: asked for, or kept for site visits.

Files travel after the records that name them, the smallest first in either direction. That one is missing is
a state, not an error. Above a size that the user may set, a file travels only when it is asked for.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import (
    Integer,
    Select,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from desktop.models import settings
from desktop.models.blobs import DamagedBlobError
from desktop.models.sync_tables import BLOB_COPY, KEPT_OFFLINE
from desktop.models.tables import RECORD_TABLES
from domain.fields import RECORD_TYPES
from domain.registry import wire_types

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection, Subquery

    from desktop.models.blobs import Blobs

State = Literal["here", "coming", "there", "missing"]
"""``coming``: wanted and on its way; ``there``: on the server; ``missing``: not there either, its author's
device may still be sending it."""

KEPT: Final = 1
"""Wanted, because its record is kept on this device."""
ASKED: Final = 2
"""Wanted, because somebody asked for this very file."""
LARGEST: Final = "files-largest"
"""The setting: bytes of the largest file that travels without being asked for."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One file to carry: ``sends`` to the server, else from it."""

    sha256: str
    size: int
    sends: bool


def state(connection: Connection, blobs: Blobs, sha256: str) -> State:
    """Return where the content of an attachment is."""
    if sha256 in blobs:
        return "here"
    known = BLOB_COPY.c.sha256 == sha256
    there = connection.execute(select(BLOB_COPY.c.there).where(known)).scalar()
    if there == 0:
        return "missing"
    coming = connection.execute(select(literal(1)).where(known, _to_fetch(connection))).scalar()
    return "coming" if coming else "there"


def is_held_back(connection: Connection, blobs: Blobs, sha256: str) -> bool:
    """Tell whether a file that is here and not on the server is too large to go unless it is asked for."""
    limit = largest(connection)
    if limit is None or sha256 not in blobs or blobs.size(sha256) <= limit:
        return False
    mine = select(BLOB_COPY.c.there, BLOB_COPY.c.wanted).where(BLOB_COPY.c.sha256 == sha256)
    noted = connection.execute(mine).first()
    return noted is None or (noted.there == 0 and noted.wanted != ASKED)


def want(connection: Connection, blobs: Blobs, sha256: str, at: str) -> None:
    """Ask for a file: it is carried as soon as the line is free, however large.

    One that got lost here, or is missing on the server, is looked for again. Of one that is here this means
    to send it.
    """
    size = _size(blobs, sha256) if sha256 in blobs else None
    changed = {"wanted": ASKED} if size is not None else {"here": 0, "there": 1, "wanted": ASKED}
    statement = upsert(BLOB_COPY).values(
        sha256=sha256,
        size=size or 0,
        here=int(size is not None),
        there=int(size is None),
        wanted=ASKED,
        touched=at,
    )
    connection.execute(
        statement.on_conflict_do_update(index_elements=["sha256"], set_={**changed, "touched": at})
    )


def give_up(connection: Connection, blobs: Blobs, sha256: str, at: str) -> None:
    """Take a damaged file away and ask for it anew."""
    blobs.set_aside(sha256)
    want(connection, blobs, sha256, at)


def offer_again(connection: Connection) -> None:
    """Take the server to have none of the files that are here: it may be older than they are."""
    connection.execute(update(BLOB_COPY).where(BLOB_COPY.c.here == 1).values(there=0))


def keep(connection: Connection, record_type: str, record_id: uuid.UUID, *, kept: bool, at: str) -> None:
    """Keep all files of a record on this device, also those to come; or no longer."""
    key = {"type": wire_types()[record_type].number, "pk": record_id.bytes}
    if kept:
        connection.execute(upsert(KEPT_OFFLINE).values(key).on_conflict_do_nothing())
        for sha256, size in connection.execute(_files_of(record_type, record_id)):
            _want_kept(connection, sha256, int(size or 0), at)
    else:
        connection.execute(KEPT_OFFLINE.delete().filter_by(**key))


def _want_kept(connection: Connection, sha256: str, size: int, at: str) -> None:
    statement = upsert(BLOB_COPY).values(sha256=sha256, size=size, here=0, there=1, wanted=KEPT, touched=at)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["sha256"],
            set_={"wanted": KEPT, "there": 1, "touched": at},
            where=and_(BLOB_COPY.c.here == 0, BLOB_COPY.c.wanted != ASKED),
        )
    )


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
        if sha256 in blobs and (size := _size(blobs, sha256)) is not None:  # it was added here after all
            note(connection, sha256, here=1, wanted=0, size=size, touched=at)
    return len(rows)


def _noted(blobs: Blobs, sha256: str, size: int, at: str, *, wanted: bool) -> dict[str, Any]:
    damaged = sha256 in blobs and _size(blobs, sha256) is None
    here = sha256 in blobs
    return {
        "sha256": sha256,
        "size": blobs.size(sha256) if here else size,
        "here": int(here),
        "there": int(not here),
        "wanted": ASKED if damaged else KEPT if wanted and not here else 0,
        "touched": at,
    }


def _size(blobs: Blobs, sha256: str) -> int | None:
    """Return the size of a file that is here; None, and it is taken away, when it is damaged."""
    try:
        return blobs.measure(sha256)
    except DamagedBlobError:
        blobs.set_aside(sha256)
        return None


def largest(connection: Connection) -> int | None:
    """Return the bytes of the largest file that travels without being asked for; None: any does."""
    held: int | None = settings.read(connection, LARGEST)
    return held


def set_largest(connection: Connection, size: int | None) -> None:
    """Let no file above so many bytes travel without being asked for."""
    settings.write(connection, LARGEST, size)


def next_errand(connection: Connection) -> Errand | None:
    """Return what to carry next: the smallest file, of equals what has waited longest."""
    return next(iter(errands(connection, 1)), None)


def errands(connection: Connection, limit: int) -> list[Errand]:
    """Return what to carry, in the order of ``next_errand``."""
    due = or_(_to_send(connection), _to_fetch(connection))
    columns = (BLOB_COPY.c.sha256, BLOB_COPY.c.size, BLOB_COPY.c.here)
    ordered = select(*columns).where(due).order_by(BLOB_COPY.c.size, BLOB_COPY.c.touched).limit(limit)
    return [Errand(found.sha256, found.size, bool(found.here)) for found in connection.execute(ordered)]


def waiting(connection: Connection) -> tuple[int, int]:
    """Return how many files are still to be sent and fetched; without those that nobody has asked for."""
    sending, fetching = (
        connection.execute(select(func.count()).select_from(BLOB_COPY).where(due)).scalar_one()
        for due in (_to_send(connection), _to_fetch(connection))
    )
    return sending, fetching


def _to_send(connection: Connection) -> ColumnElement[bool]:
    return and_(
        BLOB_COPY.c.here == 1,
        BLOB_COPY.c.there == 0,
        or_(BLOB_COPY.c.wanted == ASKED, _by_itself(connection)),
    )


def _to_fetch(connection: Connection) -> ColumnElement[bool]:
    return and_(
        BLOB_COPY.c.here == 0,
        BLOB_COPY.c.there == 1,
        or_(BLOB_COPY.c.wanted == ASKED, and_(BLOB_COPY.c.wanted == KEPT, _by_itself(connection))),
    )


def _by_itself(connection: Connection) -> ColumnElement[bool]:
    limit = largest(connection)
    return true() if limit is None else BLOB_COPY.c.size <= limit


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
            BLOB_COPY.c.wanted != 0,
            BLOB_COPY.c.touched < before,
        )
        .values(there=1)
    )


def ask_again(connection: Connection, before: str) -> None:
    """Let the server be asked whether it still has what it was last known to have before a moment.

    It may have lost it, or cleared it away while the record that names it was in the bin.
    """
    named = select(_named().c.sha256)
    connection.execute(
        update(BLOB_COPY)
        .where(
            BLOB_COPY.c.here == 1,
            BLOB_COPY.c.there == 1,
            BLOB_COPY.c.touched < before,
            BLOB_COPY.c.sha256.in_(named),
        )
        .values(there=0)
    )


def _unnoted() -> Select[Any]:
    """Return the query for every SHA-256 a live record names that is not noted yet, with its size or 0."""
    named = _named()
    noted = exists(select(literal(1)).where(BLOB_COPY.c.sha256 == named.c.sha256))
    size = func.coalesce(func.max(named.c.size), 0)
    return select(named.c.sha256, size).where(~noted).group_by(named.c.sha256)


def _named() -> Subquery:
    """Return every SHA-256 that live records name, as often as they do, with its size or 0."""
    return union_all(
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


def _files_of(record_type: str, record_id: uuid.UUID) -> Select[Any]:
    """Return the query for the files of a record and their sizes; that of a copy for showing is not told."""
    files = RECORD_TABLES["attachment"]
    mine = (
        files.c.owner_type == record_type,
        files.c.owner_id == str(record_id),
        files.c.deleted_at.is_(None),
    )
    both = union_all(
        select(files.c.sha256, type_coerce(files.c["size"], Integer).label("size")).where(*mine),
        select(files.c.view_sha256, literal(0)).where(*mine),
    ).subquery()
    return select(both.c.sha256, both.c["size"]).where(both.c.sha256.is_not(None))


def _kept_files(connection: Connection) -> Iterable[str]:
    """Yield the files of all records that are kept on this device."""
    numbers = {known.number: name for name, known in wire_types().items()}
    for number, pk in connection.execute(select(KEPT_OFFLINE.c.type, KEPT_OFFLINE.c.pk)):
        yield from connection.execute(_files_of(numbers[number], uuid.UUID(bytes=pk))).scalars()
