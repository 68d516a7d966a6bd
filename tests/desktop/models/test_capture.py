"""No write can pass the outbox, whoever makes it and however."""

from __future__ import annotations

import itertools
import shutil
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from desktop.models.outgoing import capture
from desktop.models.outgoing.capture import Action
from desktop.models.store import Store
from desktop.models.work import new_id
from domain.registry import wire_types
from tests.devices import Device, new_pk, server_content
from tests.tiny_server import TinyServer

KEY = b"k" * 32
PARTY, DEAL = wire_types()["party"], wire_types()["deal"]
UNIT = {unit.name: unit.number for unit in PARTY.units.values()}
OUTBOX = "SELECT unit, action, base, was FROM outbox ORDER BY unit"


@pytest.fixture
def device(store):
    return Device(store, 1, TinyServer())


def a_party(device, **values):
    key = new_id()
    device.do(lambda work: work.put("party", key, {"name": "某单位", **values}))
    return key


def known_party(device, **values):
    key = a_party(device, **values)
    device.push()
    return key


def test_a_new_record_is_one_birth_however_often_it_is_edited(device):
    key = a_party(device)
    device.do(lambda work: work.change("party", key, address="西安"))
    assert device.asked(OUTBOX) == [(0, Action.BORN, 0, None)]


def test_a_new_record_put_in_the_bin_was_never_there(device):
    key = a_party(device)
    device.do(lambda work: work.remove("party", key))
    assert device.asked(OUTBOX) == []
    device.do(lambda work: work.restore("party", key))
    assert device.asked(OUTBOX) == [(0, Action.BORN, 0, None)]


def test_an_edit_is_noted_by_unit_with_what_its_author_saw(device):
    key = known_party(device, roles=("seller",), is_listed=True)
    ((version,),) = device.asked("SELECT row_ver FROM party")
    other = a_party(device)
    device.sql("DELETE FROM outbox")
    device.do(lambda work: work.change("party", key, address="西安", parent=other, roles=()))
    device.do(lambda work: work.change("party", key, address="咸阳", is_listed=False))
    assert device.asked(OUTBOX) == sorted(
        [
            (UNIT["roles"], Action.EDIT, version, '["[\\"seller\\"]"]'),
            (UNIT["address"], Action.EDIT, version, "[null]"),
            (UNIT["is_listed"], Action.EDIT, version, "[1]"),
            (UNIT["parent"], Action.EDIT, version, '[""]'),
        ]
    )


def test_an_edit_of_what_is_in_flight_stands_on_what_the_flight_stands_on(device):
    key = known_party(device)
    device.do(lambda work: work.change("party", key, address="西安"))
    device.freeze()
    device.sql("UPDATE sync_now SET applying = 1")
    device.sql("UPDATE party SET row_ver = 99")
    device.sql("UPDATE sync_now SET applying = 0")
    device.do(lambda work: work.change("party", key, address="咸阳", phone="029"))
    bases = {unit: base for unit, _, base, _ in device.asked(OUTBOX)}
    assert bases == {UNIT["address"]: 1, UNIT["phone"]: 99}


def test_a_second_edit_moves_to_the_later_user_action(device):
    key = known_party(device)
    device.do(lambda work: work.change("party", key, address="西安", phone="029"))
    device.do(lambda work: work.change("party", key, address="咸阳"))
    clocks = dict(device.asked("SELECT unit, clock FROM outbox"))
    assert clocks[UNIT["address"]] > clocks[UNIT["phone"]]


def test_into_the_bin_and_out_again_cancels_out(device):
    key = known_party(device)
    device.do(lambda work: work.remove("party", key))
    assert device.asked(OUTBOX) == [(0, Action.DROP, 1, "{}")]
    device.do(lambda work: work.restore("party", key))
    assert device.asked(OUTBOX) == []
    device.do(lambda work: work.remove("party", key))
    device.push()
    device.do(lambda work: work.restore("party", key))
    assert [row[1] for row in device.asked(OUTBOX)] == [Action.BACK]
    device.do(lambda work: work.remove("party", key))
    assert device.asked(OUTBOX) == []


def test_in_and_out_of_the_bin_do_not_cancel_out_when_the_server_has_moved(device):
    key = known_party(device)
    device.do(lambda work: work.remove("party", key))
    device.sql("UPDATE outbox SET theirs = '[1]'")
    device.do(lambda work: work.restore("party", key))
    assert [row[1] for row in device.asked(OUTBOX)] == [Action.BACK]


def test_a_deletion_remembers_what_its_author_had_not_seen(device):
    key = known_party(device)
    device.do(lambda work: work.change("party", key, address="西安"))
    device.sql("UPDATE sync_now SET applying = 1")
    device.sql("UPDATE party SET row_ver = 9")
    device.sql("UPDATE sync_now SET applying = 0")
    device.do(lambda work: work.remove("party", key))
    assert device.asked(OUTBOX)[0] == (0, Action.DROP, 9, f'{{"{UNIT["address"]}":1}}')


def test_a_record_deleted_for_good_leaves_only_its_deletion(device):
    key = known_party(device)
    a_party(device)
    device.do(lambda work: work.change("party", key, address="西安"))
    device.sql("DELETE FROM party")
    assert [row[1] for row in device.asked(OUTBOX)] == [Action.DROP]


