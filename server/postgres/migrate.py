"""Brings the database to the form this program expects, once, however many workers start together."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

FOLDER: Final = Path(__file__).with_name("migrations")
_LOCK: Final = 0x7D5_0001
"""The advisory lock that only migrations take."""


class NewerDatabaseError(Exception):
    """The database was brought to a newer form by a newer program; this one would damage it."""


def migrate(connection: psycopg.Connection, folder: Path = FOLDER) -> list[str]:
    """Run every step that has not been run, in order, all or none, and return the names of those.

    Raises:
        NewerDatabaseError: the database has seen steps that this program does not know.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_version ("
            " number integer PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL DEFAULT now())"
        )
        done = {number for (number,) in connection.execute("SELECT number FROM schema_version")}
        known = dict(_steps(folder))
        if not done <= known.keys():
            raise NewerDatabaseError(f"unknown steps: {sorted(done - known.keys())}")
        due = [(number, path) for number, path in sorted(known.items()) if number not in done]
        for number, path in due:
            connection.execute(path.read_bytes())
            connection.execute(
                "INSERT INTO schema_version (number, name) VALUES (%s, %s)", (number, path.stem)
            )
    return [path.stem for _, path in due]


def current(connection: psycopg.Connection, folder: Path = FOLDER) -> bool:
    """Tell whether every step of this program has been run."""
    if connection.execute("SELECT to_regclass('schema_version')").fetchone() == (None,):
        return False
    done = {number for (number,) in connection.execute("SELECT number FROM schema_version")}
    return done == dict(_steps(folder)).keys()


def _steps(folder: Path) -> Iterator[tuple[int, Path]]:
    for path in folder.glob("*.sql"):
        named = re.fullmatch(r"(\d{4})_\w+", path.stem)
        if named:
            yield int(named[1]), path
