"""The way to PostgreSQL: a bounded number of connections, and a clear word when none is free."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, Self

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S: Final = 3.0
"""How long a request waits for a connection before it is told to come again."""

_CLOSE_S: Final = 1.0
"""How long each thread of the pool, and each statement that still runs, is waited for in the end."""
_PLANS: Final = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off"
"""Every statement finds its rows by a key. To plan one anew for each list costs more than the work itself,
and in a new database, of which nothing is known yet, plans would read whole tables."""


class OverloadedError(Exception):
    """No connection became free in time: the device should come again a little later."""


class Database:
    """The connections of one worker."""

    def __init__(self, url: str, *, size: int = 8, wait: float = WAIT_S) -> None:
        self.url = url
        self._lent: set[psycopg.Connection] = set()
        self._pool: ConnectionPool[psycopg.Connection] = ConnectionPool(
            url,
            min_size=1,
            max_size=size,
            timeout=wait,
            reconnect_timeout=wait,  # then the next request tries anew: longer pauses would outlast an outage
            open=False,
            kwargs={"autocommit": True},
            configure=_configure,
        )

    def open(self) -> None:
        """Connect; without PostgreSQL this fails at once.

        Raises:
            psycopg.OperationalError: it cannot be reached.
        """
        psycopg.connect(self.url, connect_timeout=10).close()
        self._pool.open()

    def close(self) -> None:
        """Give back all connections; a statement that still runs is broken off: its thread is to end."""
        self._pool.close(_CLOSE_S)
        for held in list(self._lent):
            with suppress(psycopg.Error):
                held.cancel_safe(timeout=_CLOSE_S)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[psycopg.Connection]:
        """Lend a connection for single statements, each of which sees one state of the data."""
        try:
            held = self._pool.getconn()
        except PoolTimeout as none_free:
            raise OverloadedError from none_free
        self._lent.add(held)
        try:
            yield held
        finally:
            self._lent.discard(held)
            self._pool.putconn(held)

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection]:
        """Lend a connection for one transaction: it stands when the block ends, and not if it fails."""
        with self.reading() as connection, connection.transaction():
            yield connection

    def ready(self) -> bool:
        """Tell whether the database answers."""
        try:
            with self.reading() as connection:
                connection.execute("SELECT 1")
        except (OverloadedError, psycopg.Error):
            return False
        return True


def _configure(connection: psycopg.Connection) -> None:
    connection.execute(_PLANS)
    connection.prepare_threshold = 1
