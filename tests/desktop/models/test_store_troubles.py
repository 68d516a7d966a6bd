"""A full disk and a locked file are told from bugs, by what SQLite really says."""

from __future__ import annotations

import errno

import pytest
from sqlalchemy.exc import DBAPIError

from desktop.models.store_troubles import store_trouble
from desktop.models.work import new_id


def test_a_full_disk_is_told(store):
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(DBAPIError) as full:
            connection.exec_driver_sql(
                "INSERT INTO draft (record, record_type, body, at) VALUES (?, 'party', ?, '')",
                (new_id().bytes, "x" * 1_000_000),
            )
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    assert store_trouble(full.value) == "disk-full"


def test_a_locked_file_is_told(store):
    with store.write(), store.engine.connect() as other:
        other.exec_driver_sql("PRAGMA busy_timeout = 0")
        with pytest.raises(DBAPIError) as locked:
            other.exec_driver_sql("UPDATE sync_now SET shift_ms = 0")
        other.exec_driver_sql("PRAGMA busy_timeout = 10000")
    assert store_trouble(locked.value) == "store-busy"


def test_a_bug_is_no_trouble_of_the_machine(store):
    with store.read() as connection, pytest.raises(DBAPIError) as wrong:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")
    assert store_trouble(wrong.value) is None
    assert store_trouble(ValueError("database or disk is full")) is None


@pytest.mark.parametrize(
    ("number", "trouble"), [(errno.ENOSPC, "disk-full"), (errno.EFBIG, "disk-full"), (errno.ENOENT, None)]
)
def test_files_beside_the_store_count_too(number, trouble):
    assert store_trouble(OSError(number, "")) == trouble
