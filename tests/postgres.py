"""A real PostgreSQL for every test that asks: set up once a run, with a fresh database for every test.

It gives up the durability that nobody needs here and keeps everything else.
"""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from server.database import Database
from server.embedded import Embedded
from server.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEMPLATE = "migrated"
_names = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Return the URL of the PostgreSQL server, in which the database ``migrated`` is the pattern of all."""
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
    """Return the URL of a fresh database with every migration done."""
    name = sql.Identifier(f"test_{next(_names)}")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(_TEMPLATE)))
        yield make_conninfo(postgres, dbname=name.as_string(connection).strip('"'))
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with Database(database_url, size=4) as opened:
        yield opened
