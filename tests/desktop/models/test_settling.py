"""Edits of several devices meet at the server: all come to hold the same, and nobody's edit is lost."""

from __future__ import annotations

import functools
import itertools
import shutil
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.models.outgoing import outbox, refused
from desktop.models.outgoing.settling import Settled, settle
from desktop.models.store import Store
from desktop.models.work import new_id
from domain import protocol as p
from tests.devices import Device, new_pk, server_content
from tests.tiny_server import TinyServer

KEY = b"k" * 32
COUNT = itertools.count()


def _ticking(ticks, hours):
    return next(ticks) + hours * 3_600_000


@contextmanager
def devices(template, folder, number_of_devices):
    """Yield a server and devices whose machines' clocks are an hour apart."""
    server, stores, ticks = TinyServer(), [], itertools.count(1_700_000_000_000)
    for number in range(1, number_of_devices + 1):
        place = folder / f"{next(COUNT)}"
        shutil.copytree(template, place)
        stores.append(Store.open(place, KEY, now_ms=functools.partial(_ticking, ticks, number)))
    yield server, [Device(store, number, server) for number, store in enumerate(stores, start=1)]
    for store in stores:
        store.close()


@pytest.fixture
def pair(store_template, tmp_path):
    with devices(store_template, tmp_path, 2) as (server, (first, second)):
        yield server, first, second


def a_deal(device, **values):
    key = new_id()
    device.do(lambda work: work.put("deal", key, {"title": "转让", "stage": "lead", **values}))
    return key


def change(device, key, **values):
    device.do(lambda work: work.change("deal", key, **values))


def shared_deal(pair, **values):
    _, first, second = pair
    key = a_deal(first, **values)
    first.sync()
    second.sync()
    return key


def value(device, key, name="remark"):
    ((found,),) = device.asked(f"SELECT {name} FROM deal WHERE id = ?", (key.bytes,))
    return found


def same(pair):
    server, first, second = pair
    for _ in range(2):
        first.sync()
        second.sync()
    assert first.content() == second.content() == server_content(server)


def test_a_birth_gets_its_version_and_its_scope(pair):
    _, first, _ = pair
    key = a_deal(first)
    assert first.push() == Settled()  # the second hearing of an answer finds nothing to do
    assert value(first, key, "row_ver") == 1
    assert value(first, key, "sync_scope") == 1


def test_edits_of_different_units_both_stand(pair):
    key = shared_deal(pair)
    _, first, second = pair
    change(first, key, remark="甲")
    change(second, key, contract_no="2026-1")
    same(pair)
    assert (value(first, key), value(first, key, "contract_no")) == ("甲", "2026-1")


def test_the_later_edit_of_a_free_unit_stands_whoever_is_heard_first(pair):
    key = shared_deal(pair)
    _, first, second = pair
    change(first, key, remark="早")
    change(second, key, remark="晚")
    second.sync()
    first.sync()
    assert value(first, key) == "晚"
    same(pair)


def test_a_protected_value_is_never_replaced_unseen(pair):
    key = shared_deal(pair, deal_amount=100)
    server, first, second = pair
    change(first, key, deal_amount=200)
    change(second, key, deal_amount=300, remark="同一步")
    first.sync()
    second.freeze()
    second.send()
    with second.store.write(applying=True) as connection:
        settled = settle(connection, second.answers[-1])
    assert settled.conflicts == 1
    assert settled.touched == {"deal"}
    assert value(second, key) is None
    same(pair)
    assert value(second, key, "deal_amount") == 20000
    assert [op.units for _, op in server.declined] != []


def test_a_declined_deletion_brings_the_record_back(pair):
    key = shared_deal(pair)
    _, first, second = pair
    change(first, key, remark="新")
    first.sync()
    second.do(lambda work: work.remove("deal", key))
    second.sync()
    assert value(second, key, "deleted_at") is None
    same(pair)
    assert value(second, key) == "新"


