"""Kills a saving program at a random moment and looks at what it left behind."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
import uuid
from typing import TYPE_CHECKING

from desktop.models.store import Store
from desktop.models.work import Work
from tests.saver import KEY

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from sqlalchemy import Connection


def kill_while_saving(folder: Path, kind: str, *, seed: int, longest_s: float) -> list[str]:
    """Run the saver, kill it, and return the ids of the commands it promised."""
    wait_s = random.Random(seed).uniform(0, longest_s)  # noqa: S311 - any moment will do
    command = [sys.executable, "-m", "tests.saver", str(folder), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(wait_s)
        child.kill()
        # A line cut short by the kill promised nothing.
        return [line.strip() for line in child.stdout if line.endswith("\n")]


def assert_whole(folder: Path, promised: list[str], moment: dt.datetime) -> int:
    """Check the store that a killed program left; return how many commands it holds."""
    store = Store.open(folder, KEY)
    assert store.integrity_problems() == []
    with store.read() as connection:
        held = {row.id.hex() for row in connection.exec_driver_sql("SELECT id FROM command")}
        missing = [key for key in promised if key.replace("-", "") not in held]
        assert missing == []
        assert_log_is_whole(connection)
        assert_records_are_as_logged(connection, moment)
        assert_search_is_whole(connection)
    store.close()
    return len(held)


def assert_log_is_whole(connection: Connection) -> None:
    """Every command has its changes; one that names a number of records has as many."""
    commands = connection.exec_driver_sql(
        "SELECT label, count(change.seq) AS changes FROM command"
        " LEFT JOIN change ON change.command = command.seq GROUP BY command.seq"
    )
    for label, changes in commands:
        told = re.search(r"(?:保存|导入) (\d+) 条", label)
        assert changes == (int(told[1]) if told else 1), label


def assert_records_are_as_logged(connection: Connection, moment: dt.datetime) -> None:
    """Every record is what the last line of the log says, and there are no others."""
    work = Work(connection, moment, "looker", "device", "")
    last = connection.exec_driver_sql(
        "SELECT record_type, record, after FROM change"
        " WHERE seq IN (SELECT max(seq) FROM change GROUP BY record)"
    ).all()
    counts: dict[str, int] = {}
    for record_type, record, after in last:
        counts[record_type] = counts.get(record_type, 0) + 1
        if after is not None:
            assert work.wire(record_type, uuid.UUID(bytes=record)) == json.loads(after)
    for record_type, number in counts.items():
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {record_type}").scalar() == number


def assert_search_is_whole(connection: Connection) -> None:
    """The index finds each record by the word that all their titles share."""
    for record_type in ("party", "achievement", "task"):
        index = f"search_{record_type}"
        found = connection.exec_driver_sql(f"SELECT count(*) FROM {index} WHERE {index} MATCH '\"记录\"'")
        rows = connection.exec_driver_sql(f"SELECT count(*) FROM {record_type}")
        assert found.scalar() == rows.scalar()
