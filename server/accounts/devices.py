"""Devices: each is known by its keys, and one that was lost is shut out and told to destroy what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from psycopg.rows import class_row

from domain.problems import refuse
from server.accounts import audit, blocks, tokens

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    import psycopg

AT_MOST: Final = 20
"""Devices of one account that are not revoked; more than that is a mistake or an intruder."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device as administrators see it."""

    number: int
    label: str
    login: str
    name: str
    organisation: str
    build: str
    created_at: dt.datetime
    seen_at: dt.datetime | None
    revoked_at: dt.datetime | None
    wipe_at: int | None
    wipe_told_at: dt.datetime | None


def add(
    connection: psycopg.Connection,
    account: UUID,
    *,
    label: str,
    sign_key: bytes,
    seal_key: bytes,
    now: dt.datetime,
) -> int:
    """Add a device of an account and return its number."""
    row = connection.execute(
        "INSERT INTO device (account, label, sign_key, seal_key, created_at) VALUES (%s, %s, %s, %s, %s)"
        " RETURNING number",
        (account, label, sign_key, seal_key, now),
    ).fetchone()
    number = int(row[0]) if row else 0
    audit.note(connection, "register", label, now=now, account=account, device=number)
    return number


def succeed(connection: psycopg.Connection, number: int, incarnation: int, *, now: dt.datetime) -> int:
    """Return the device that goes on for another's copied or restored store, made when first asked."""
    row = connection.execute(
        "INSERT INTO device"
        " (account, label, sign_key, seal_key, build, created_at, successor_of, incarnation)"
        " SELECT account, label, sign_key, seal_key, build, %(now)s, number, %(incarnation)s"
        " FROM device WHERE number = %(number)s ON CONFLICT DO NOTHING RETURNING number, account",
        {"now": now, "number": number, "incarnation": incarnation},
    ).fetchone()
    if row:
        audit.note(connection, "succeed", str(number), now=now, account=row[1], device=row[0])
        return int(row[0])
    known_already = connection.execute(
        "SELECT number FROM device WHERE successor_of = %s AND incarnation = %s", (number, incarnation)
    ).fetchone()
    return int(known_already[0]) if known_already else 0


def known(
    connection: psycopg.Connection, account: UUID, sign_key: bytes
) -> tuple[int, dt.datetime | None, int | None] | None:
    """Return an account's newest device with this key: number, when revoked, the order to wipe."""
    return connection.execute(
        "SELECT number, revoked_at, wipe_at FROM device WHERE account = %s AND sign_key = %s"
        " ORDER BY number DESC LIMIT 1",
        (account, sign_key),
    ).fetchone()


def count(connection: psycopg.Connection, account: UUID) -> int:
    """Return how many devices of an account are not revoked."""
    row = connection.execute(
        "SELECT count(*) FROM device WHERE account = %s AND revoked_at IS NULL", (account,)
    ).fetchone()
    return int(row[0]) if row else 0


def listed(connection: psycopg.Connection) -> list[Device]:
    """Return all devices by number."""
    with connection.cursor(row_factory=class_row(Device)) as cursor:
        return cursor.execute(
            "SELECT number, label, login, account.name, organisation.name AS organisation, build,"
            " device.created_at, seen_at, revoked_at, wipe_at, wipe_told_at FROM device"
            " JOIN account ON account.id = device.account"
            " JOIN organisation ON organisation.id = account.organisation ORDER BY number"
        ).fetchall()


def leave(connection: psycopg.Connection, number: int, *, now: dt.datetime) -> None:
    """Sign a device out at its own wish; what it has not sent stays with it."""
    tokens.end(connection, number, now=now)
    audit.note(connection, "leave", str(number), now=now, device=number)


def revoke(
    connection: psycopg.Connection,
    number: int,
    *,
    wipe: bool = False,
    now: dt.datetime,
    by: UUID | None = None,
) -> None:
    """Shut a device out for good, its numbers void.

    With ``wipe`` it is told to destroy its key at its next contact. The order may be given later as well,
    and is not taken back.

    Raises:
        Refusal: there is no such device.
    """
    done = connection.execute(
        "UPDATE device SET revoked_at = coalesce(revoked_at, %(now)s),"
        " wipe_at = CASE WHEN %(wipe)s THEN coalesce(wipe_at, %(at)s) ELSE wipe_at END"
        " WHERE number = %(number)s",
        {"now": now, "wipe": wipe, "at": int(now.timestamp()), "number": number},
    )
    if not done.rowcount:
        raise refuse("设备", "plain", why=f"没有编号为 {number} 的设备，可用 device list 查看")
    tokens.end(connection, number, now=now)
    blocks.void_all(connection, number)
    audit.note(connection, "wipe" if wipe else "revoke", str(number), now=now, account=by)


def told_to_wipe(connection: psycopg.Connection, number: int, *, now: dt.datetime) -> None:
    """Note that the order to wipe was handed to the device for the first time."""
    told = connection.execute(
        "UPDATE device SET wipe_told_at = %s WHERE number = %s AND wipe_told_at IS NULL", (now, number)
    )
    if told.rowcount:
        audit.note(connection, "wipe-told", str(number), now=now, device=number)