def test_falling_back_stands_in_the_history(pair):
    key = shared_deal(pair, deal_amount=100)
    _, first, second = pair
    change(first, key, deal_amount=200)
    change(second, key, deal_amount=300)
    first.sync()
    second.sync()
    rows = second.asked(
        "SELECT label, kind, before, after FROM change JOIN command ON command.seq = change.command"
        " WHERE record = ? ORDER BY change.seq",
        (key.bytes,),
    )
    assert [kind for _, kind, _, _ in rows] == ["do", "sync", "sync"]
    assert '"deal_amount":"300.00"' in rows[1][2]
    assert '"deal_amount":"100.00"' in rows[1][3]
    assert '"deal_amount":"200.00"' in rows[2][3]


def test_an_answer_heard_twice_or_to_nothing_changes_nothing(pair):
    key = shared_deal(pair)
    _, first, _ = pair
    change(first, key, remark="甲")
    first.freeze()
    first.send()
    first.hear()
    before = first.asked("SELECT * FROM deal"), first.asked("SELECT * FROM sync_scope")
    change(first, key, remark="乙")
    assert first.hear() == Settled()
    assert value(first, key) == "乙"
    assert first.asked("SELECT count(*) FROM outbox") == [(1,)]
    assert before[1] == first.asked("SELECT * FROM sync_scope")


def test_the_cursor_jumps_over_a_batch_when_nobody_wrote_in_between(pair):
    key = shared_deal(pair)
    server, first, second = pair
    change(first, key, remark="甲")
    first.push()
    assert first.asked("SELECT cursor, staged FROM sync_scope") == [(server.head, server.head)]
    assert value(first, key, "row_ver") == server.head
    change(second, key, contract_no="1")
    second.push()
    change(second, key, contract_no="2")
    second.push()
    assert second.asked("SELECT cursor FROM sync_scope") == [(1,)]
    same(pair)


def test_a_new_record_of_a_declined_user_action_stays_here_and_can_be_sent_again(pair):
    key = shared_deal(pair, deal_amount=100)
    _, first, second = pair
    child = new_id()

    def both(work):
        work.change("deal", key, deal_amount=300)
        work.put("payment", child, {"deal": key, "amount": 5})

    change(first, key, deal_amount=200)
    first.sync()
    second.do(both)
    second.sync()
    with second.store.read() as connection:
        (held,) = refused.listed(connection)
        assert (held.record_type, held.record_id, held.waits, held.code) == ("payment", child, True, "with")
        assert outbox.state_of(connection, "payment", child) == "conflict"
        assert outbox.counts(connection).waiting == 0
    assert second.asked("SELECT count(*) FROM payment") == [(1,)]
    second.do(lambda work: refused.retry(work, held.id))
    same(pair)
    assert first.asked("SELECT count(*) FROM payment") == [(1,)]
    assert second.asked("SELECT count(*) FROM sync_refused") == [(0,)]


def test_an_edit_on_top_of_a_declined_birth_sends_the_birth_again(pair):
    key = shared_deal(pair, deal_amount=100)
    _, first, second = pair
    child = new_id()
    change(first, key, deal_amount=200)
    first.sync()
    second.do(
        lambda work: (
            work.change("deal", key, deal_amount=300),
            work.put("payment", child, {"deal": key, "amount": 5}),
        )
    )
    second.freeze()
    second.send()
    second.do(lambda work: work.change("payment", child, remark="后补"))
    second.hear()
    same(pair)
    assert first.asked("SELECT remark FROM payment") == [("后补",)]


def test_what_is_refused_is_kept_and_can_be_tried_again_or_let_go(pair):
    key = shared_deal(pair)
    _, first, _ = pair
    change(first, key, remark="甲")
    first.freeze()
    verdicts = [p.Verdict(0, 0, p.Status.REFUSED, "rights")]
    with first.store.write(applying=True) as connection:
        assert settle(connection, p.BatchAnswer(2, [(0, 1)], {}, verdicts)).refused == 1
        (held,) = refused.listed(connection)
    assert (held.code, held.title, held.waits) == ("rights", "转让", False)
    assert value(first, key) is None
    first.do(lambda work: refused.retry(work, held.id))
    assert value(first, key) == "甲"
    with first.store.write() as connection:
        assert refused.listed(connection) == []
        assert outbox.state_of(connection, "deal", key) == "queued"
        refused.keep(connection, held.op, code="rights", at="")
        (again,) = refused.listed(connection)
        refused.forget(connection, again.id)
        assert refused.listed(connection) == []


