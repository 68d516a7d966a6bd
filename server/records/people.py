"""Whose a device is: the names that stand beside changes on every screen and in every conflict.

Neither a person's name nor a device's label ever changes here, so a connection remembers whom it has told of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from domain.merge import NOBODY
from domain.protocol import Person

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

SERVER: Final = NOBODY
"""The device of what the server made itself: no device has this number, so every one is told of it."""
_KNOWN: Final[WeakKeyDictionary[psycopg.Connection, dict[int, Person]]] = WeakKeyDictionary()
_KNOWN_AT_MOST: Final = 10_000
_READ: Final = """
    SELECT d.number, a.name, d.label FROM device d JOIN account a ON a.id = d.account WHERE d.number = ANY(%s)
"""


def people(connection: psycopg.Connection, devices: Iterable[int]) -> dict[int, Person]:
    """Return the persons behind the devices that are known."""
    wanted = sorted(set(devices) - {SERVER})
    known = _KNOWN.setdefault(connection, {})
    missing = [number for number in wanted if number not in known]
    if missing:
        if len(known) > _KNOWN_AT_MOST:
            known.clear()
            missing = wanted
        known.update((row[0], Person(*row)) for row in connection.execute(_READ, (missing,)))
    return {number: known[number] for number in wanted if number in known}
