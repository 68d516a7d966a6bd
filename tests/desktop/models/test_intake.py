"""Pages enter whole, beside the edits made here; what leaves takes nothing with it that was not sent."""

from __future__ import annotations

import uuid

import msgspec
import pytest
from msgspec.structs import replace

from desktop.models import history, queries, search, sync_state
from desktop.models.images import read_tail, write_tail
from desktop.models.incoming import forgotten, grants, intake, restarts, unfolding
from desktop.models.outgoing import outbox, refused
from desktop.models.queries import Query
from desktop.models.store import Store
from desktop.models.work import new_id
from desktop.services import records
from domain import protocol as p
from domain import sheaves
from domain.pages import Full, Gone, Page, Part, Stub
from domain.problems import Refusal
from domain.registry import wire_types
from tests.devices import Device, server_content
from tests.tiny_server import GRANT, SCOPE, TinyServer

DEAL, PARTY, TASK = (wire_types()[name] for name in ("deal", "party", "task"))
CLOCK = p.clock_at(1_772_413_200_000)
OTHER = p.ScopeGrant("t:org", writes=False, label="培训登记")


@pytest.fixture(autouse=True, params=["one by one", "in sheaves"])
def form(request, monkeypatch):
    """Let new records come in either form: what they become is the same."""
    monkeypatch.setattr(sheaves, "FEWEST", 1 if request.param == "in sheaves" else 1_000_000)


@pytest.fixture
def device(store):
    return Device(store, 1, TinyServer())


def packed(known, **values):
    body = [values.get(field.name) if field else None for field in known.fields]
    return msgspec.Raw(p.encode(body))


def full(known, pk, version, *, born=0, device=2, dead=False, **values):
    return Full(known.number, pk, version, packed(known, **values), CLOCK, dead, device, born)


def page(*rows, since=0, until=None, head=None, scope=SCOPE):
    until = until if until is not None else max((row.version for row in rows), default=since)
    sent = Page(scope, 1, since, until, until if head is None else head, list(rows))
    return msgspec.msgpack.decode(p.encode(sheaves.gathered(sent)), type=Page)


def take(device, made):
    with device.store.write(applying=True) as connection:
        return intake.take(connection, made)


def rows(device, record_type="deal"):
    with device.store.read() as connection:
        return queries.rows(connection, Query(record_type))


def test_a_record_enters_with_its_moments_and_its_scope(device):
    applied = take(device, page(full(DEAL, b"d" * 16, 7, title="转让", ip_kinds=["a"], deal_amount=12345)))
    assert (applied.rows, applied.touched, applied.conflicts_new) == (1, {"deal"}, 0)
    (row,) = rows(device)
    assert (row["title"], row["ip_kinds"], str(row["deal_amount"])) == ("转让", ("a",), "123.45")
    assert (row["created_at"], row["row_ver"], row["sync_scope"]) == ("2026-03-02T01:00:00.000000Z", 7, 1)
    assert device.asked("SELECT * FROM outbox") == []
    assert device.asked("SELECT * FROM command") == []


def test_new_known_and_named_records_of_a_page_all_become_what_the_server_has(device):
    known, named, new = (letter * 16 for letter in (b"k", b"n", b"w"))
    take(
        device, page(full(PARTY, known, 1, name="旧名"), full(DEAL, b"d" * 16, 2, title="转让", seller=named))
    )
    assert {row["name"] for row in rows(device, "party")} == {"旧名"}
    entering = [
        full(PARTY, pk, 3 + place, name=f"公司{place}") for place, pk in enumerate((new, known, named))
    ]
    assert take(device, page(*entering, since=2)).rows == 3
    found = {row["id"].bytes: (row["name"], row["row_ver"]) for row in rows(device, "party")}
    assert found == {new: ("公司0", 3), known: ("公司1", 4), named: ("公司2", 5)}
    with device.store.write(applying=True) as connection:
        assert not search.catch_up(connection)
    with device.store.read() as connection:
        assert queries.count(connection, Query("party", words="公司")) == 3
    assert device.asked("SELECT * FROM outbox") == []


