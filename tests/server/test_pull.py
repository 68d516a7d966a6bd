"""Every device is sent exactly what it lacks: the least that is right, and nothing it may not read."""

from __future__ import annotations

import uuid

import msgspec
import pytest

from domain.digest import row_digest
from domain.pages import Full, Gone, Own, Part, Stub
from domain.protocol import Back, Drop, Move, Publish, Set, Want, unrolled
from domain.registry import LIFE, wire_types
from server.records import grants, pull
from server.records.rows import Row
from tests.server.talking import ACHIEVEMENT, PARTY, edit, new

PARTY_TYPE = wire_types()["party"].number
PLACES = wire_types()["party"].places
UNITS = wire_types()["party"].unit_of_place


def kinds(rows):
    return [type(row) for row in rows]


def test_a_new_device_gets_every_record_whole(devices):
    me = devices()
    pk, version = me.born("party", PARTY)
    page = devices(like=me).page()
    assert (page.scope, page.since, page.until, page.head) == (me.agency, 0, 1, 1)
    (row,) = page.rows
    assert (row.type, row.pk, row.version, row.dead, row.device) == (
        PARTY_TYPE,
        pk,
        version,
        False,
        me.caller.device,
    )
    assert row.born == row.clock > 0
    assert msgspec.msgpack.decode(row.body) == new("party", PARTY).body


def test_nothing_new_is_no_page(devices):
    me = devices()
    me.born("party", PARTY)
    assert me.pages(Want(me.agency, 1, epoch=me.page().epoch)) == ([], [])


def test_a_device_that_only_wrote_is_told_the_epoch(devices):
    me = devices()
    me.born("party", PARTY)
    page = me.page(cursor=1)
    assert (page.epoch > 0, page.rows, page.until) == (True, [], 1)


def test_who_holds_a_record_gets_the_changed_units(devices):
    me = devices()
    you = devices(like=me)
    pk, version = me.born("party", PARTY)
    me.send([edit("party", pk, version, address="甲地")])
    (row,) = you.rows(cursor=version)
    assert isinstance(row, Part)
    assert (row.values, row.units) == ({PLACES["address"]: "甲地"}, [UNITS[PLACES["address"]].number])
    assert (row.version, row.device, row.dead) == (2, me.caller.device, False)


def test_a_record_born_since_comes_whole_however_often_it_changed(devices):
    me = devices()
    you = devices(like=me)
    me.born("party", PARTY)
    pk, version = me.born("party", PARTY)
    me.send([edit("party", pk, version, address="甲地")])
    assert kinds(you.rows(cursor=1)) == [Full]


def test_a_device_is_not_sent_its_own_changes(devices):
    me = devices()
    pk, version = me.born("party", PARTY)
    me.send([edit("party", pk, version, address="甲地")], [new("party", PARTY)])
    assert kinds(me.rows(cursor=1)) == [Own, Own]
    assert [row.version for row in me.rows(cursor=1)] == [2, 3]


def test_a_device_that_holds_nothing_gets_its_own_records_too(devices):
    me = devices()
    me.born("party", PARTY)
    assert kinds(me.rows()) == [Full]


def test_inside_an_unfinished_checkpoint_own_changes_come_with_their_values(devices):
    me = devices()
    pk, _ = me.born("party", PARTY)
    me.born("party", PARTY)
    me.send([edit("party", pk, 1, address="甲地")])
    assert kinds(me.rows(cursor=1, staged=2)) == [Part]


def test_units_count_from_what_the_device_shows_not_from_what_it_fetched(devices):
    me = devices()
    you = devices(like=me)
    pk, version = me.born("party", PARTY)
    me.send([edit("party", pk, version, address="甲地")])
    me.born("party", PARTY)
    me.send([edit("party", pk, version, phone="12")])
    (row,) = you.rows(cursor=1, staged=3)
    assert row.values == {PLACES["address"]: "甲地", PLACES["phone"]: "12"}


