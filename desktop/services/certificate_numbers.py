"""Numbers of certificates, right at once and never given twice: paper cannot be taken back.

They come from a block that the server gave to this device alone; a device without one puts its own id into
the number (docs/decisions/019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop.models import number_series, queries, settings, sync_state
from desktop.models.queries import Query

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from desktop.models.work import Work
    from desktop.services.desk import Desk

COUNTER: Final = "certificate-counter"


def _is_given(connection: Connection, number: str) -> bool:
    """Tell whether a certificate has a number: a restored workspace counts on from where its copy was."""
    where = (("certificate_no", number),)
    return any(
        queries.count(connection, Query("certificate", where=where, binned=binned))
        for binned in (False, True)
    )


def next_number(work: Work, desk: Desk, year: int) -> str:
    """Return the next number of a year: short from a block, else long with the device in it."""
    series = number_series.wanted(work.connection, year)
    while (count := sync_state.next_number(work.connection, series)) is not None:
        number = f"{series}-{count:06d}"
        if not _is_given(work.connection, number):
            return number
    name = f"{COUNTER}:{year}"
    last = settings.read(work.connection, name, 0) + 1
    settings.write(work.connection, name, last)
    return f"JJ{year}-{desk.device.upper()}-{last:05d}"