def test_a_first_load_is_shown_page_by_page_and_a_later_one_all_at_once(device):
    take(device, page(full(DEAL, b"1" * 16, 1, title="一"), until=1, head=3))
    assert device.want() == p.Want(SCOPE, 0, 1, staged=1, heard=3)
    take(device, page(full(DEAL, b"2" * 16, 3, title="二"), since=1, head=3))
    assert device.want() == p.Want(SCOPE, 3, 1, staged=3, heard=3)
    take(device, page(full(DEAL, b"3" * 16, 4, title="三"), since=3, until=4, head=5))
    assert len(rows(device)) == 2
    assert device.want() == p.Want(SCOPE, 3, 1, staged=4, heard=5)
    assert take(device, page(full(DEAL, b"4" * 16, 5, title="四"), since=4, head=5)).rows == 2
    assert len(rows(device)) == 4
    assert device.asked("SELECT * FROM sync_page") == []


def test_a_page_that_does_not_follow_and_one_of_a_scope_not_granted_are_left_out(device):
    assert take(device, page(full(DEAL, b"1" * 16, 9, title="一"), since=8)) == intake.Applied()
    assert take(device, page(full(DEAL, b"1" * 16, 1, title="一"), scope="a:other")) == intake.Applied()
    assert rows(device) == []
    take(device, page(full(DEAL, b"1" * 16, 1, title="一")))
    assert take(device, page(full(DEAL, b"1" * 16, 1, title="旧"), until=1, head=2)) == intake.Applied()
    assert rows(device)[0]["title"] == "一"


def test_changes_of_others_enter_the_history_under_their_names(device):
    take(device, page(full(DEAL, b"1" * 16, 1, title="一")))
    with device.store.write() as connection:
        sync_state.learn_people(connection, [p.Person(2, "李四", "办公室电脑")])
    place = DEAL.places["remark"]
    unit = DEAL.unit_of_place[place].number
    take(device, page(Part(10, b"1" * 16, 2, {place: "新"}, [unit], CLOCK, 2), since=1))
    take(device, page(Part(10, b"1" * 16, 3, {}, [], CLOCK, 2, dead=True), since=2))
    with device.store.read() as connection:
        gone, entry = history.of_record(connection, uuid.UUID(bytes=b"1" * 16))
        assert history.undoable(connection, "李四", "办公室电脑") is None
    assert (entry.user, entry.device, entry.label) == ("李四", "办公室电脑", "同步")
    assert entry.before is not None
    assert entry.after == {**entry.before, "remark": "新"}
    assert gone.after is not None
    assert gone.after["$deleted"]
    assert rows(device) == []


def test_an_edit_on_its_way_keeps_its_place_and_learns_what_it_stands_against(device):
    take(device, page(full(DEAL, b"1" * 16, 1, title="一", remark="旧")))
    device.do(lambda work: work.change("deal", uuid.UUID(bytes=b"1" * 16), remark="我的"))
    take(device, page(full(DEAL, b"1" * 16, 2, title="二", remark="他的"), since=1))
    (row,) = rows(device)
    assert (row["title"], row["remark"], row["row_ver"]) == ("二", "我的", 2)
    assert device.asked("SELECT base, was, theirs FROM outbox") == [(1, '["旧"]', '["他的"]')]
    device.freeze()
    take(device, page(full(DEAL, b"1" * 16, 3, title="二", remark="又改"), since=2))
    assert device.asked("SELECT theirs FROM flight_unit") == [('["又改"]',)]
    assert rows(device)[0]["remark"] == "我的"


