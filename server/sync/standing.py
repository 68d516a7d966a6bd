"""How a device stands when it comes: how far it is known here, and what it may see now; one look for all."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.records import grants

if TYPE_CHECKING:
    import psycopg

    from server.caller import Caller
    from server.records.grants import Granted

NOTED_AGAIN: Final = dt.timedelta(minutes=1)
"""That a device was here is written down no more often than this."""
_LONGEST_BUILD: Final = 60
_LOOK: Final = b"""
    SELECT coalesce(known.last, 0), (SELECT coalesce(max(version), 0) FROM trust_list),
        device.seen_at, device.build, scopes.*
    FROM device LEFT JOIN device_batch known ON known.device = device.number LEFT JOIN (%b) scopes ON true
    WHERE device.number = %%s
"""
_NOTE: Final = "UPDATE device SET seen_at = %s, build = %s WHERE number = %s"


@dataclass(frozen=True, slots=True)
class Standing:
    """The number of a device's last batch, its last visit and program, and what it may see.

    ``trust`` is the version of the trust list.
    """

    last: int
    trust: int
    seen_at: dt.datetime | None
    build: str
    scopes: list[Granted]


def look(connection: psycopg.Connection, caller: Caller) -> Standing:
    """Return how a caller's device stands."""
    statement, values = grants.question(caller)
    found = connection.execute(_LOOK % statement, [*values, caller.device]).fetchall()
    last, trust, seen_at, build = found[0][:4]
    scopes = [row[4:] for row in found if row[4] is not None]
    return Standing(last, trust, seen_at, build, grants.granted(connection, caller, scopes))


def note(
    connection: psycopg.Connection, caller: Caller, standing: Standing, build: str, now: dt.datetime
) -> None:
    """Write down that a device was here with a program, if that is news."""
    told = build[:_LONGEST_BUILD].replace("\0", "")
    if standing.seen_at is None or now - standing.seen_at > NOTED_AGAIN or told != standing.build:
        connection.execute(_NOTE, (now, told, caller.device))
