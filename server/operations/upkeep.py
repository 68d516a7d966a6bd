"""What has to be done to a server now and then: clearing out, and telling devices that it was restored."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.accounts import audit, blocks, limits
from server.records import history

if TYPE_CHECKING:
    import psycopg

    from server.attachments.blobs import Blobs
    from server.postgres.database import Database

DAYS: Final = 30
"""An attachment that nothing names is kept this long: the record that names it may still be on its way."""
_NEW_EPOCH: Final = (
    "UPDATE scope SET epoch = greatest(epoch + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)"
)
_SKIPPED_BLOCKS: Final = 20
_SKIPPED_DEVICES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was cleared out; ``size`` in bytes."""

    attachments: int
    size: int


def prune(database: Database, blobs: Blobs, *, days: int, now: dt.datetime) -> Pruned:
    """Delete attachments without a record and expired traces, and make room for the coming months."""
    gone = blobs.prune(now - dt.timedelta(days=days))
    with database.connection() as connection:
        history.prepare(connection, now.date())
        limits.prune(connection, now - dt.timedelta(days=1))
        connection.execute("DELETE FROM admin_session WHERE expires_at <= %s", (now,))
        connection.execute(
            "DELETE FROM invitation WHERE expires_at <= %s AND used_by IS NULL",
            (now - dt.timedelta(days=DAYS),),
        )
    return Pruned(len(gone), sum(one.size for one in gone))


def restored(connection: psycopg.Connection, *, now: dt.datetime) -> int:
    """Tell devices that the database was taken back to an earlier state, and return the number of scopes.

    Each scope gets a new epoch: devices load it once more and send again what is missing, as those do in any
    case that have heard of what was lost. Numbers of certificates and of devices that may have been given out
    since the backup are skipped, those taken back from other devices too.
    """
    changed = connection.execute(_NEW_EPOCH)
    connection.execute("UPDATE number_series SET next = next + %s", (_SKIPPED_BLOCKS * blocks.SIZE,))
    connection.execute("UPDATE number_block SET next = last + 1 WHERE state = 'returned'")
    connection.execute(
        "SELECT setval(pg_get_serial_sequence('device', 'number'), coalesce(max(number), 0) + %s)"
        " FROM device",
        (_SKIPPED_DEVICES,),
    )
    audit.note(connection, "restored", now=now)
    return changed.rowcount