def test_a_reference_out_of_the_scope_leads_to_a_stub_and_a_real_record_fills_it(device):
    take(device, page(full(DEAL, b"1" * 16, 1, title="一", seller=b"s" * 16, buyer=b"b" * 16)))
    seller, buyer = uuid.UUID(bytes=b"s" * 16), uuid.UUID(bytes=b"b" * 16)
    take(device, page(Stub(PARTY.number, b"b" * 16, 2, "某大学"), since=1))
    with device.store.read() as connection:
        assert queries.titles(connection, "party", [seller, buyer]) == {
            seller: "（无权查看）",
            buyer: "某大学",
        }
        assert (
            queries.count(connection, Query("party"))
            == queries.count(connection, Query("party", binned=True))
            == 0
        )
        assert not sync_state.writable(connection, "party", buyer)
    take(device, page(full(PARTY, b"b" * 16, 3, name="西北某大学"), since=2))
    take(device, page(Stub(PARTY.number, b"b" * 16, 4, "旧名"), since=3))
    assert [row["name"] for row in rows(device, "party")] == ["西北某大学"]
    assert device.store.integrity_problems() == []
    assert device.asked("SELECT * FROM outbox") == []


def test_a_record_that_refers_to_what_is_outside_or_deleted_by_others_can_be_saved(device, desk):
    key, other = uuid.UUID(bytes=b"1" * 16), uuid.UUID(bytes=b"b" * 16)
    party = full(PARTY, b"b" * 16, 2, name="某大学")
    take(device, page(full(DEAL, b"1" * 16, 1, title="一", stage="lead", seller=b"s" * 16), party))
    seller = uuid.UUID(bytes=b"s" * 16)
    values = {"title": "二", "stage": "lead", "seller": seller, "buyer": other}
    records.save(desk, record_type="deal", record_id=key, values=values)
    take(device, page(Part(PARTY.number, b"b" * 16, 3, {}, [], CLOCK, 2, dead=True), since=2))
    records.save(desk, record_type="deal", record_id=key, values={**values, "title": "三"})
    assert rows(device)[0]["title"] == "三"
    with pytest.raises(Refusal):
        records.save(desk, record_type="deal", record_id=key, values={**values, "seller": other})


def test_a_record_that_leaves_takes_no_unsent_edit_with_it(device):
    take(
        device,
        page(
            full(PARTY, b"s" * 16, 1, name="某大学"), full(DEAL, b"1" * 16, 2, title="一", seller=b"s" * 16)
        ),
    )
    key = uuid.UUID(bytes=b"s" * 16)
    device.do(lambda work: work.change("party", key, address="西安"))
    assert take(device, page(Gone(PARTY.number, b"s" * 16, 3), since=2)).touched == {"party"}
    with device.store.read() as connection:
        assert queries.titles(connection, "party", [key]) == {key: "（无权查看）"}
        (held,) = refused.listed(connection)
        assert outbox.state_of(connection, "party", key) == "refused"
    assert (held.code, held.title) == ("gone", "某大学")
    assert isinstance(held.op, p.Set)
    assert held.op.units == {
        PARTY.unit_of_place[PARTY.places["address"]].number: {PARTY.places["address"]: "西安"}
    }
    assert device.asked("SELECT * FROM outbox") == device.asked("SELECT * FROM change") == []


def test_a_record_handed_to_another_scope_of_this_device_stays(device):
    with device.store.write(applying=True) as connection:
        grants.grant(connection, [GRANT, OTHER])
    take(device, page(full(DEAL, b"1" * 16, 5, title="一")))
    take(device, page(Gone(DEAL.number, b"1" * 16, 6, to="t:org"), since=5))
    assert [row["title"] for row in rows(device)] == ["一"]
    take(device, page(full(DEAL, b"1" * 16, 2, title="二"), scope="t:org"))
    take(device, page(Gone(DEAL.number, b"1" * 16, 7, to="t:org"), since=6))
    (row,) = rows(device)
    assert (row["title"], row["row_ver"], row["sync_scope"]) == ("二", 2, 2)
    with device.store.read() as connection:
        assert not sync_state.writable(connection, "deal", row["id"])
        assert sync_state.writable(connection, "deal", None)
        assert not sync_state.writable(connection, "certificate", None)


