"""A batch holds whole user actions in their order, with the values of the moment it was frozen."""

from __future__ import annotations

import itertools

import pytest

from desktop.models.incoming import grants
from desktop.models.outgoing import capture, freezing, outbox
from desktop.models.work import new_id
from domain import protocol as p
from domain.registry import wire_types
from tests.devices import Device
from tests.tiny_server import GRANT, TinyServer

DEAL, PARTY = wire_types()["deal"], wire_types()["party"]


@pytest.fixture
def device(store):
    return Device(store, 1, TinyServer())


def freeze(device, **limits):
    with device.store.write(applying=True) as connection:
        flight = freezing.freeze(connection, **limits)
    return flight and p.decode_batch(flight.body)


def put(device, *records):
    keys = [new_id() for _ in records]

    def act(work):
        for key, (record_type, values) in zip(keys, records, strict=True):
            work.put(record_type, key, values)

    device.do(act)
    return keys


def deal(**values):
    return "deal", {"title": "转让", "stage": "lead", **values}


def unit(known, name):
    return known.unit_of_place[known.places[name]]


def test_nothing_to_send_is_no_batch(device):
    assert freeze(device) is None
    assert device.asked("SELECT batch FROM sync_now") == [(0,)]


def test_a_birth_is_the_whole_record_in_its_packed_form(device):
    (party,) = put(device, ("party", {"name": "某大学"}))
    put(device, deal(seller=party, ip_kinds=("patent", "software"), deal_amount=5))
    batch = freeze(device)
    assert batch.number == 1
    (first,), (second,) = (group.ops for group in batch.groups)
    assert (first.type, first.pk, first.scope) == (PARTY.number, party.bytes, "")
    for name, value in {
        "seller": party.bytes,
        "ip_kinds": ["patent", "software"],
        "deal_amount": 500,
    }.items():
        assert second.body[DEAL.places[name]] == value
    assert second.body[-1] is not None
    assert batch.groups[0].clock < batch.groups[1].clock


def test_whole_user_actions_are_taken_until_there_is_enough(device):
    for size in (2, 1, 3, 1):
        put(device, *[deal() for _ in range(size)])
    sizes = [[len(group.ops) for group in freeze(device, ops=3).groups] for _ in range(3)]
    assert sizes == [[2, 1], [3], [1]]
    with device.store.read() as connection:
        assert [flight.ops for flight in outbox.flights(connection)] == [3, 3, 1]
        assert outbox.counts(connection) == outbox.Counts(0, 7, 0, 0)
        assert outbox.sent(connection) == 3


def test_a_user_action_that_no_message_could_carry_is_sent_in_parts(device, monkeypatch):
    monkeypatch.setattr(freezing, "LARGEST_GROUP", 7)
    monkeypatch.setattr(freezing, "PART", 3)
    keys = put(device, *[deal() for _ in range(10)])
    put(device, *[deal() for _ in range(7)])
    batches = list(itertools.takewhile(bool, (freeze(device, ops=5) for _ in range(9))))
    assert [[len(group.ops) for group in batch.groups] for batch in batches] == [[3], [3], [3], [1], [7]]
    *parts, after = [group.clock for batch in batches for group in batch.groups]
    assert len(set(parts)) == 1
    assert parts[0] < after
    sent = [op.pk for batch in batches for group in batch.groups for op in group.ops]
    assert sent[:10] == sorted(key.bytes for key in keys)


def test_an_edit_tells_its_units_its_base_and_what_was_seen_where_that_matters(device):
    (key,) = put(device, deal(deal_amount=5, ip_kinds=("patent",), remark="旧"))
    device.sync()
    device.do(lambda work: work.change("deal", key, deal_amount=7, ip_kinds=("software",), remark="新"))
    with device.store.write(applying=True) as connection:
        connection.exec_driver_sql(
            "UPDATE outbox SET base = 9 WHERE unit = ?", (unit(DEAL, "remark").number,)
        )
    ((op,),) = (group.ops for group in freeze(device).groups)
    amounts, kinds, remark = (unit(DEAL, name) for name in ("deal_amount", "ip_kinds", "remark"))
    assert op.units[remark.number] == {DEAL.places["remark"]: "新"}
    assert op.units[kinds.number] == {DEAL.places["ip_kinds"]: ["software"]}
    assert set(op.units[amounts.number]) == set(amounts.places)
    assert op.was == {
        DEAL.places["ip_kinds"]: ["patent"],
        **{place: 500 if place == DEAL.places["deal_amount"] else None for place in amounts.places},
    }
    assert {number: op.base_of(number) for number in op.units} == {
        amounts.number: 1,
        kinds.number: 1,
        remark.number: 9,
    }