def test_what_comes_from_the_server_is_not_noted(device):
    with device.store.write(applying=True) as connection:
        connection.exec_driver_sql(
            "INSERT INTO party (id, name, created_at, updated_at) VALUES (?, '甲', '', '')", (b"1" * 16,)
        )
        connection.exec_driver_sql("UPDATE party SET name = '乙'")
        connection.exec_driver_sql("DELETE FROM party")
    assert device.asked(OUTBOX) == []
    assert device.asked("SELECT applying FROM sync_now") == [(0,)]


def test_columns_of_the_system_are_not_noted(device):
    known_party(device)
    device.sql("UPDATE party SET updated_at = 'x', row_ver = 5, sync_scope = 2, extra = x'00'")
    assert device.asked(OUTBOX) == []


def test_the_id_of_a_record_never_changes(device):
    a_party(device)
    with pytest.raises(sa.exc.IntegrityError, match="never changes"):
        device.sql("UPDATE party SET id = ?", (b"2" * 16,))


def test_one_user_action_has_one_clock_above_all_before_it(device, store):
    a_party(device)
    slow = Store(store.path, store.engine, lambda: 5)  # a machine whose clock was set back
    before = device.asked("SELECT clock FROM sync_now")[0][0]
    with slow.write() as connection:
        assert connection.exec_driver_sql("SELECT clock FROM sync_now").scalar_one() == before + 1


def test_triggers_that_a_migration_dropped_are_made_again(store):
    with store.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER outbox_party_edit")
        connection.exec_driver_sql("DROP TRIGGER outbox_party_born")
        connection.exec_driver_sql(
            "CREATE TRIGGER outbox_party_born AFTER INSERT ON party BEGIN SELECT 1; END"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER outbox_party_old AFTER INSERT ON party BEGIN SELECT 1; END"
        )
        capture.install(connection)
        found = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_schema WHERE name LIKE 'outbox_party%' AND type = 'trigger'"
        )
        assert dict(map(tuple, found)) == capture.triggers(PARTY)


NAMES = st.sampled_from(["甲", "乙", "丙"])
NUMBERS = st.integers(0, 3)
WRITES = st.one_of(
    st.tuples(st.just("put"), NUMBERS, NAMES),
    st.tuples(st.just("change"), NUMBERS, NAMES),
    st.tuples(st.just("remove"), NUMBERS, NAMES),
    st.tuples(st.just("restore"), NUMBERS, NAMES),
    st.tuples(st.just("replace"), NUMBERS, NAMES),
    st.tuples(st.just("delete"), NUMBERS, NAMES),
    st.tuples(st.sampled_from(["all", "bin all", "out all", "bulk", "upsert"]), NUMBERS, NAMES),
    st.tuples(st.sampled_from(["freeze", "send", "hear", "pull"]), NUMBERS, NAMES),
)
SEEN = itertools.count()


def write(device, what, number, name):
    """Carry out one write in one of many ways; what cannot be done is left out."""
    key, blob = new_pk(number), new_pk(number).bytes
    stamp = "'2026-03-02T01:00:00.000000Z'"
    row = [(new_pk(one).bytes, name, f"地址{next(SEEN)}") for one in range(number, number + 3)]
    insert = f"INTO party (id, name, address, created_at, updated_at) VALUES (?, ?, ?, {stamp}, {stamp})"
    writes = {
        "put": lambda work: work.put("party", key, {"name": name, "roles": (name,)}),
        "change": lambda work: work.get("party", key) and work.change("party", key, phone=name),
        "remove": lambda work: work.get("party", key) and work.remove("party", key),
        "restore": lambda work: work.wire("party", key) and work.restore("party", key),
    }
    statements = {
        "replace": (f"INSERT OR REPLACE {insert}", row),
        "upsert": (f"INSERT {insert} ON CONFLICT (id) DO UPDATE SET address = excluded.address", row),
        "bulk": (f"INSERT OR IGNORE {insert}", row),
        "delete": ("DELETE FROM party WHERE id = ?", (blob,)),
        "all": ("UPDATE party SET address = ?, is_listed = NOT is_listed", (name,)),
        "bin all": (f"UPDATE party SET deleted_at = {stamp} WHERE deleted_at IS NULL",),
        "out all": ("UPDATE party SET deleted_at = NULL",),
    }
    if what in writes:
        device.do(writes[what])
    elif what in statements:
        device.sql(*statements[what])
    else:
        getattr(device, what)()


@contextmanager
def devices(template, folder, numbers):
    server = TinyServer()
    stores = []
    for _ in numbers:
        place = folder / f"{next(SEEN)}"
        shutil.copytree(template, place)
        stores.append(Store.open(place, KEY))
    yield server, [Device(store, number, server) for store, number in zip(stores, numbers, strict=True)]
    for store in stores:
        store.close()


@given(steps=st.lists(WRITES, max_size=25))
def test_whatever_is_written_can_be_rebuilt_from_what_was_sent(store_template, tmp_path_factory, steps):
    with devices(store_template, tmp_path_factory.mktemp("law"), [1]) as (server, (device,)):
        for step in steps:
            write(device, *step)
        device.sync()
        assert server.declined == []
        assert device.content() == server_content(server)
        assert device.asked("SELECT * FROM outbox") == []