def test_records_in_the_bin(devices):
    me = devices()
    you = devices(like=me)
    pk, version = me.born("party", PARTY)
    me.send([Drop(PARTY_TYPE, pk, version)])
    assert you.page().rows == []
    assert you.page().until == 2
    (row,) = you.rows(cursor=1)
    assert (type(row), row.values, row.units, row.dead) == (Part, {}, [LIFE], True)
    assert [row.dead for row in you.rows(cursor=0, staged=1)] == [True]
    me.send([Back(PARTY_TYPE, pk, 2)])
    assert kinds(you.rows(cursor=2)) == [Full]


def test_units_of_a_newer_program_come_as_places_or_whole(devices):
    me = devices()
    you = devices(like=me)
    pk, version = me.born("party", PARTY)
    me.send([Set(PARTY_TYPE, pk, version, {1300: {300: "新"}})])
    (row,) = you.rows(cursor=1)
    assert (row.values, row.units) == ({300: "新"}, [1300])
    me.send([Set(PARTY_TYPE, pk, 2, {777: {301: "新"}})])
    assert kinds(you.rows(cursor=2)) == [Full]


def test_pages_end_after_their_rows_and_share_them(devices):
    me = devices()
    mine = f"u:{me.caller.account}"
    me.send(*([new("party", PARTY)] for _ in range(5)))
    me.send(*([new("party", PARTY, scope=mine)] for _ in range(5)))
    found, _ = me.pages(Want(me.agency, 0), Want(mine, 0), rows=7)
    assert [(page.until, page.head, len(page.rows)) for page in found] == [(5, 5, 5), (2, 5, 2)]
    found, _ = me.pages(Want(me.agency, 0, staged=3), Want("a:others", 0), rows=7)
    assert [[row.version for row in page.rows] for page in found] == [[4, 5]]
    assert me.pages(Want(me.agency, 0), rows=0) == ([], [])
    assert me.pages(Want(me.agency, 0), rows=-1) == ([], [])


def test_pages_end_after_their_bytes_but_always_have_a_row(devices, monkeypatch):
    monkeypatch.setattr(pull, "PAGE_BYTES", 1000)
    me = devices()
    me.send(*([new("party", {**PARTY, "remark": "长" * 250})] for _ in range(5)))
    assert [(page.until, page.head) for page in me.pages(Want(me.agency, 0))[0]] == [(2, 5)]
    monkeypatch.setattr(pull, "PAGE_BYTES", 1)
    assert me.page().until == 1
    mine = f"u:{me.caller.account}"
    me.send([new("party", PARTY, scope=mine)])
    assert len(me.pages(Want(me.agency, 0), Want(mine, 0))[0]) == 1


def test_large_bodies_are_read_for_the_page_they_are_in(devices, monkeypatch):
    me = devices()
    me.send(*([new("party", {**PARTY, "remark": "长" * length})] for length in (1, 200, 2)))
    small = me.rows()
    monkeypatch.setattr(pull, "SMALL", 300)
    assert [bytes(row.body) for row in me.rows()] == [bytes(row.body) for row in small]


def test_a_large_record_that_changes_while_it_is_read_comes_later(database, devices):
    me = devices()
    me.send([new("party", PARTY)], [new("party", PARTY)])
    rows = [Row(1, PARTY_TYPE, bytes(16), b"", 0, 1, seq=seq) for seq in (1, 7)]
    with database.reading() as connection:
        assert [row.seq for row in pull._filled(connection, rows, {1, 7})] == [1]


def test_to_a_device_of_another_epoch_a_scope_is_told_from_the_beginning(devices):
    me = devices()
    me.born("party", PARTY)
    epoch = me.page().epoch
    ((page,), mended) = me.pages(Want(me.agency, 1, epoch - 1))
    assert (page.epoch, page.since, page.until, len(page.rows), mended) == (epoch, 0, 1, 1, [])