def test_every_edit_stands_in_its_flight_under_its_place_in_the_batch(device):
    first, second = put(device, deal(), deal())
    device.sync()
    device.do(lambda work: work.change("deal", first, deal_amount=7, remark="新"))
    device.do(lambda work: (work.remove("deal", second), work.change("deal", first, contract_no="1")))
    put(device, ("party", {"name": "甲"}), deal())
    batch = freeze(device)
    ops = [op for group in batch.groups for op in group.ops]
    assert [type(op) for op in ops] == [p.Set, p.Set, p.Drop, p.New, p.New]
    for place, pk in device.asked("SELECT place, pk FROM flight_unit WHERE batch = ?", (batch.number,)):
        assert ops[place].pk == pk
    assert {place for (place,) in device.asked("SELECT place FROM flight_unit")} == set(range(5))


def test_an_edit_in_the_bin_travels_before_the_deletion_and_after_the_way_out(device):
    (key,) = put(device, deal())
    device.sync()
    device.do(lambda work: work.remove("deal", key))
    device.sql("UPDATE deal SET remark = '在回收站'")
    (group,) = freeze(device).groups
    assert [type(op) for op in group.ops] == [p.Set, p.Drop]
    device.sql("UPDATE deal SET contract_no = '1'")
    device.do(lambda work: work.restore("deal", key))
    (group,) = freeze(device).groups
    assert [type(op) for op in group.ops] == [p.Back, p.Set]


def test_asking_the_server_for_another_scope_and_for_the_catalogue(device):
    (key,) = put(device, deal())
    device.sync()
    with device.store.write() as connection:
        outbox.move(connection, "deal", key, "u:me")
        outbox.publish(connection, "deal", key, shown=True)
    with device.store.write() as connection:
        outbox.publish(connection, "deal", key, shown=False)
    batch = freeze(device)
    assert [group.ops for group in batch.groups] == [
        [p.Move(DEAL.number, key.bytes, 1, "u:me")],
        [p.Publish(DEAL.number, key.bytes, shown=False)],
    ]


def test_a_birth_in_a_scope_that_was_chosen_names_it(device):
    with device.store.write(applying=True) as connection:
        grants.grant(connection, [GRANT, p.ScopeGrant("u:me", writes=True, label="仅本人")])
    put(device, deal())
    device.sql("UPDATE deal SET sync_scope = (SELECT number FROM sync_scope WHERE key = 'u:me')")
    ((op,),) = (group.ops for group in freeze(device).groups)
    assert op.scope == "u:me"


def test_what_a_server_has_lost_is_no_part_of_a_user_action(device):
    first, second, edited = put(device, deal(), ("party", {"name": "甲公司"}), deal())
    device.sync()
    device.do(lambda work: work.change("deal", edited, title="改"))
    for known, key in ((DEAL, first), (PARTY, second)):
        device.sql(
            "INSERT INTO outbox (type, pk, unit, action, base, clock)"
            " SELECT ?, ?, 0, ?, ?, clock FROM outbox WHERE pk = ?",
            (known.number, key.bytes, int(capture.Action.BORN), capture.LOST, edited.bytes),
        )
    batch = freeze(device)
    assert [[(op.type, op.pk) for op in group.ops] for group in batch.groups] == [
        [(DEAL.number, first.bytes)],
        [(PARTY.number, second.bytes)],
        [(DEAL.number, edited.bytes)],
    ]
    assert device.asked("SELECT pk, place FROM flight_unit ORDER BY place") == [
        (first.bytes, 0),
        (second.bytes, 1),
        (edited.bytes, 2),
    ]
    assert device.asked("SELECT again FROM flight") == [(1,)]


def test_only_what_a_server_may_have_been_told_is_sent_again(device):
    def again():
        with device.store.read() as connection:
            return [flight.again for flight in outbox.flights(connection)]

    put(device, deal())
    freeze(device)
    assert again() == [False]
    with device.store.write(applying=True) as connection:
        outbox.doubt(connection)
    put(device, deal())
    freeze(device)
    assert again() == [True, False]
    with device.store.write(applying=True) as connection:
        outbox.renumber(connection, 5)
    freeze(device)
    assert again() == [True]


def test_where_a_record_stands(device):
    (key,) = put(device, deal())

    def standing():
        with device.store.read() as connection:
            return outbox.state_of(connection, "deal", key)

    assert standing() == "queued"
    device.freeze()
    assert standing() == "queued"
    device.sync()
    assert standing() == "synced"
    with device.store.read() as connection:
        assert outbox.state_of(connection, "deal", new_id()) == "local"


def test_a_number_is_not_used_again_when_the_server_knows_less(device):
    put(device, ("party", {"name": "某大学"}))
    assert freeze(device).number == 1
    with device.store.write(applying=True) as connection:
        outbox.renumber(connection, 0)
    anew = freeze(device)
    assert (anew.number, anew.follows, anew.before) == (2, 0, 0)
    put(device, ("party", {"name": "某公司"}))
    following = freeze(device)
    assert (following.number, following.follows, following.before) == (3, None, 2)
