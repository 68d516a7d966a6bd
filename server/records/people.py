"""Whose a device is: the names that stand beside changes on every screen and in every conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.merge import NOBODY
from domain.protocol import Person

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

SERVER: Final = NOBODY
"""The device of what the server made itself: no device has this number, so every one is told of it."""


def people(connection: psycopg.Connection, devices: Iterable[int]) -> dict[int, Person]:
    """Return the persons behind the devices that are known."""
    wanted = sorted(set(devices) - {SERVER})
    if not wanted:
        return {}
    rows = connection.execute(
        "SELECT d.number, a.name, d.label FROM device d JOIN account a ON a.id = d.account"
        " WHERE d.number = ANY(%s)",
        (wanted,),
    )
    return {number: Person(number, name, label) for number, name, label in rows}
