"""Number blocks: numbers that must be unique although certificates are issued without a network.

A device owns a block alone. A lost answer is harmless: blocks the device does not yet know are told again
before a new one is made. Nothing is ever handed out twice except what was explicitly returned unused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from psycopg.rows import class_row

from domain.problems import refuse
from domain.protocol import Block
from domain.scopes import RIGHTS, TRAINING
from server.accounts import audit

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    import psycopg

    from domain.protocol import BlockRequest
    from server.caller import Caller

SIZE: Final = 500
LOW: Final = 100
"""A device that has fewer numbers left is given another block."""
SERIES: Final = re.compile(r"[\w.-]{1,40}")
STATES: Final[Mapping[str, str]] = {"granted": "使用中", "returned": "已交回", "void": "作废"}
"""What people call the states of a block."""
_SERIES_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Grant:
    """A block as administrators see it; ``next`` is the first unused number, known once it was returned."""

    id: int
    organisation: str
    series: str
    first: int
    last: int
    next: int
    device: int
    state: str
    granted_at: dt.datetime


def grant(
    connection: psycopg.Connection, caller: Caller, requests: Sequence[BlockRequest], now: dt.datetime
) -> list[Block]:
    """Return the blocks a device should have and does not know of; none to who issues no certificates."""
    if RIGHTS[caller.role].get(TRAINING) != "write":
        return []
    given: list[Block] = []
    for asked in requests[:_SERIES_AT_ONCE]:
        if not SERIES.fullmatch(asked.series):
            continue
        unheard = _unheard(connection, caller, asked)
        if not unheard and asked.left < LOW:
            unheard = [give(connection, caller.organisation, caller.device, asked.series, now=now)]
        given += unheard
    return given


def give(
    connection: psycopg.Connection, organisation: UUID | str, device: int, series: str, *, now: dt.datetime
) -> Block:
    """Give a device a block of a series: first what another one returned, else the next numbers.

    The row of the series is locked until the transaction ends: no number goes to two devices.
    """
    connection.execute(
        "INSERT INTO number_series (organisation, series, next) VALUES (%s, %s, 1) ON CONFLICT DO NOTHING",
        (organisation, series),
    )
    counter = connection.execute(
        "SELECT next FROM number_series WHERE organisation = %s AND series = %s FOR UPDATE",
        (organisation, series),
    ).fetchone()
    first = int(counter[0]) if counter else 1
    ends = _taken_back(connection, organisation, series)
    if ends is None:
        ends = first, first + SIZE - 1
        connection.execute(
            "UPDATE number_series SET next = %s WHERE organisation = %s AND series = %s",
            (first + SIZE, organisation, series),
        )
    made = connection.execute(
        "INSERT INTO number_block (organisation, series, first, last, next, device, granted_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (organisation, series, *ends, ends[0], device, now),
    ).fetchone()
    return Block(series, *ends, made[0] if made else 0)


def take_back(connection: psycopg.Connection, block: int, first_unused: int, *, now: dt.datetime) -> None:
    """Take a block back; numbers from ``first_unused`` on will be given to another device.

    Raises:
        Refusal: no such block is out, or the number does not belong to it.
    """
    done = connection.execute(
        "UPDATE number_block SET state = 'returned', next = %(next)s"
        " WHERE id = %(id)s AND state <> 'returned' AND %(next)s BETWEEN first AND last + 1",
        {"id": block, "next": first_unused},
    )
    if not done.rowcount:
        why = f"号段 {block} 不存在或已交回，或 {first_unused} 不在其中；可用 block list 查看"
        raise refuse("号段", "plain", why=why)
    audit.note(connection, "block-return", f"{block} {first_unused}", now=now)


def void_all(connection: psycopg.Connection, device: int) -> None:
    """Void what a device holds: nobody knows which of the numbers it has used."""
    connection.execute(
        "UPDATE number_block SET state = 'void' WHERE device = %s AND state = 'granted'", (device,)
    )


def listed(connection: psycopg.Connection) -> list[Grant]:
    """Return all blocks by organisation, series and number."""
    with connection.cursor(row_factory=class_row(Grant)) as cursor:
        return cursor.execute(
            "SELECT number_block.id, organisation.name AS organisation, series, first, last, next, device,"
            " state, granted_at FROM number_block"
            " JOIN organisation ON organisation.id = number_block.organisation"
            " ORDER BY organisation.name, series, first"
        ).fetchall()


def _unheard(connection: psycopg.Connection, caller: Caller, asked: BlockRequest) -> list[Block]:
    rows = connection.execute(
        "SELECT series, first, last, id FROM number_block"
        " WHERE device = %s AND series = %s AND state = 'granted' AND id > %s ORDER BY id",
        (caller.device, asked.series, asked.known),
    )
    return [Block(*row) for row in rows]


def _taken_back(
    connection: psycopg.Connection, organisation: UUID | str, series: str
) -> tuple[int, int] | None:
    """Use up the unused end of a returned block, and return its first and last number."""
    return connection.execute(
        "WITH chosen AS (SELECT id, next, last FROM number_block WHERE organisation = %s AND series = %s"
        " AND state = 'returned' AND next <= last ORDER BY next LIMIT 1)"
        " UPDATE number_block SET next = number_block.last + 1 FROM chosen"
        " WHERE number_block.id = chosen.id RETURNING chosen.next, chosen.last",
        (organisation, series),
    ).fetchone()
