"""What an installation needs to run: settings, its database in the right form, connections, frames."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import psycopg
import pytest

from server import frames
from server.operations.installation import opened
from server.postgres.database import Database, OverloadedError
from server.postgres.migrate import FOLDER, NewerDatabaseError, current, migrate
from server.records import history, snapshots
from server.records.grants import Granted
from server.settings import Settings

# ── settings ────────────────────────────────────────────────────────────────────────────────────


def test_settings_go_through_the_environment_and_come_back():
    made = Settings(data_dir=Path("/srv/desk"), port=9, workers=2, tls_cert=Path("/c"), behind_proxy=True)
    assert Settings.from_environment(made.to_environment()) == made
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"TRANSFER_DESK_SERVER_HOST": "", "HOST": "x"}) == Settings()


def test_the_places_of_an_installation():
    made = Settings(data_dir=Path("d"))
    assert (made.postgres_dir, made.snapshot_dir) == (Path("d/postgres"), Path("d/snapshots"))


# ── migrations ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def empty(postgres):
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA trial")
        connection.execute("SET search_path TO trial")
        yield connection
        connection.execute("DROP SCHEMA trial CASCADE")


def test_every_step_runs_once_and_in_order(empty):
    names = sorted(path.stem for path in FOLDER.glob("*.sql"))
    assert not current(empty)
    assert migrate(empty) == names
    assert migrate(empty) == []
    assert current(empty)


def test_a_step_that_fails_leaves_nothing(empty, tmp_path):
    (tmp_path / "0001_good.sql").write_text("CREATE TABLE good ()")
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE nothing (")
    (tmp_path / "notes.sql").write_text("SELECT nothing")
    with pytest.raises(psycopg.errors.SyntaxError):
        migrate(empty, tmp_path)
    assert empty.execute("SELECT to_regclass('good')").fetchone() == (None,)


def test_an_older_program_leaves_a_newer_database_alone(empty, tmp_path):
    migrate(empty)
    with pytest.raises(NewerDatabaseError):
        migrate(empty, tmp_path)


def test_each_month_of_the_history_has_its_table(database):
    with database.connection() as connection:
        history.prepare(connection, dt.date(2026, 11, 15))
        history.prepare(connection, dt.date(2026, 12, 31))
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE 'history_20%' AND relkind = 'r' ORDER BY 1"
        ).fetchall()
    months = {"history_2026_11", "history_2026_12", "history_2027_01", "history_2027_02"}
    assert months <= {name for (name,) in tables}


def test_a_month_that_has_begun_without_its_table_goes_on_without_it(database):
    """The server ran for a quarter of a year and nobody pruned: it must start again all the same."""
    with database.connection() as connection:
        connection.execute(
            "INSERT INTO history (scope, seq, last, at, clock, device, action)"
            " VALUES (1, 1, 1, '2031-06-03', 0, 1, 1)"
        )
        history.prepare(connection, dt.date(2031, 5, 30))
        held = connection.execute("SELECT tableoid::regclass::text FROM history").fetchall()
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE 'history_2031%'"
        ).fetchall()
    assert held == [("history_other",)]
    assert {"history_2031_05", "history_2031_07"} <= {name for (name,) in tables}
    assert ("history_2031_06",) not in tables


# ── connections ─────────────────────────────────────────────────────────────────────────────────


def test_an_installation_opens_migrates_and_closes(database_url, tmp_path):
    with opened(Settings(data_dir=tmp_path, database=database_url)) as database:
        assert database.ready()
        with database.reading() as connection:
            assert current(connection)


def test_a_database_that_is_not_there_is_told_at_once(tmp_path):
    with pytest.raises(psycopg.OperationalError), Database(f"host={tmp_path} dbname=none"):
        pass


def test_a_transaction_stands_whole_or_not_at_all(database):
    with pytest.raises(psycopg.errors.UndefinedTable), database.connection() as connection:
        connection.execute("INSERT INTO scope (key) VALUES ('x'); SELECT * FROM nothing")
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM scope").fetchone() == (0,)


def test_who_finds_no_connection_is_told_soon(database_url):
    with Database(database_url, size=1, wait=0.05) as database, database.reading():
        with pytest.raises(OverloadedError), database.reading():
            pass
        assert not database.ready()


def test_a_statement_that_runs_at_the_end_is_broken_off(database_url):
    ended = []

    def linger(database):
        with pytest.raises(psycopg.errors.QueryCanceled), database.reading() as connection:
            connection.execute("SELECT pg_sleep(3600)")
        ended.append(True)

    running = "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(3600)' AND state = 'active'"
    with psycopg.connect(database_url, autocommit=True) as watching, Database(database_url) as database:
        lingering = threading.Thread(target=linger, args=[database], daemon=True)
        lingering.start()
        while not watching.execute(running).fetchall():
            pass
    lingering.join(20)
    assert ended


def test_of_the_copies_that_are_wished_for_none_is_begun_in_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(snapshots, "_LEAVE_S", 0.01)
    begun, ended, made = threading.Event(), threading.Event(), []

    class Slow(snapshots.Snapshots):
        def make(self, scope):
            begun.set()
            made.append(scope.key if ended.wait(20) else "in vain")
            return 0

    with Slow("", tmp_path, least=1) as copies:
        for key in ("first", "second"):
            copies.wish(Granted(1, key, writes=True, label="", epoch=1, head=1, mark=0, live=1, digest=0))
        begun.wait(20)
    ended.set()
    copies._thread.join(20)
    assert made == ["first"]


# ── frames ──────────────────────────────────────────────────────────────────────────────────────


def test_a_frame_gives_back_its_message():
    for message in (b"", b"x", bytes(100_000)):
        assert frames.unpack(frames.pack(message)) == message
    assert frames.unpack(frames.pack(b"abc" * 100, level=9)) == b"abc" * 100


@pytest.mark.parametrize(
    "frame",
    [b"", b"no frame", frames.pack(b"x" * 100)[:-3], frames.pack(b"x") + b"more", frames.pack(bytes(101))],
)
def test_what_is_no_frame_or_too_long_is_refused(frame):
    with pytest.raises(frames.FrameError):
        frames.unpack(frame, limit=100)
