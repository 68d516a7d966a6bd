"""A real PostgreSQL for every test that asks: set up once a run, and empty for every test.

It gives up the durability that nobody needs here and keeps everything else.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from server.postgres.database import Database
from server.postgres.embedded import Embedded
from server.postgres.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEMPLATE = "migrated"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Return the URL of the PostgreSQL server, with the migrated database that the tests use."""
    # A short path of its own: the name of a socket may have 107 bytes, and for root it runs as another user.
    with tempfile.TemporaryDirectory(prefix="td", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with Embedded(Path(folder, "data")) as url:
            with psycopg.connect(url, autocommit=True) as connection:
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
                connection.execute("SELECT pg_reload_conf()")
                connection.execute(f"CREATE DATABASE {_TEMPLATE}")
            with psycopg.connect(make_conninfo(url, dbname=_TEMPLATE), autocommit=True) as connection:
                migrate(connection)
            yield url


@pytest.fixture
def database_url(postgres: str) -> Iterator[str]:
    """Return the URL of a database as the migrations leave it; what a test writes is gone after it."""
    url = make_conninfo(postgres, dbname=_TEMPLATE)
    yield url
    with psycopg.connect(url, autocommit=True) as connection:
        # A test that was stopped in the middle may have left a connection with a lock.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        named = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version'"
        )
        # TRUNCATE takes fifty times as long on tables that hold a few rows: it makes new files for each.
        emptied = [sql.SQL("DELETE FROM {}").format(sql.Identifier(row[0])) for row in named]
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")  # in any order of references
            connection.execute(sql.SQL("; ").join(emptied))
        connection.execute(
            "SELECT setval(format('%I', sequencename)::regclass, start_value, false) FROM pg_sequences"
            " WHERE last_value IS NOT NULL"
        )


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with Database(database_url, size=4) as opened:
        yield opened
