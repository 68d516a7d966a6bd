"""Edits take effect once, whole actions or nothing, and no change is replaced unseen."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.conflicts import read_items
from domain.pages import Full
from domain.protocol import (
    AHEAD_MS,
    FLIGHTS_AT_MOST,
    Back,
    Batch,
    Drop,
    Group,
    New,
    Publish,
    Set,
    Status,
    SyncRequest,
    clock_at,
    encode,
    unrolled,
)
from domain.registry import wire_types
from server.denials import Denied
from server.records import declining
from server.records.push import MalformedError
from server.sync.conversation import converse
from tests.server.talking import ACHIEVEMENT, DEAL, NOW, PARTY, SUBMISSION, edit, new

PARTY_TYPE = wire_types()["party"].number
DEAL_TYPE = wire_types()["deal"].number


def codes(answer):
    return [(v.group, v.op, Status(v.status).name, v.code) for v in answer.verdicts]


# ── batches ─────────────────────────────────────────────────────────────────────────────────────


def test_births_take_versions_in_their_order(devices):
    me = devices()
    answer = me.send([new("party", PARTY)], [new("party", PARTY), new("party", PARTY)])
    assert (answer.number, unrolled(answer.versions), answer.verdicts) == (1, [1, 2, 3], [])
    assert (answer.before, answer.after) == ({me.agency: 0}, {me.agency: 3})


def test_a_batch_that_comes_again_takes_effect_once_and_gets_the_same_answer(devices):
    me = devices()
    batch = encode(Batch(1, [Group(clock_at(NOW), [new("party", PARTY)])]))
    first = me.again(batch)
    assert me.again(batch) == first
    assert [row.version for row in me.rows()] == [1]


def test_several_batches_of_one_request_can_come_again_together(devices):
    me = devices()
    batches = [encode(Batch(n, [Group(clock_at(NOW), [new("party", PARTY)])])) for n in (1, 2, 3)]
    first = me.push(batches)
    assert [answer.number for answer in first.answers] == [1, 2, 3]
    assert {key: (raised.before, raised.after) for key, raised in first.heads.items()} == {me.agency: (2, 3)}
    again = me.push(batches)
    assert (again.answers, again.heads) == (first.answers, {})
    # What the device may still ask for is kept, the rest is forgotten.
    for number in range(4, FLIGHTS_AT_MOST + 3):
        me.push([encode(Batch(number, []))])
    assert me.push(batches[1:]).answers == first.answers[1:]
    with pytest.raises(Denied, match="copied"):
        me.push(batches[:1])


def test_a_number_that_does_not_follow_is_told_the_last_one_and_ends_the_request(devices):
    me = devices()
    me.send([new("party", PARTY)])
    later = [encode(Batch(n, [Group(clock_at(NOW), [new("party", PARTY)])])) for n in (3, 4)]
    pushed = me.push(later)
    assert [(answer.number, answer.expected) for answer in pushed.answers] == [(3, 1)]
    assert len(me.rows()) == 1


def test_what_follows_the_number_that_was_told_is_taken_and_an_old_batch_never_again(devices):
    me = devices()
    old = [encode(Batch(n, [Group(clock_at(NOW), [new("party", PARTY)])])) for n in (2, 3)]
    assert me.push(old).answers[0].expected == 0
    anew = encode(Batch(4, [Group(clock_at(NOW), [new("party", PARTY)])], follows=0))
    assert me.again(anew).expected == -1
    assert me.again(anew).expected == -1
    for batch in old:
        with pytest.raises(Denied, match="copied"):
            me.again(batch)
    assert me.again(encode(Batch(6, [], follows=0))).expected == 4
    assert len(me.rows()) == 1


def test_another_content_under_a_known_number_is_a_copied_store(devices):
    me = devices()
    me.send([new("party", PARTY)])
    with pytest.raises(Denied) as denied:
        me.again(encode(Batch(1, [Group(clock_at(NOW), [new("party", PARTY)])])))
    assert (denied.value.status, denied.value.trouble.code) == (409, "copied")


def test_a_store_that_has_sent_less_than_is_known_is_a_copy(database, devices):
    me = devices()
    me.send([new("party", PARTY)])
    with database.reading() as connection:
        moment = dt.datetime.now(dt.UTC)
        converse(connection, me.caller, SyncRequest(1, "", 0, NOW, sent=1), moment)
        with pytest.raises(Denied, match="copied"):
            converse(connection, me.caller, SyncRequest(1, "", 0, NOW, sent=0), moment)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xc1", encode([1]), encode([1, [[1, [[9, 1]]]]]), encode([1 << 62, [], 0]), b"\x91" * 100_000],
)
def test_bytes_that_are_no_batch_stop_the_request(devices, body):
    with pytest.raises(MalformedError):
        devices().again(body)


def test_an_empty_batch_is_answered(devices):
    assert devices().send().versions == []


# ── clocks ──────────────────────────────────────────────────────────────────────────────────────


def test_a_clock_ahead_is_set_back(devices):
    me = devices()
    me.send([new("party", PARTY)], at=NOW + 10 * AHEAD_MS)
    assert me.rows()[0].clock == clock_at(NOW + AHEAD_MS)


def test_clocks_that_no_clock_shows_are_taken_all_the_same(devices):
    me = devices()
    for number, clock in enumerate((-5, (1 << 64) - 1), start=1):
        answer = me.again(encode(Batch(number, [Group(clock, [new("party", PARTY)])])))
        assert answer.verdicts == []
    assert [row.clock for row in me.rows()] == [0, clock_at(NOW + AHEAD_MS)]


# ── free, set and protected units ───────────────────────────────────────────────────────────────


def test_the_later_edit_of_a_free_unit_stands_whichever_comes_first(devices):
    me = devices()
    you = devices(like=me)
    pk, version = me.born("party", PARTY)
    you.send([edit("party", pk, version, address="乙地")], at=NOW - 2000)
    answer = me.send([edit("party", pk, version, address="甲地")], at=NOW - 1000)
    assert codes(answer) == []
    assert me.record("party", pk)["address"] == "甲地"


def test_an_earlier_edit_of_a_free_unit_is_lost_and_says_so(devices):
    me = devices()
    you, third = devices(like=me), devices(like=me)
    pk, version = me.born("party", PARTY)
    you.send([edit("party", pk, version, address="乙地")], at=NOW - 1000)
    answer = third.send([edit("party", pk, version, address="丙地", phone="123")], at=NOW - 2000)
    unit = wire_types()["party"].unit_of_place[wire_types()["party"].places["address"]].number
    assert [(v.status, v.lost) for v in answer.verdicts] == [(Status.MERGED, [unit])]
    assert (answer.before, answer.after) == ({}, {})
    held = me.record("party", pk)
    assert (held["address"], held["phone"]) == ("乙地", "123")


def test_sets_are_joined_and_every_device_is_told(devices):
    me = devices()
    you = devices(like=me)
    pk, version = me.born("achievement", {**ACHIEVEMENT, "cooperation_modes": ["a"]})
    seen = {"cooperation_modes": ["a"]}
    you.send([edit("achievement", pk, version, was=seen, cooperation_modes=["a", "b"])])
    answer = me.send([edit("achievement", pk, version, was=seen, cooperation_modes=["c"])])
    assert [(v.status, v.lost) for v in answer.verdicts] == [(Status.MERGED, [])]
    assert set(me.record("achievement", pk)["cooperation_modes"]) == {"b", "c"}
    assert [type(row).__name__ for row in me.rows(cursor=version)] == ["Part"]


def test_a_protected_unit_is_never_replaced_unseen(devices):
    me = devices()
    you = devices(like=me)
    pk, version = me.born("deal", DEAL)
    you.send([edit("deal", pk, version, deal_amount=Decimal(100))])
    answer = me.send([edit("deal", pk, version, was={}, deal_amount=Decimal(200)), new("party", PARTY)])
    assert codes(answer) == [(0, 0, "CONFLICT", "changed"), (0, 1, "CONFLICT", "with")]
    assert unrolled(answer.versions) == [0, 0]
    assert me.record("deal", pk)["deal_amount"] == Decimal(100)
    assert {row.type for row in me.rows()} == {DEAL_TYPE, wire_types()["conflict"].number}


def test_the_conflict_tells_both_sides(devices):
    me = devices()
    you = devices(like=me)
    pk, version = me.born("deal", DEAL)
    you.send([edit("deal", pk, version, deal_amount=Decimal(100))], at=NOW - 5000)
    answer = me.send([edit("deal", pk, version, was={}, deal_amount=Decimal(200))], at=NOW - 4000)
    (verdict,) = answer.verdicts
    kept = me.record("conflict", verdict.conflict)
    assert (kept["title"], kept["record_type"], kept["state"]) == ("某合同", "deal", "open")
    assert kept["record_id"] == str(uuid.UUID(bytes=pk))
    assert (kept["mine_by"], kept["mine_device"]) == (me.caller.name, me.caller.label)
    assert (kept["theirs_by"], kept["theirs_device"]) == (you.caller.name, you.caller.label)
    assert kept["mine_at"] > kept["theirs_at"]
    (item,) = read_items(kept["items"])
    amount = next(version for version in item.versions if version.field == "deal_amount")
    assert (item.action, item.why, amount.was, amount.mine, amount.theirs) == (
        "set", "changed", None, "200.00", "100.00",
    )  # fmt: skip
    # It reaches the author too, although it stands right after what he had seen.
    assert wire_types()["conflict"].number in {row.type for row in me.rows(cursor=version)}


def test_a_conflict_of_a_very_large_action_keeps_the_reason(devices, monkeypatch):
    monkeypatch.setattr(declining, "_ITEMS", replace(declining._ITEMS, max=100_000))
    me = devices()
    you = devices(like=me)
    pk, version = me.born("deal", DEAL)
    you.send([edit("deal", pk, version, deal_amount=Decimal(100))])
    others = [new("deal", {**DEAL, "remark": "长" * 500}) for _ in range(300)]
    answer = me.send([*others, edit("deal", pk, version, was={}, deal_amount=Decimal(200))])
    items = read_items(me.record("conflict", answer.verdicts[0].conflict)["items"])
    assert items[0].why == "changed"
    assert 10 < len(items) < 300


def test_what_the_authority_says_only_the_authority_writes(devices):
    me, authority = devices("staff"), devices("authority")
    scope = f"s:{me.caller.organisation}"
    pk, version = me.born("submission", SUBMISSION)
    answer = me.send([edit("submission", pk, version, state="accepted", answer="已阅")])
    assert codes(answer) == [(0, 0, "REFUSED", "authority")]
    assert authority.send([edit("submission", pk, version, state="accepted", answer="已阅")]).verdicts == []
    assert authority.record("submission", pk, scope)["answer"] == "已阅"


# ── life ────────────────────────────────────────────────────────────────────────────────────────


def test_a_record_goes_to_the_bin_and_back(devices):
    me = devices()
    pk, version = me.born("party", PARTY)
    answer = me.send([Drop(PARTY_TYPE, pk, version)])
    assert unrolled(answer.versions) == [2]
    assert me.rows() == []
    assert unrolled(me.send([Drop(PARTY_TYPE, pk, 2)]).versions) == [0]
    assert unrolled(me.send([Back(PARTY_TYPE, pk, 2)]).versions) == [3]
    assert unrolled(me.send([Back(PARTY_TYPE, pk, 3)]).versions) == [0]
    assert me.record("party", pk)["name"] == PARTY["name"]


def test_a_deletion_never_removes_unseen_changes(devices):
    me = devices()
    you = devices(like=me)
    pk, version = me.born("party", PARTY)
    you.send([edit("party", pk, version, address="乙地")])
    assert codes(me.send([Drop(PARTY_TYPE, pk, version)])) == [(0, 0, "CONFLICT", "changed")]
    assert me.record("party", pk)["address"] == "乙地"


def test_an_edit_of_a_dead_record_is_a_conflict_with_who_dropped_it(devices):
    me = devices()
    you = devices(like=me)
    pk, version = me.born("party", PARTY)
    me.send([Drop(PARTY_TYPE, pk, version)])
    answer = you.send([edit("party", pk, version, address="乙地")])
    assert codes(answer) == [(0, 0, "CONFLICT", "gone")]
    assert me.record("conflict", answer.verdicts[0].conflict)["theirs_by"] == me.caller.name


# ── groups ──────────────────────────────────────────────────────────────────────────────────────


def test_a_refused_edit_takes_its_whole_action_with_it_and_no_other(devices):
    me = devices()
    answer = me.send([new("party", PARTY), new("party", {})], [new("party", PARTY)])
    assert codes(answer) == [(0, 0, "REFUSED", "with"), (0, 1, "REFUSED", "invalid:name:required")]
    assert unrolled(answer.versions) == [0, 0, 1]
    assert len(me.rows()) == 1


def test_a_refusal_outweighs_a_conflict(devices):
    me = devices()
    you = devices(like=me)
    pk, version = me.born("deal", DEAL)
    you.send([edit("deal", pk, version, deal_amount=Decimal(100))])
    answer = me.send([edit("deal", pk, version, deal_amount=Decimal(200)), Drop(PARTY_TYPE, bytes(16), 0)])
    assert codes(answer) == [(0, 0, "REFUSED", "changed"), (0, 1, "REFUSED", "no-record")]
    assert len(me.rows()) == 1


def test_edits_of_one_record_in_one_batch_share_its_version(devices):
    me = devices()
    op = new("party", PARTY)
    answer = me.send(
        [op, edit("party", op.pk, 0, address="甲地")],
        [edit("party", op.pk, 0, phone="12")],
        [new("party", PARTY)],
    )
    assert unrolled(answer.versions) == [1, 1, 1, 2]
    held = me.record("party", op.pk)
    assert (held["address"], held["phone"]) == ("甲地", "12")


def test_a_declined_action_leaves_the_record_to_the_next_one(devices):
    me = devices()
    pk, version = me.born("party", PARTY)
    answer = me.send(
        [edit("party", pk, version, address="甲地"), new("party", {})],
        [edit("party", pk, version, phone="12")],
    )
    held = me.record("party", pk)
    assert (held["address"], held["phone"], len(answer.verdicts)) == (None, "12", 2)


# ── records that are not as they should be ──────────────────────────────────────────────────────


def test_records_nobody_may_know_of_do_not_exist(devices):
    me, stranger = devices(), devices()
    pk, version = me.born("party", PARTY)
    assert codes(stranger.send([edit("party", pk, version, address="乙地")])) == [
        (0, 0, "REFUSED", "no-record")
    ]
    assert codes(stranger.send([Drop(PARTY_TYPE, pk, version)])) == [(0, 0, "REFUSED", "no-record")]


def test_who_may_only_read_is_refused(devices):
    me = devices()
    trainer = devices("trainer", like=me)
    pk, version = me.born("party", PARTY)
    for op in (
        edit("party", pk, version, address="乙地"),
        new("party", PARTY),
        Publish(PARTY_TYPE, pk, True),
    ):
        assert codes(trainer.send([op])) == [(0, 0, "REFUSED", "permission")]


def test_a_scope_may_be_named_but_must_be_ones_own(devices):
    me, stranger = devices(), devices()
    mine = f"u:{me.caller.account}"
    pk, version = me.born("party", PARTY, scope=mine)
    assert (version, [row.pk for row in me.rows(mine)]) == (1, [pk])
    for scope in (f"u:{stranger.caller.account}", stranger.agency, "p", "x"):
        assert codes(me.send([new("party", PARTY, scope=scope)])) == [(0, 0, "REFUSED", "permission")]


@pytest.mark.parametrize(
    ("op", "code"),
    [
        (New(PARTY_TYPE, b"short", ["名"]), "invalid::id"),
        (New(0, bytes(16), []), "invalid::id"),
        (New(1 << 15, bytes(16), []), "invalid::id"),
        (New(PARTY_TYPE, bytes(16), []), "invalid:name:required"),
        (New(PARTY_TYPE, bytes(16), ["名" * 5000, "enterprise"]), "invalid:name:too-long"),
        (Set(PARTY_TYPE, b"short", 0, {}), "no-record"),
        (Drop(1 << 40, bytes(16), 0), "no-record"),
        (Drop(-1, bytes(16), 0), "no-record"),
    ],
)
def test_edits_that_make_no_sense_are_refused_one_by_one(devices, op, code):
    me = devices()
    answer = me.send([op], [new("party", PARTY)])
    assert codes(answer) == [(0, 0, "REFUSED", code)]
    assert len(me.rows()) == 1


def test_an_edit_that_breaks_a_rule_across_fields_is_refused(devices):
    me = devices()
    pk, version = me.born("deal", {**DEAL, "begins_on": dt.date(2026, 5, 1)})
    early: dict[str, Any] = {"begins_on": dt.date(2026, 5, 1), "ends_on": dt.date(2026, 4, 1)}
    answer = me.send([edit("deal", pk, version, **early)])
    assert codes(answer) == [(0, 0, "REFUSED", "invalid:ends_on:end-before-start")]


def test_a_type_of_a_newer_program_is_kept(devices):
    me = devices()
    op = New(999, uuid.uuid4().bytes, ["题", None, 5, ["a"]])
    assert me.send([op]).verdicts == []
    assert me.send([Set(999, op.pk, 1, {1003: {3: ["b"]}, 7: {9: "新"}})]).verdicts == []
    (row,) = me.rows()
    assert isinstance(row, Full)
    assert bytes(row.body) == encode(["题", None, 5, ["b"], None, None, None, None, None, "新"])


def test_a_conflict_about_a_record_of_a_newer_program_is_kept_too(devices):
    me = devices()
    you = devices(like=me)
    op = new("party", PARTY)
    strange = New(999, op.pk, ["题"])
    me.send([strange], [Drop(999, op.pk, 1)])
    answer = you.send([Set(999, op.pk, 1, {1000: {0: "新"}})])
    assert codes(answer) == [(0, 0, "CONFLICT", "gone")]
    held = me.record("conflict", answer.verdicts[0].conflict)
    assert (held["title"], read_items(held["items"])) == ("冲突", [])


# ── records that come again ─────────────────────────────────────────────────────────────────────


def test_a_record_that_is_sent_again_keeps_its_version(devices):
    me = devices()
    op = new("party", PARTY)
    assert unrolled(me.send([new("party", PARTY)], [op]).versions) == [1, 2]
    answer = me.send([op], [new("party", PARTY)])
    assert (answer.verdicts, unrolled(answer.versions)) == ([], [2, 3])


def test_a_record_that_is_sent_again_by_another_life_of_the_store_is_an_edit(devices):
    me = devices()
    twin = devices(same=me)
    op = new("party", PARTY)
    me.send([op], at=NOW - 5000)
    again = New(op.type, op.pk, new("party", {**PARTY, "address": "甲地"}).body)
    assert twin.send([again], at=NOW - 4000).verdicts == []
    assert me.record("party", op.pk)["address"] == "甲地"
    answer = twin.send([New(op.type, op.pk, [])], [New(op.type, op.pk, op.body, me.agency)])
    assert codes(answer) == [(0, 0, "REFUSED", "invalid:name:required")]


def test_a_record_that_is_sent_again_is_found_where_its_author_does_not_see_it(devices):
    me = devices()
    colleague = devices(like=me)
    op = new("party", PARTY)
    colleague.send([New(op.type, op.pk, op.body, colleague.own)])
    answer = me.send([new("party", PARTY)], [op, new("party", PARTY)], told_before=True)
    assert codes(answer) == [(1, 0, "REFUSED", "moved"), (1, 1, "REFUSED", "with")]
    assert (len(me.rows()), len(colleague.rows(colleague.own))) == (1, 1)
    assert codes(me.send([edit("party", op.pk, 0, address="乙地")])) == [(0, 0, "REFUSED", "no-record")]


def test_a_record_that_is_sent_again_into_another_scope_stays_where_it_is(devices):
    me = devices()
    colleague = devices(like=me)
    op = new("party", PARTY)
    colleague.send([op], at=NOW - 5000)
    mine = New(op.type, op.pk, new("party", {**PARTY, "address": "甲地"}).body, me.own)
    assert me.send([mine], told_before=True).verdicts == []
    assert me.rows(me.own) == []
    assert colleague.record("party", op.pk)["address"] == "甲地"


def test_a_record_of_another_organisation_is_not_looked_for(devices):
    me, stranger = devices(), devices()
    op = new("party", PARTY)
    stranger.send([op])
    assert me.send([op], told_before=True).verdicts == []
    assert (len(me.rows()), len(stranger.rows())) == (1, 1)