def test_where_there_is_no_room_a_new_epoch_is_told_all_the_same(devices):
    me = devices()
    me.born("party", PARTY)
    epoch = me.page().epoch
    ((page,), _mended) = me.pages(Want(me.agency, 1, epoch - 1), rows=0)
    assert (page.epoch, page.since, page.until, page.head, page.rows) == (epoch, 0, 0, 1, [])


def test_what_is_no_more_is_told_to_a_device_that_holds_something(devices):
    me = devices()
    (dead, version), (moved, _) = me.born("party", PARTY), me.born("party", PARTY)
    me.send([Drop(PARTY_TYPE, dead, version), Move(PARTY_TYPE, moved, 2, f"u:{me.caller.account}")])
    assert me.rows() == []
    told = {row.pk: type(row) for row in me.rows(anew=True)}
    assert told == {dead: Full, moved: Gone}


def test_a_device_that_waits_for_the_end_of_a_load_gets_a_page_of_nothing(devices):
    me = devices()
    epoch = me.page().epoch
    assert me.pages(Want(me.agency, 0, epoch)) == ([], [])
    assert me.page(me.agency, 0, epoch=epoch, anew=True).rows == []


def test_a_device_that_holds_other_records_compares(devices):
    me = devices()
    pk, version = me.born("party", PARTY)
    epoch = me.page().epoch
    digest = row_digest(PARTY_TYPE, pk, version)
    assert me.pages(Want(me.agency, 1, epoch, 1, digest)) == ([], [])
    assert me.pages(Want(me.agency, 1, epoch, 1, digest ^ 1)) == ([], [me.agency])
    assert me.pages(Want(me.agency, 1, epoch, 2, digest)) == ([], [me.agency])
    assert me.pages(Want(me.agency, 0, epoch, 0, 0))[1] == []


def test_the_digest_follows_every_change(database, devices):
    me = devices()
    first, version = me.born("party", PARTY)
    second, _ = me.born("party", PARTY)
    third, _ = me.born("party", PARTY)
    me.send([edit("party", first, version, address="甲地")], [Drop(PARTY_TYPE, second, 2)])
    me.send([Move(PARTY_TYPE, third, 3, f"u:{me.caller.account}")])
    with database.reading() as connection:
        scope = next(s for s in grants.scopes_of(connection, me.caller) if s.key == me.agency)
    assert (scope.live, scope.digest) == (1, row_digest(PARTY_TYPE, first, 4))


# ── leaving a scope ─────────────────────────────────────────────────────────────────────────────


def test_a_record_that_is_moved_leaves_one_scope_and_enters_the_other_whole(devices):
    me = devices()
    you = devices(like=me)
    mine = f"u:{me.caller.account}"
    for _ in range(3):
        me.born("party", PARTY)
    pk, version = me.born("party", PARTY)
    answer = me.send([Move(PARTY_TYPE, pk, version, mine)])
    assert (answer.verdicts, answer.before, unrolled(answer.versions)) == ([], {}, [5])
    (gone,) = you.rows(cursor=4)
    assert (type(gone), gone.pk, gone.version, gone.to) == (Gone, pk, 5, mine)
    assert len(you.rows()) == 3
    (row,) = me.rows(mine)
    assert (type(row), row.pk, row.version) == (Full, pk, 5)
    assert kinds(me.rows(mine, cursor=1)) == [Full]
    answer = you.send([edit("party", pk, version, address="乙地")])
    assert [verdict.code for verdict in answer.verdicts] == ["moved"]
    assert [v.code for v in you.send([new("party", PARTY, pk=pk)]).verdicts] == ["moved"]


def test_a_record_comes_back_with_its_units(devices):
    me = devices()
    you = devices(like=me)
    mine = f"u:{me.caller.account}"
    pk, version = me.born("party", PARTY)
    me.send([Move(PARTY_TYPE, pk, version, mine), edit("party", pk, version, address="甲地")])
    me.send([Move(PARTY_TYPE, pk, 2, me.agency)], [Move(PARTY_TYPE, pk, 2, me.agency)])
    assert kinds(you.rows(cursor=1)) == [Full]
    assert you.record("party", pk)["address"] == "甲地"
    assert kinds(me.rows(mine, cursor=1)) == [Gone]