def test_a_withdrawn_scope_leaves_whole_and_is_fetched_anew_when_granted_again(device):
    take(device, page(full(DEAL, b"1" * 16, 1, title="一"), full(DEAL, b"2" * 16, 2, title="二")))
    device.do(lambda work: work.change("deal", uuid.UUID(bytes=b"1" * 16), remark="新"))
    mine = new_id()
    device.do(lambda work: work.put("deal", mine, {"title": "未发送", "stage": "lead"}))
    with device.store.write(applying=True) as connection:
        assert grants.grant(connection, []) == grants.Dropped(2, frozenset({"deal"}))
        assert [held.code for held in refused.listed(connection)] == ["gone"]
        assert sync_state.wants(connection) == []
    assert [row["id"] for row in rows(device)] == [mine]
    with device.store.write(applying=True) as connection:
        grants.grant(connection, [GRANT])
    assert device.want() == p.Want(SCOPE, 0, 0)


def test_rows_of_a_page_are_found_once_the_search_has_caught_up(device):
    take(device, page(full(PARTY, b"1" * 16, 1, name="西北大学"), full(PARTY, b"2" * 16, 2, name="东南大学")))
    device.do(lambda work: work.change("party", uuid.UUID(bytes=b"1" * 16), name="西北工业大学"))

    def found(words):
        with device.store.read() as connection:
            return queries.count(connection, Query("party", words=words))

    assert found("大学") == 0
    with device.store.write() as connection:
        assert search.catch_up(connection, limit=1)
        assert not search.catch_up(connection)
    assert (found("大学"), found("工业"), found("xbgy")) == (2, 1, 1)
    take(
        device,
        page(full(PARTY, b"1" * 16, 3, name="西安交通大学"), Gone(PARTY.number, b"2" * 16, 4), since=2),
    )
    take(device, page(full(PARTY, b"3" * 16, 5, name="兰州大学"), since=4))
    device.sync()
    with device.store.write() as connection:
        assert not search.catch_up(connection)
        connection.exec_driver_sql("INSERT INTO search_party(search_party) VALUES ('integrity-check')")
    # The edit was refused: the server of this test never heard of the record.
    assert (found("大学"), found("东南"), found("兰州"), found("交通"), found("工业")) == (2, 0, 1, 1, 0)


def test_types_and_fields_of_a_newer_program_are_kept_and_shown_after_the_upgrade(device):
    width = len(TASK.fields)
    longer = msgspec.Raw(p.encode(["催款", *([None] * (width - 1)), "新字段", 5]))
    take(
        device,
        page(
            Full(TASK.number, b"1" * 16, 1, longer, CLOCK),
            Full(999, b"2" * 16, 2, msgspec.Raw(p.encode(["新类型"])), CLOCK),
        ),
    )
    take(device, page(Part(TASK.number, b"1" * 16, 3, {width + 1: 6}, [7], CLOCK, 2), since=2))
    take(device, page(Part(999, b"2" * 16, 4, {2: "x"}, [1], CLOCK, 2), since=3))
    ((extra,),) = device.asked("SELECT extra FROM task")
    assert read_tail(extra) == (width, ["新字段", 6])
    assert device.asked("SELECT type, version FROM sync_strange") == [(999, 4)]
    assert device.content()["task", b"1" * 16][width:] == ["新字段", 6]
    # The upgrade: what this program calls the last field of a task was unknown to the one before it.
    with device.store.write() as connection:
        stranger = full(TASK, b"2" * 16, 4, title="新类型")
        connection.exec_driver_sql(
            "UPDATE sync_strange SET type = ?, row = ?", (TASK.number, p.encode(stranger))
        )
        connection.exec_driver_sql("UPDATE task SET extra = ?", (write_tail(width - 1, ["办结", "更新的"]),))
        connection.exec_driver_sql("DELETE FROM setting WHERE name = ?", (unfolding.REGISTER,))
    device.store.close()
    again = Store.open(device.store.path.parent, b"k" * 32)
    with again.read() as connection:
        (task, other) = queries.rows(connection, Query("task", order="row_ver", descending=False))
        assert (task["title"], task["remark"], read_tail(task["extra"])) == (
            "催款",
            "办结",
            (width, ["更新的"]),
        )
        assert other["title"] == "新类型"
    assert Device(again, 1, TinyServer()).asked("SELECT * FROM outbox") == []
    again.close()