def test_a_restored_copy_sends_its_edits_again(pair):
    key = shared_deal(pair)
    server, first, _ = pair
    new = a_deal(first)
    change(first, key, remark="甲")
    first.freeze()
    change(first, key, remark="乙")
    change(first, new, remark="丙")
    server.last[1] = 7
    with first.store.write(applying=True) as connection:
        outbox.renumber(connection, 7)
    same(pair)
    assert (value(first, key), value(first, new)) == ("乙", "丙")
    assert first.asked("SELECT batch, follows FROM sync_now") == [(8, None)]


COLUMNS = st.sampled_from(["remark", "contract_no", "deal_amount", "ip_kinds"])
WHO, WHICH = st.integers(0, 1), st.integers(0, 1)
STEPS = st.one_of(
    st.tuples(st.just("put"), WHO, WHICH, COLUMNS),
    st.tuples(st.just("change"), WHO, WHICH, COLUMNS),
    st.tuples(st.just("change"), WHO, WHICH, COLUMNS),
    st.tuples(st.sampled_from(["remove", "restore", "two"]), WHO, WHICH, COLUMNS),
    st.tuples(st.sampled_from(["freeze", "send", "hear", "pull"]), WHO, WHICH, COLUMNS),
    st.tuples(st.sampled_from(["freeze", "send", "hear", "pull", "push", "sync"]), WHO, WHICH, COLUMNS),
)


def some_value(column):
    number = next(COUNT)
    if column == "deal_amount":
        return number
    return (f"c{number % 5}", f"c{number % 3 + 5}") if column == "ip_kinds" else f"值{number}"


def edit(work, key, **values):
    if work.get("deal", key):
        work.change("deal", key, **values)


def step(all_devices, what, who, which, column):
    device, key = all_devices[who], new_pk(which)
    match what:
        case "put":
            device.do(lambda work: work.put("deal", key, {"title": "合同", column: some_value(column)}))
        case "change":
            device.do(
                lambda work: (
                    work.get("deal", key) and work.change("deal", key, **{column: some_value(column)})
                )
            )
        case "two":
            pair = key, new_pk(1 - which)
            device.do(lambda work: [edit(work, one, deal_amount=next(COUNT)) for one in pair])
        case "remove":
            device.do(lambda work: work.get("deal", key) and work.remove("deal", key))
        case "restore":
            device.do(lambda work: work.wire("deal", key) and work.restore("deal", key))
        case "pull":
            device.pull(which + 1)
        case "hear":
            device.hear(which)
        case "push":
            device.freeze()
            device.send()
            for number in range(len(device.answers)):
                device.hear(number)
        case _:
            getattr(device, what)()


@pytest.mark.unmeasured
@settings(max_examples=25)
@given(steps=st.lists(STEPS, max_size=25))
def test_all_devices_come_to_hold_the_same(store_template, tmp_path_factory, steps):
    with devices(store_template, tmp_path_factory.mktemp("law"), 2) as (server, all_devices):
        for which in (0, 1):
            step(all_devices, "put", which, which, "remark")
        for device in all_devices * 2:
            device.sync()
        for one in steps:
            step(all_devices, *one)
        for _ in range(3):
            for device in all_devices:
                device.sync()
        # A birth that was declined is here alone, and listed as such.
        for device in all_devices:
            alone = {("deal", pk) for (pk,) in device.asked("SELECT pk FROM sync_refused")}
            held = {key: body for key, body in device.content().items() if key not in alone}
            assert held == {key: body for key, body in server_content(server).items() if key not in alone}
            assert device.asked("SELECT * FROM outbox") == device.asked("SELECT * FROM flight_unit") == []