def test_to_and_fro_in_one_batch_leaves_no_trace(devices):
    me = devices()
    pk, version = me.born("party", PARTY)
    mine = f"u:{me.caller.account}"
    answer = me.send([Move(PARTY_TYPE, pk, version, mine)], [Move(PARTY_TYPE, pk, version, me.agency)])
    assert answer.verdicts == []
    assert kinds(me.rows()) == [Full]
    assert me.rows(mine) == []
    born = new("party", PARTY)
    me.send([born, Move(PARTY_TYPE, born.pk, 0, mine)])
    assert [row.pk for row in me.rows(mine)] == [born.pk]
    assert len(me.rows()) == 1


def test_a_record_moves_only_within_its_organisation_and_alive(devices):
    me, authority = devices("staff"), devices("authority")
    pk, version = me.born("party", PARTY)
    others = devices("staff")
    others.born("submission", {"title": "年报", "kind": "annual-report", "state": "draft"})
    for scope in ("p", "x", others.agency):
        assert [v.code for v in me.send([Move(PARTY_TYPE, pk, version, scope)]).verdicts] == ["permission"]
    kind = wire_types()["submission"].number
    sent, at = me.born("submission", {"title": "年报", "kind": "annual-report", "state": "draft"})
    theirs = f"s:{others.caller.organisation}"
    assert [v.code for v in authority.send([Move(kind, sent, at, theirs)]).verdicts] == ["permission"]
    me.send([Drop(PARTY_TYPE, pk, version)])
    mine = f"u:{me.caller.account}"
    assert [v.code for v in me.send([Move(PARTY_TYPE, pk, version, mine)]).verdicts] == ["gone"]


# ── names of records outside ────────────────────────────────────────────────────────────────────


def test_the_register_names_its_holders_to_who_may_not_read_the_agency(devices):
    me, authority = devices("staff"), devices("authority")
    register = f"t:{me.caller.organisation}"
    broker, version = me.born("broker", {"name": "王某"})
    held = {
        "certificate_no": "JJ1",
        "holder_name": "王某",
        "level": "junior",
        "issuer": "本机构",
        "state": "issued",
    }
    me.born("certificate", {**held, "holder": uuid.UUID(bytes=broker)})
    rows = {type(row): row for row in authority.rows(register)}
    assert rows.keys() == {Full, Stub}
    assert (rows[Stub].pk, rows[Stub].title) == (broker, "王某")
    assert authority.rows(me.agency) == []
    me.send([edit("broker", broker, version, name="王某某")])
    assert [row.title for row in authority.rows(register, cursor=2)] == ["王某某"]
    me.send([edit("broker", broker, version, remark="无关")])
    assert authority.page(register, cursor=3, epoch=authority.page(register).epoch) is None


def test_a_stub_never_takes_the_place_of_its_record(devices):
    me = devices("staff")
    register = f"t:{me.caller.organisation}"
    broker, _ = me.born("broker", {"name": "王某"}, scope=register)
    held = {
        "certificate_no": "JJ1",
        "holder_name": "王某",
        "level": "junior",
        "issuer": "本机构",
        "state": "issued",
    }
    me.born("certificate", {**held, "holder": uuid.UUID(bytes=broker)})
    me.born("certificate", {**held, "holder": uuid.uuid4()})
    assert kinds(me.rows(register)) == [Full, Full, Full]


# ── the public catalogue ────────────────────────────────────────────────────────────────────────

ACHIEVEMENT_TYPE = wire_types()["achievement"].number


