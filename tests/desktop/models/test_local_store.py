"""The encrypted file: unreadable without its key, sound under threads, whole after every transaction."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from desktop.models import queries
from desktop.models.queries import Query
from desktop.models.store import FILE, Store, StoreDamagedError, WrongKeyError
from desktop.models.work import Work, new_id
from desktop.services import records

if TYPE_CHECKING:
    import uuid

SECRET = "无氯氟聚氨酯化学发泡剂"


def achievement(desk, **values) -> uuid.UUID:
    key = new_id()
    filled = {"title": SECRET, "secrecy": "public", **values}
    records.save(desk, record_type="achievement", record_id=key, values=filled)
    return key


def test_nothing_saved_can_be_read_from_the_files(desk, store):
    achievement(desk, summary=f"{SECRET} plainly")
    folder = store.path.parent
    while_open = {path.name: path.read_bytes() for path in folder.glob(f"{FILE}*")}
    assert f"{FILE}-wal" in while_open
    store.close()
    for content in (*while_open.values(), store.path.read_bytes()):
        for text in (SECRET, "plainly", "achievement"):
            assert text.encode() not in content
            assert text.encode("utf-16-le") not in content


def test_the_standard_library_cannot_open_it(store):
    store.close()
    with sqlite3.connect(store.path) as plain, pytest.raises(sqlite3.DatabaseError, match="not a database"):
        plain.execute("SELECT name FROM sqlite_master")
    plain.close()


def test_a_wrong_key_and_a_foreign_file_are_refused(store, tmp_path):
    store.close()
    before = store.path.read_bytes()
    with pytest.raises(WrongKeyError):
        Store.open(store.path.parent, b"x" * 32)
    assert store.path.read_bytes() == before
    (tmp_path / FILE).write_bytes(b"This is no database at all. " * 200)
    with pytest.raises(WrongKeyError):
        Store.open(tmp_path, b"k" * 32)


@pytest.mark.parametrize("damage", ["cut in half", "overwritten"])
def test_a_damaged_file_is_told_from_a_wrong_key(store, damage):
    store.close()
    whole = store.path.read_bytes()
    kept = whole[: len(whole) // 2] if damage == "cut in half" else whole[:4096] + b"?" * (len(whole) - 4096)
    store.path.write_bytes(kept)
    with pytest.raises(StoreDamagedError):
        Store.open(store.path.parent, b"k" * 32)
    assert store.path.read_bytes() == kept


def test_an_error_that_is_not_about_the_key_is_not_called_so(tmp_path, monkeypatch):
    def fails(_connection: sa.Connection) -> None:
        raise sa.exc.OperationalError("CREATE", {}, sqlite3.OperationalError("disk is full"))

    monkeypatch.setattr("desktop.models.search.install", fails)
    with pytest.raises(sa.exc.OperationalError, match="disk is full"):
        Store.open(tmp_path, b"k" * 32)


def test_what_was_saved_is_there_when_it_is_opened_again(desk, store):
    key = achievement(desk)
    store.close()
    again = Store.open(store.path.parent, b"k" * 32)
    with again.read() as connection:
        row = queries.get(connection, "achievement", key)
    again.close()
    assert row is not None
    assert row["title"] == SECRET


def test_every_connection_is_prepared(store):
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    connections = [store.engine.connect() for _ in range(8)]  # more than the pool keeps
    for connection in connections:
        held = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
        connection.close()
        assert held == wanted


def test_a_reference_to_nothing_cannot_be_committed(desk, store):
    def dangling() -> None:
        with store.write() as connection:
            work = Work(connection, desk.clock(), "高璟", "d", "坏引用")
            work.put("achievement", new_id(), {"title": "成果", "holder": new_id()})

    with pytest.raises(sa.exc.IntegrityError, match="FOREIGN KEY"):
        dangling()
    with store.read() as connection:
        assert queries.count(connection, Query("achievement")) == 0
    assert store.integrity_problems() == []


def test_a_transaction_that_fails_leaves_nothing(desk, store):
    def half_done() -> None:
        with store.write() as connection:
            Work(connection, desk.clock(), "高璟", "d", "半截").put("party", new_id(), {"name": "某单位"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half_done()
    with store.read() as connection:
        assert queries.count(connection, Query("party")) == 0


def test_a_reader_sees_one_state_while_others_write(desk, store):
    achievement(desk)
    with store.read() as connection:
        assert queries.count(connection, Query("achievement")) == 1
        achievement(desk)
        assert queries.count(connection, Query("achievement")) == 1
    with store.read() as connection:
        assert queries.count(connection, Query("achievement")) == 2


def test_twelve_threads_read_while_two_write(desk, store):
    faults: list[BaseException] = []
    clock_lock = threading.Lock()

    def reader() -> None:
        for _ in range(100):
            with store.read() as connection:
                found = queries.count(connection, Query("achievement", words="聚氨酯"))
                assert found <= queries.count(connection, Query("achievement"))

    def writer() -> None:
        for _ in range(15):
            with clock_lock:
                moment = desk.clock()
            with store.write() as connection:
                work = Work(connection, moment, "高璟", "d", "写")
                work.put("achievement", new_id(), {"title": SECRET, "secrecy": "public"})
                work.finish()

    def guarded(act) -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - told to the main thread below
            faults.append(error)

    threads = [threading.Thread(target=guarded, args=(reader,)) for _ in range(12)]
    threads += [threading.Thread(target=guarded, args=(writer,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert store.integrity_problems() == []
    with store.read() as connection:
        assert queries.count(connection, Query("achievement", words="聚氨酯")) == 30


def test_damage_is_found(desk, store):
    achievement(desk, summary="长" * 2000)
    assert store.integrity_problems() == []
    store.close()
    content = bytearray(store.path.read_bytes())
    content[len(content) // 2] ^= 1
    store.path.write_bytes(content)
    damaged = Store(store.path, Store.open.__globals__["_engine"](store.path, b"k" * 32))
    assert damaged.integrity_problems() != []
    damaged.close()


def test_a_copy_is_whole_encrypted_and_never_replaces_another(desk, store, tmp_path):
    key = achievement(desk)
    target = tmp_path / "copy" / FILE
    target.parent.mkdir()
    assert store.backup(target) == []
    assert SECRET.encode() not in target.read_bytes()
    with pytest.raises(FileExistsError):
        store.backup(target)
    copy = Store.open(target.parent, b"k" * 32)
    with copy.read() as connection:
        assert queries.get(connection, "achievement", key) is not None
        assert queries.count(connection, Query("achievement", words="聚氨酯")) == 1
    copy.close()


def test_a_fault_report_names_versions(store):
    versions = store.versions()
    assert set(versions) == {"SQLite", "SQLCipher", "SQLAlchemy"}
    assert versions["SQLCipher"].startswith("4.")


def test_only_what_can_be_fetched_again_does_not_wait_for_the_disk(store):
    def waits(connection):
        return [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "wal_autocheckpoint")
        ]

    def fail(connection):
        assert waits(connection) == [1, 0]
        raise OSError

    with pytest.raises(OSError), store.write(lasting=False) as connection:
        fail(connection)
    with store.write(lasting=False) as connection:
        assert waits(connection) == [1, 0]
    with store.write() as connection:
        assert waits(connection) == [2, 1000]
