"""A prepared copy enters by the transaction, resumed from whatever the last whole one had reached."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from desktop.models import queries
from desktop.models.incoming import grants, in_bulk
from desktop.models.queries import Query
from desktop.models.store import FILE, Store, _engine
from desktop.sync import frames, snapshots
from desktop.sync.failpoints import VARIABLE
from desktop.sync.line import Line
from desktop.sync.troubles import OfflineError
from domain import protocol as p
from domain import sheaves
from domain.pages import Full, Page
from domain.registry import wire_types
from tests.offices import KEY

ROOT = Path(__file__).resolve().parents[3]
PARTY = wire_types()["party"]
COPY = snapshots.Pending("a:org", 7, 0)
EACH = in_bulk.FEWEST
TAKING = """
import sys
from pathlib import Path
from desktop.models.store import Store
from tests.desktop.sync.test_prepared_copies import KEY, Serving, prepared, take
store = Store.open(Path(sys.argv[1]), KEY)
take(store, Serving(prepared(3)))
store.close()
"""


class Serving:
    """Stands for a server's prepared copy; ``until`` is where the line breaks."""

    def __init__(self, body, until=None):
        self.body, self.until, self.starts = body, until, []

    def pieces(self, _path, *, start):
        self.starts.append(start)
        yield self.body[start : self.until]
        if self.until is not None:
            raise OfflineError("cut")


def prepared(pages):
    return b"".join(records(pages))


def records(pages):
    """Yield the pages of a copy, as they are in the file."""
    for since in range(0, pages * EACH, EACH):
        rows = [full(number) for number in range(since + 1, since + EACH + 1)]
        page = Page("a:org", 1, since, since + EACH, pages * EACH, rows)
        frame = frames.pack(p.encode(sheaves.gathered(page)))
        yield len(frame).to_bytes(4, "big") + frame


def full(number):
    named = [f"第{number}公司" if field and field.name == "name" else None for field in PARTY.fields]
    clock = p.clock_at(1_772_413_200_000)
    return Full(PARTY.number, number.to_bytes(16), number, msgspec.Raw(p.encode(named)), clock, device=2)


def take(store, session, *, interrupted=lambda: False):
    """Do as the engine does; return after how many rows each transaction ended."""
    ends = []
    with Line() as line:
        for copy in pending(store):
            ahead = snapshots.Ahead(line, session, copy)
            while ahead.wait():
                snapshots.keep(store, copy, ahead.here(interrupted))
                ends.append(count(store))
                if interrupted():
                    return ends
            snapshots.forget(store, copy.scope)
    return ends


def count(store):
    with store.read() as connection:
        return len(queries.row_ids(connection, Query("party")))


def schema(folder):
    """Return the schema as it is in the file: to open a store would mend it."""
    engine = _engine(folder / FILE, KEY)
    with engine.connect() as connection:
        found = {tuple(row) for row in connection.exec_driver_sql("SELECT name, sql FROM sqlite_schema")}
    engine.dispose()
    return found


@pytest.fixture
def folder(tmp_path):
    """Return the folder of a store to which a copy is offered, closed."""
    store = Store.open(tmp_path, KEY)
    offered = [p.ScopeGrant("a:org", writes=True, label="本机构", count=6_000, snapshot=7)]
    with store.write(applying=True) as connection:
        grants.grant(connection, offered)
        snapshots.note(connection, offered, [p.Want("a:org", 0)])
    store.close()
    return tmp_path


@pytest.fixture
def store(folder):
    opened = Store.open(folder, KEY)
    yield opened
    opened.close()


def pending(store):
    with store.read() as connection:
        return snapshots.pending(connection)


def place(store):
    return [copy.start for copy in pending(store)]


def test_pages_that_are_here_enter_in_one_transaction(store, monkeypatch):
    monkeypatch.setattr(snapshots, "MOMENT_S", 60.0)
    assert take(store, Serving(prepared(3))) == [3 * EACH]
    assert place(store) == []


def test_a_transaction_takes_only_so_many(store, monkeypatch):
    monkeypatch.setattr(snapshots, "MOMENT_S", 60.0)
    monkeypatch.setattr(snapshots, "ROWS_AT_ONCE", 1 + EACH)
    assert take(store, Serving(prepared(3))) == [2 * EACH, 3 * EACH]


def test_what_came_before_the_line_broke_is_kept(store, monkeypatch):
    monkeypatch.setattr(snapshots, "MOMENT_S", 60.0)
    body = prepared(3)
    with pytest.raises(OfflineError):
        take(store, Serving(body, until=len(body) - 1))
    assert count(store) == 2 * EACH
    (start,) = place(store)
    session = Serving(body)
    assert take(store, session) == [3 * EACH]
    assert session.starts == [start]


def test_a_transaction_never_waits_for_the_line(store, monkeypatch):
    """Each page comes only after the one before was kept."""
    monkeypatch.setattr(snapshots, "MOMENT_S", 0.0)
    kept = threading.Semaphore(1)

    class Slow:
        def pieces(self, _path, *, start):
            assert start == 0
            for record in records(3):
                assert kept.acquire(timeout=60)
                yield record

    keep = snapshots.keep

    def keep_and_tell(*arguments):
        applied = keep(*arguments)
        kept.release()
        return applied

    monkeypatch.setattr(snapshots, "keep", keep_and_tell)
    assert take(store, Slow()) == [EACH, 2 * EACH, 3 * EACH]


def test_whoever_is_interrupted_keeps_the_place_reached(store):
    asked = []

    def interrupted():
        asked.append(True)
        return len(asked) > 1

    body = prepared(2)
    assert take(store, Serving(body), interrupted=interrupted) == [EACH]
    (start,) = place(store)
    assert 0 < start < len(body)
    assert take(store, Serving(body)) == [2 * EACH]


@pytest.mark.parametrize("point", ["snapshot-page:2", "snapshot-part"])
def test_death_while_the_indexes_are_away_leaves_a_whole_store(folder, point):
    before = schema(folder)
    told = subprocess.run(
        [sys.executable, "-c", TAKING, str(folder)],
        cwd=ROOT,
        env={**os.environ, VARIABLE: point},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode not in (0, 1), told.stderr
    owed = before - schema(folder)
    assert schema(folder) <= before
    assert bool(owed) is (point == "snapshot-part"), "only what can follow, and only with the rows"
    store = Store.open(folder, KEY)
    assert schema(folder) == before
    kept = count(store)
    assert bool(kept) is (place(store) != [0]) is (point == "snapshot-part")
    take(store, Serving(prepared(3)))
    assert count(store) == 3 * EACH
    assert store.integrity_problems() == []
    store.close()
    Store.open(folder, KEY).close()
    assert schema(folder) == before


def test_a_power_cut_takes_back_a_copy_that_is_not_in_the_file_yet_as_if_it_had_not_come(folder, tmp_path):
    store, body = Store.open(folder, KEY), prepared(3)
    with pytest.raises(OfflineError):
        take(store, Serving(body, until=len(body) - 1))
    assert count(store) > 0
    cut, folded = tmp_path / "cut", tmp_path / "folded"
    for there in (cut, folded):
        there.mkdir()
        shutil.copy(folder / FILE, there)  # without the log beside it, on whose way to the disk nobody waits
        store.fold()
    store.close()
    for there in (cut, folded):
        store = Store.open(there, KEY)
        assert (count(store) > 0) is (place(store) != [0]) is (there == folded)
        take(store, Serving(body))
        assert count(store) == 3 * EACH
        assert store.integrity_problems() == []
        store.close()
