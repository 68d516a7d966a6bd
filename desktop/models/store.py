"""The encrypted SQLite file: opening it, its connections and its transactions."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as sqlcipher

from desktop.models import migrations, search
from desktop.models.incoming import in_bulk, unfolding
from desktop.models.outgoing import capture
from domain.protocol import CLOCK_BITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILE: Final = "desk.db"
BUSY_MS: Final = 10_000
LASTING: Final = ("synchronous = FULL", "wal_autocheckpoint = 1000")
PASSING: Final = ("synchronous = NORMAL", "wal_autocheckpoint = 0")
"""No commit waits for the disk, and none folds the log into the file."""
_TICK: Final = f"UPDATE sync_now SET clock = max(clock + 1, (? + shift_ms) << {CLOCK_BITS})"
CACHE_KIB: Final = 32_768  # a page out of the cache must be deciphered again


class WrongKeyError(Exception):
    """The file is there, but this key does not open it (or it is no store at all)."""


class StoreDamagedError(Exception):
    """The key opens the file, but what is inside it is broken.

    Damage to the very first page cannot be told from a wrong key: it holds the salt of the cipher.
    """


def system_ms() -> int:
    """Return this machine's time in milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Store:
    """One workspace's data; safe to use from several threads, each on a connection of its own.

    ``now_ms`` is the machine's time, for the clock by which edits of several devices are put in order.
    """

    path: Path
    engine: sa.Engine
    now_ms: Callable[[], int] = system_ms

    @classmethod
    def open(cls, folder: Path, key: bytes, *, now_ms: Callable[[], int] = system_ms) -> Store:
        """Open or create the store in ``folder``, migrated, searchable and with every edit captured.

        Raises:
            WrongKeyError: the key does not open the file.
            StoreDamagedError: the key opens the file, but it is broken.
        """
        folder.mkdir(parents=True, exist_ok=True)
        store = cls(folder / FILE, _engine(folder / FILE, key), now_ms)
        try:
            with store._transaction() as connection:
                migrations.upgrade(connection)
                search.install(connection)
                capture.install(connection)
                unfolding.unfold(connection)
                while in_bulk.catch_up(connection):
                    pass
        except sa.exc.DatabaseError as error:
            store.close()
            if "not a database" in str(error):
                raise WrongKeyError(str(folder)) from error
            if "malformed" in str(error):
                raise StoreDamagedError(str(folder)) from error
            raise
        return store

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Yield a connection that sees one unchanging state of the store."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def write(self, *, applying: bool = False, lasting: bool = True) -> Iterator[sa.Connection]:
        """Yield the one writing transaction; it is committed whole at the end, or not at all.

        It is one user action with a clock of its own. With ``applying`` it is none: what it writes comes
        from the server, and nothing of it is sent. Not ``lasting`` is what can be fetched again: a power cut
        before the next write or ``fold`` may take it back, whole; the end of the program does not.
        """
        with self._transaction(lasting=lasting) as connection:
            if applying:
                connection.exec_driver_sql("UPDATE sync_now SET applying = 1")
                yield connection
                connection.exec_driver_sql("UPDATE sync_now SET applying = 0")
            else:
                connection.exec_driver_sql(_TICK, (self.now_ms(),))
                yield connection

    @contextlib.contextmanager
    def _transaction(self, *, lasting: bool = True) -> Iterator[sa.Connection]:
        with (
            self.engine.connect().execution_options(writes=True) as connection,
            contextlib.nullcontext() if lasting else _without_waiting(connection),
            connection.begin(),
        ):
            yield connection

    def fold(self) -> None:
        """Move what was written into the file itself, so that the log beside it is used from its start."""
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            connection.close()

    def integrity_problems(self) -> list[str]:
        """Return what SQLite and SQLCipher find wrong with the file; an empty list is a sound store."""
        found: list[str] = []
        with self.engine.connect() as connection:
            for check in ("cipher_integrity_check", "integrity_check", "foreign_key_check"):
                try:
                    rows = connection.exec_driver_sql(f"PRAGMA {check}").all()
                    found += [" ".join(map(str, row)) for row in rows if row[0] != "ok"]
                except sa.exc.DatabaseError as error:  # so damaged that the check itself gives up
                    found.append(f"{check}: {error.orig}")
        return found

    def backup(self, path: Path) -> list[str]:
        """Write a whole, compact copy under the same key and return what is wrong with it: nothing.

        The copy shows one state of the store although others go on writing; it is opened with the very
        key and looked through before this returns.

        Raises:
            FileExistsError: there is a file of that name; a copy never replaces another.
        """
        if path.exists():
            raise FileExistsError(path)
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM INTO ?", (str(path),))
            cursor.execute("ATTACH ? AS copy", (str(path),))
            found = cursor.execute("PRAGMA copy.integrity_check").fetchall()
            found += cursor.execute("PRAGMA copy.cipher_integrity_check").fetchall()
            cursor.execute("DETACH copy")
        finally:
            connection.close()
        return [str(row[0]) for row in found if row[0] != "ok"]

    def versions(self) -> dict[str, str]:
        """Return the versions that a fault report needs."""
        with self.engine.connect() as connection:
            cipher = connection.exec_driver_sql("PRAGMA cipher_version").scalar_one()
        return {"SQLite": sqlcipher.sqlite_version, "SQLCipher": str(cipher), "SQLAlchemy": sa.__version__}

    def close(self) -> None:
        """Close every connection; the write-ahead log is folded into the file."""
        self.engine.dispose()


def _engine(path: Path, key: bytes) -> sa.Engine:
    """Build the engine: the usual SQLite dialect on SQLCipher, an explicit pool, a raw key.

    SQLAlchemy's own SQLCipher URL picks a pool that crashes under threads, and a passphrase as key costs
    19 times the opening time; both are avoided here.
    """

    def connect() -> Any:
        connection = sqlcipher.connect(str(path), check_same_thread=False, isolation_level=None)
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("PRAGMA cipher_log_level = NONE")
        return connection

    engine = sa.create_engine(
        "sqlite://",
        module=sqlcipher,
        creator=connect,
        poolclass=QueuePool,
        pool_size=6,
        max_overflow=10,
        pool_use_lifo=True,  # the connection used last has the warmest cache
    )
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    for pragma in (
        "journal_mode = WAL",
        *LASTING,
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_MS}",
        "temp_store = MEMORY",
        f"cache_size = -{CACHE_KIB}",
        "trusted_schema = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    search.register(connection)


@contextlib.contextmanager
def _without_waiting(connection: sa.Connection) -> Iterator[None]:
    driver: Any = connection.connection.driver_connection  # in a transaction it could not be changed
    try:
        for pragma in PASSING:
            driver.execute(f"PRAGMA {pragma}")
        yield
    finally:
        for pragma in LASTING:
            driver.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