def test_a_published_record_shows_its_public_fields_to_others_only(devices):
    me, stranger = devices(), devices()
    pk, _ = me.born("achievement", {**ACHIEVEMENT, "summary": "摘要", "remark": "内部"})
    me.send([Publish(ACHIEVEMENT_TYPE, pk, True)])
    (row,) = stranger.rows("p")
    assert row.pk != pk
    held = stranger.record("achievement", row.pk, "p")
    assert (held["title"], held["summary"], held["remark"]) == ("某成果", "摘要", None)
    assert (kinds(me.rows("p")), me.rows("p")[0].pk) == ([Own], row.pk)


def test_the_copy_follows_its_record(devices):
    me, stranger = devices(), devices()
    pk, version = me.born("achievement", ACHIEVEMENT)
    me.send([Publish(ACHIEVEMENT_TYPE, pk, True)])
    me.send([edit("achievement", pk, version, remark="内部")])
    assert stranger.rows("p", cursor=1) == []
    me.send([edit("achievement", pk, version, summary="新")])
    (row,) = stranger.rows("p", cursor=1)
    assert (type(row), stranger.record("achievement", row.pk, "p")["summary"]) == (Full, "新")
    me.send([Drop(ACHIEVEMENT_TYPE, pk, 3)])
    assert kinds(stranger.rows("p", cursor=2)) == [Gone]
    me.send([Back(ACHIEVEMENT_TYPE, pk, 4)])
    assert stranger.rows("p") == []
    me.send([Publish(ACHIEVEMENT_TYPE, pk, True)])
    assert len(stranger.rows("p")) == 1
    me.send([Move(ACHIEVEMENT_TYPE, pk, 5, f"u:{me.caller.account}")])
    assert stranger.rows("p") == []


def test_records_of_two_organisations_with_one_id_have_each_a_copy_of_its_own(devices):
    me, other, stranger = devices(), devices(), devices()
    pk, _ = me.born("achievement", ACHIEVEMENT)
    me.send([Publish(ACHIEVEMENT_TYPE, pk, True)])
    _, version = other.born("achievement", {**ACHIEVEMENT, "title": "未公开"}, pk=pk)
    other.send([edit("achievement", pk, version, title="仍未公开")])
    (mine,) = stranger.rows("p")
    assert stranger.record("achievement", mine.pk, "p")["title"] == ACHIEVEMENT["title"]
    other.send([Publish(ACHIEVEMENT_TYPE, pk, True)])
    (theirs,) = (row for row in stranger.rows("p") if row.pk != mine.pk)
    assert stranger.record("achievement", theirs.pk, "p")["title"] == "仍未公开"
    other.send([Publish(ACHIEVEMENT_TYPE, pk, False)])
    assert [row.pk for row in stranger.rows("p")] == [mine.pk]
    assert kinds(me.rows("p")) == [Own]


def test_what_is_no_longer_shown_leaves_the_catalogue(devices):
    me, stranger = devices(), devices()
    pk, _ = me.born("achievement", ACHIEVEMENT)
    me.send([Publish(ACHIEVEMENT_TYPE, pk, True)], [Publish(ACHIEVEMENT_TYPE, pk, False)])
    assert stranger.page("p").until == 0
    me.send([Publish(ACHIEVEMENT_TYPE, pk, True)])
    me.send([Publish(ACHIEVEMENT_TYPE, pk, False)])
    assert kinds(stranger.rows("p", cursor=1)) == [Gone]


@pytest.mark.parametrize("where", ["party", "own", "dead"])
def test_what_cannot_be_published_is_refused(devices, where):
    me = devices()
    if where == "party":
        pk, kind = me.born("party", PARTY)[0], PARTY_TYPE
    else:
        scope = f"u:{me.caller.account}" if where == "own" else ""
        pk, kind = me.born("achievement", ACHIEVEMENT, scope=scope)[0], ACHIEVEMENT_TYPE
    if where == "dead":
        me.send([Drop(kind, pk, 1)])
    assert [v.code for v in me.send([Publish(kind, pk, True)]).verdicts] == ["not-public"]