def test_a_restored_server_is_filled_again(device):
    key, lost = new_id(), new_id()
    device.do(lambda work: work.put("deal", key, {"title": "一", "stage": "lead"}))
    device.do(lambda work: work.put("deal", lost, {"title": "二", "stage": "lead"}))
    device.sync()
    device.server.held.pop((DEAL.number, lost.bytes))
    device.server.epoch, device.server.head = 2, 1
    for _ in range(2):
        device.pull()
        device.sync()
    assert device.content() == server_content(device.server)
    assert len(rows(device)) == 2


@pytest.mark.parametrize("writes", [True, False])
def test_a_scope_whose_digest_differs_is_loaded_again(device, writes):
    """What the server lacks is offered to it, and leaves only where nothing may be written."""
    keys = [new_id(), new_id()]
    for key in keys:
        device.do(lambda work, key=key: work.put("deal", key, {"title": "一", "stage": "lead"}))
    device.sync()
    with device.store.read() as connection:
        (want,) = sync_state.wants(connection, digests=True)
        assert (want.count, want.digest) == (2, sync_state.scope_digest(connection, SCOPE).total)
    device.server.held.pop((DEAL.number, keys[0].bytes))
    with device.store.write(applying=True) as connection:
        grants.grant(connection, [replace(GRANT, writes=writes)])
        restarts.rewind(connection, SCOPE)
        (want,) = sync_state.wants(connection, digests=True)
        assert (want.count, want.anew, want.since, want.heard) == (-1, True, 0, 0)
    device.pull()
    changed = device.asked("SELECT updated_at FROM deal WHERE id = ?", (keys[0].bytes,))
    offered = device.asked("SELECT clock FROM outbox WHERE action = 1")
    assert offered == [(forgotten.clock_of(at),) for (at,) in changed], "as of its last change, not as of now"
    device.sync()
    assert device.content() == server_content(device.server)
    assert {row["id"] for row in rows(device)} == {*keys} if writes else {keys[1]}
    assert not device.want().anew


def test_a_birth_of_a_restored_copy_meets_its_own_record(device):
    key = new_id()
    device.do(lambda work: work.put("deal", key, {"title": "本机", "stage": "lead", "remark": "本机"}))
    take(device, page(full(DEAL, key.bytes, 1, title="服务器", stage="lead", remark="本机")))
    assert rows(device)[0]["title"] == "本机"
    units = len(DEAL.units)
    assert device.asked("SELECT count(*), min(base), max(action) FROM outbox") == [(units, 0, 3)]


def test_people_runs_and_numbers(device):
    with device.store.write() as connection:
        sync_state.set_shift(connection, -250)
        assert sync_state.shift(connection) == -250
        assert sync_state.person(connection, 5) is None
        for number in range(3):
            sync_state.log_run(connection, at=str(number), kind="net", sent=number)
        assert [run.sent for run in sync_state.runs(connection, limit=2)] == [2, 1]
        sync_state.take_blocks(connection, [p.Block("JJ2026", 5, 6, 1), p.Block("JJ2026", 9, 9, 2)])
        sync_state.take_blocks(connection, [p.Block("JJ2026", 5, 6, 1)])
        assert [sync_state.next_number(connection, "JJ2026") for _ in range(4)] == [5, 6, 9, None]
        assert sync_state.blocks(connection) == [p.BlockRequest("JJ2026", 0, 2)]
        sync_state.forget_blocks(connection)
        assert sync_state.blocks(connection) == []
