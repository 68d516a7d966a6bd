"""The series of numbers this device draws from: sync asks the server for a block before one runs out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop.models import settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

SERIES: Final = "number-series"
CERTIFICATES: Final = "JJ"


def wanted(connection: Connection, year: int) -> str:
    """Return the series of a year's certificates, and remember that this device needs numbers of it."""
    series = f"{CERTIFICATES}{year}"
    known = needed(connection)
    if series not in known:
        settings.write(connection, SERIES, [*known, series])
    return series


def needed(connection: Connection) -> list[str]:
    """Return the series this device needs numbers of, be there a block of them yet or not."""
    found: list[str] = settings.read(connection, SERIES, [])
    return found
