"""Opens what an installation keeps: its PostgreSQL, brought to the form this program expects."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import psycopg

from server.postgres.database import Database
from server.postgres.embedded import Embedded
from server.postgres.migrate import migrate
from server.records import history

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.settings import Settings


@contextmanager
def opened(settings: Settings, *, kept: bool = False) -> Iterator[Database]:
    """Lend the database of an installation; the PostgreSQL that comes with the server runs as long.

    If it is to be ``kept``, it is started again whenever it dies meanwhile.

    Raises:
        psycopg.OperationalError: the database named in the settings cannot be reached.
        NewerDatabaseError: a newer program has been here.
    """
    with ExitStack() as held:
        own = Embedded(settings.postgres_dir)
        url = settings.database or held.enter_context(own)
        if kept and not settings.database:
            own.keep()
        with psycopg.connect(url, autocommit=True) as connection:
            migrate(connection)
            history.prepare(connection, dt.datetime.now(dt.UTC).date())
        yield held.enter_context(Database(url, size=settings.pool))
