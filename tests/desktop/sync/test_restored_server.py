"""A server that was taken back to a backup gets from its devices what it lost; no device loses anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from psycopg import sql

from desktop.models.outgoing import outbox
from server.operations import upkeep
from tests.offices import now

if TYPE_CHECKING:
    from server.postgres.database import Database

TABLES = ("entity", "scope", "history", "device_batch", "device_answer", "blob_ref")
"""What push and pull write; accounts and devices are taken to be those of the backup."""


class Backup:
    """What the server held at a moment."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._run("DROP TABLE IF EXISTS {copy}")
        self._run("CREATE TABLE {copy} AS SELECT * FROM {table}")

    def restore(self, *, told: bool) -> None:
        """Take the server back; ``told``: the administrator has said so, as the manual asks."""
        for statement in (
            "DELETE FROM {table}",
            "INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {copy}",
            "DROP TABLE {copy}",
        ):
            self._run(statement)
        if told:
            with self.database.connection() as connection:
                upkeep.restored(connection, now=now())

    def _run(self, statement: str) -> None:
        with self.database.connection() as connection:
            for name in TABLES:
                names = {"table": sql.Identifier(name), "copy": sql.Identifier(f"backup_{name}")}
                connection.execute(sql.SQL(statement).format(**names))


@pytest.mark.parametrize("told", [True, False])
def test_what_the_server_lost_comes_back_from_its_devices(office, told):
    first, second = office.desk(), office.desk()
    old = first.put("party", name="早有的公司", kind="organisation")
    for desk in (first, second):
        desk.sync()
    backup = Backup(office.app.state.database)
    new = first.put("party", name="备份之后的公司", kind="organisation")
    first.put("party", old, address="备份之后的地址")
    first.sync()
    second.sync()
    theirs = second.put("party", name="对方备份之后的公司", kind="organisation")
    second.sync()
    waiting = first.put("party", name="还没有送出的公司", kind="organisation")
    backup.restore(told=told)
    for desk in (first, second, first, second):
        desk.sync()
    assert first.rows() == second.rows()
    assert {row_id for kind, row_id in first.rows() if kind == "party"} == {old, new, theirs, waiting}
    assert first.get("party", old)["address"] == "备份之后的地址"
    fresh = office.desk()
    fresh.sync()
    assert fresh.rows() == first.rows()
    for desk in (first, second):
        with desk.store.read() as connection:
            assert outbox.counts(connection) == outbox.Counts(0, 0, 0, 0)


def test_a_device_that_syncs_once_more_is_told_nothing_again(office):
    desk = office.desk()
    desk.put("party", name="甲公司", kind="organisation")
    desk.sync()
    with office.app.state.database.connection() as connection:
        upkeep.restored(connection, now=now())
    desk.sync()
    again = desk.sync()
    assert (again.sent, again.received) == (0, 0)
