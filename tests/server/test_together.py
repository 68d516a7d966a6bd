"""Statements that travel together are done together, or not at all."""

from __future__ import annotations

import psycopg
import pytest

from server.postgres.together import Together

_ADD = "INSERT INTO rate_limit (key, tokens, at) VALUES (%s, %s, now())"


def keys(connection):
    return {key for (key,) in connection.execute("SELECT key FROM rate_limit")}


def test_all_of_them_are_carried_out(database):
    with database.connection() as connection:
        connection.execute(_ADD, (b"old", 1))
        writing = Together(connection)
        writing.add(_ADD, [b"one", 1])
        writing.add(_ADD, [b"two", 2])
        writing.add("DELETE FROM rate_limit WHERE key = %s", [b"old"])
        writing.run()
        assert keys(connection) == {b"one", b"two"}


def test_one_that_fails_undoes_the_others(database):
    with database.reading() as connection:
        connection.execute(_ADD, (b"old", 1))
        writing = Together(connection)
        writing.add(_ADD, [b"one", 1])
        writing.add(_ADD, [b"old", 1])
        with pytest.raises(psycopg.errors.UniqueViolation):
            writing.run()
        assert keys(connection) == {b"old"}


def test_nothing_is_nothing(database):
    with database.reading() as connection:
        Together(connection).run()
