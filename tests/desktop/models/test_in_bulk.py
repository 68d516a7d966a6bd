"""Many rows enter an empty table without its indexes; nobody but that transaction ever sees it so."""

from __future__ import annotations

import msgspec
import pytest

from desktop.models import queries, search
from desktop.models.incoming import grants, in_bulk, intake
from desktop.models.queries import Query
from desktop.models.store import Store
from domain import protocol as p
from domain.pages import Full, Page
from domain.registry import wire_types
from tests.desktop.conftest import KEY

PARTY = wire_types()["party"]
SCOPE = "a:org"
MANY = in_bulk.FEWEST
GRANT = p.ScopeGrant(SCOPE, writes=True, label="本机构")


@pytest.fixture
def granted(store):
    with store.write(applying=True) as connection:
        grants.grant(connection, [GRANT])
    return store


def schema(connection):
    found = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_schema")
    return {tuple(row) for row in found}


def indexes(connection, table="party"):
    found = connection.exec_driver_sql(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?", (table,)
    )
    return set(found.scalars())


def parties(first, count, head=None, parent=None):
    """Return a page of so many companies."""
    rows = [full(number, name=f"第{number}公司", parent=parent) for number in range(first, first + count)]
    until = first + count - 1
    sent = Page(SCOPE, 1, first - 1, until, head or until, rows)
    return msgspec.msgpack.decode(p.encode(sent), type=Page)


def full(number, **values):
    body = [values.get(field.name) if field else None for field in PARTY.fields]
    packed = msgspec.Raw(p.encode(body))
    return Full(PARTY.number, number.to_bytes(16), number, packed, p.clock_at(1_772_413_200_000), device=2)


def catch_up(store):
    """Make the indexes that may follow, each in a transaction of its own; return how many there were."""
    made = 0
    while True:
        with store.write(applying=True) as connection:
            if not in_bulk.catch_up(connection):
                return made
        made += 1


def count(store):
    with store.read() as connection:
        return len(queries.row_ids(connection, Query("party")))


def test_only_the_transaction_itself_sees_the_table_without_its_indexes(granted):
    with granted.read() as connection:
        before = schema(connection)
        had = indexes(connection)
    seen = []

    def pages(connection):
        yield parties(1, MANY, 2 * MANY)
        with granted.read() as other:
            seen.extend([indexes(connection), indexes(other)])
        yield parties(1 + MANY, MANY)

    with granted.write(applying=True) as connection:
        applied = intake.take_all(connection, pages(connection))
    assert applied.rows == 2 * MANY == count(granted)
    assert seen == [set(), had]
    with granted.read() as connection:
        missing = had - indexes(connection)
        assert schema(connection) == {one for one in before if one[1] not in missing}
    # The order in which the list opens and what refers to what is there at once.
    assert {"ix_party_deleted_at_updated_at_row", "ix_party_parent"} <= had - missing
    assert catch_up(granted) == len(missing) > 0
    with granted.read() as connection:
        assert schema(connection) == before
    assert granted.integrity_problems() == []


def test_a_failure_leaves_everything_as_it_was(granted):
    with granted.read() as connection:
        before = schema(connection)
        cache = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()

    def pages():
        yield parties(1, MANY, 2 * MANY)
        raise OSError

    with pytest.raises(OSError), granted.write(applying=True) as connection:
        intake.take_all(connection, pages())
    with granted.read() as connection:
        assert schema(connection) == before
        assert connection.exec_driver_sql("PRAGMA cache_size").scalar_one() == cache
    assert count(granted) == 0
    with granted.write(applying=True) as connection:
        intake.take(connection, parties(1, MANY))
    assert count(granted) == MANY


def test_indexes_that_were_to_follow_are_there_when_the_store_is_opened_again(granted):
    with granted.read() as connection:
        before = schema(connection)
    with granted.write(applying=True) as connection:
        intake.take(connection, parties(1, MANY))
        assert schema(connection) < before
    granted.close()
    again = Store.open(granted.path.parent, KEY)
    with again.read() as connection:
        assert schema(connection) == before
    again.close()


def test_before_records_leave_all_indexes_are_there(granted):
    with granted.write(applying=True) as connection, in_bulk.begun(connection) as bulk:
        before = schema(connection)
        bulk.expect("party", MANY)
        bulk.end()
        assert schema(connection) == before


@pytest.mark.parametrize("held", [0, MANY - 1, MANY])
def test_a_table_that_holds_as_much_keeps_its_indexes(granted, held):
    if held:
        with granted.write(applying=True) as connection:
            intake.take(connection, parties(1, held, held + MANY))
    with granted.write(applying=True) as connection, in_bulk.begun(connection) as bulk:
        had = indexes(connection)
        bulk.expect("party", MANY)
        assert indexes(connection) == (had if held == MANY else set())
        assert indexes(connection, "deal")


def test_few_rows_are_not_worth_it(granted):
    with granted.write(applying=True) as connection, in_bulk.begun(connection) as bulk:
        bulk.expect("party", MANY - 1)
        assert indexes(connection)


def test_pages_that_were_kept_enter_together(granted):
    with granted.write(applying=True) as connection:
        intake.take(connection, parties(1, 1))
    with granted.read() as connection:
        before = schema(connection)
    half = MANY // 2 + 1
    for first, head in ((2, 2 * half + 1), (2 + half, 0)):
        with granted.write(applying=True) as connection:
            intake.take(connection, parties(first, half, head))
    assert catch_up(granted)
    assert count(granted) == 1 + 2 * half
    with granted.read() as connection:
        assert schema(connection) == before


def test_what_entered_in_bulk_and_what_it_names_are_found(granted):
    """A row that only names a record enters while the triggers that would note it are away."""
    with granted.write(applying=True) as connection:
        missing = (10**9).to_bytes(16)
        intake.take(connection, parties(1, MANY + 1, parent=missing))
    more = True
    while more:
        with granted.write(applying=True) as connection:
            more = search.catch_up(connection)
    with granted.read() as connection:
        indexed = connection.exec_driver_sql("SELECT rowid FROM search_party").scalars().all()
        rows = connection.exec_driver_sql("SELECT row FROM party").scalars().all()
        stub = connection.exec_driver_sql("SELECT deleted_at FROM party WHERE id = ?", (missing,)).scalar()
        assert len(queries.row_ids(connection, Query("party", words="第1000公司"))) == 1
    assert stub == "stub"
    assert sorted(indexed) == sorted(rows)
