"""Deciding conflicts on a real store: what is shown, what is written, and the way back."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal

import pytest

from desktop.models import departures, history, queries
from desktop.models.outgoing import outbox, refused
from desktop.models.work import Work, new_id
from desktop.services import conflict_log, conflicts, records
from desktop.services.after_sync import settle_after_sync
from desktop.services.conflict_decisions import MINE, THEIRS, Choice, decide, reopen
from domain.problems import Refusal
from domain.protocol import encode
from tests.clashes import amount_clash, born, drop, edit, entity, judged, keep

DAY = dt.date(2026, 2, 1)
HELD = {"title": "无氯氟发泡剂转让", "stage": "signing", "deal_amount": Decimal(1_500_000)}


@pytest.fixture
def deal(desk):
    return saved(desk, "deal", **HELD)


def saved(desk, record_type, **values):
    record_id = new_id()
    records.save(desk, record_type=record_type, record_id=record_id, values=values)
    return record_id


def row(desk, record_type, record_id):
    with desk.store.read() as connection:
        return queries.get(connection, record_type, record_id) or {}


def conflict(desk, conflict_id):
    return row(desk, "conflict", conflict_id)


def amount(deal):
    return ("deal", deal, "deal_amount")


# ── what is shown ───────────────────────────────────────────────────────────────────────────────


def test_the_dialog_shows_three_versions_as_people_read_them(desk, deal):
    shown = conflicts.detail(desk, amount_clash(desk, deal, HELD))
    (part,) = shown.contested()
    (line,) = [line for line in part.lines if line.contested]
    assert (line.label, line.was, line.mine, line.theirs) == (
        "成交额", "1,000,000.00", "1,200,000.00", "1,500,000.00",
    )  # fmt: skip
    assert line.now == ""
    assert (shown.entry.mine.who, shown.entry.mine.device) == ("高璟", "笔记本")
    assert shown.entry.fields == "成交额"
    assert shown.notes


def test_what_only_one_side_wrote_accompanies_and_is_not_asked(desk, deal):
    shown = conflicts.detail(desk, amount_clash(desk, deal, HELD))
    along = [(part.record_type, line.label if line else None) for part, line in shown.accompanying()]
    assert along == [("deal", "备注"), ("payment", None)]


def test_a_value_that_moved_on_since_is_told(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    records.save(desk, record_type="deal", record_id=deal, values={**HELD, "deal_amount": Decimal(900_000)})
    (part,) = conflicts.detail(desk, conflict_id).contested()
    assert next(line.now for line in part.lines if line.contested) == "900,000.00"


def test_a_conflict_is_found_from_every_record_it_concerns(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    for record_type, record_id in (("deal", deal), ("payment", uuid.UUID(int=77))):
        assert [one.conflict_id for one in conflicts.of_record(desk, record_type, record_id)] == [conflict_id]
    assert conflicts.of_record(desk, "deal", new_id()) == []


def test_content_nobody_can_read_does_not_close_the_register(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    keep(desk, judged("deal", drop("deal", deal), entity("deal", HELD, "amounts")), items="[{}]")
    assert len(conflicts.open_conflicts(desk)) == 2
    assert conflicts.detail(desk, conflict_id).contested()


def test_a_place_of_a_newer_program_can_only_stay(desk, deal):
    op = edit("deal", deal, {"deal_amount": Decimal(1)}, {"deal_amount": Decimal(2)})
    made = judged("deal", op, entity("deal", HELD, "amounts"))
    text = json.dumps([["#99", "#1099", None, "'neu'", "None"]])
    items = json.dumps(
        [
            {
                "type": "deal",
                "id": str(deal),
                "title": made.title,
                "action": "set",
                "why": "changed",
                "versions": json.loads(text),
            }
        ]
    )
    shown = conflicts.detail(desk, keep(desk, made, items=items))
    assert [line.label for _, line in shown.accompanying() if line] == ["新版本栏目 #99"]
    decide(desk, conflict_id=shown.entry.conflict_id, choices={})


# ── deciding ────────────────────────────────────────────────────────────────────────────────────


def test_mine_is_written_with_what_accompanied_it_in_one_step_of_undo(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    changes = decide(desk, conflict_id=conflict_id, choices={amount(deal): MINE})
    assert changes.label == "处理冲突“无氯氟发泡剂转让”"
    held = row(desk, "deal", deal)
    assert (held["deal_amount"], held["remark"]) == (Decimal(1_200_000), "对方同意加价")
    assert held["paid_amount"] == Decimal(300_000)
    assert row(desk, "payment", uuid.UUID(int=77))["amount"] == Decimal(300_000)
    assert conflicts.open_conflicts(desk) == []
    records.undo(desk)
    assert row(desk, "deal", deal)["deal_amount"] == Decimal(1_500_000)
    assert len(conflicts.open_conflicts(desk)) == 1


def test_theirs_leaves_what_stands_and_can_leave_out_what_accompanied(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    choices = {
        amount(deal): THEIRS,
        ("deal", deal, "remark"): THEIRS,
        ("payment", uuid.UUID(int=77), ""): THEIRS,
    }
    changes = decide(desk, conflict_id=conflict_id, choices=choices)
    assert changes.types() == {"conflict"}
    assert row(desk, "payment", uuid.UUID(int=77)) == {}


def test_a_third_value_can_be_typed_and_is_checked(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    with pytest.raises(Refusal, match="不能小于"):
        decide(desk, conflict_id=conflict_id, choices={amount(deal): Choice("typed", Decimal(-1))})
    decide(desk, conflict_id=conflict_id, choices={amount(deal): Choice("typed", Decimal(1_300_000))})
    assert row(desk, "deal", deal)["deal_amount"] == Decimal(1_300_000)


def test_what_is_not_chosen_is_named(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    with pytest.raises(Refusal, match="还有 1 处没有选择：成交额"):
        decide(desk, conflict_id=conflict_id, choices={})
    assert conflict(desk, conflict_id)["state"] == "open"


def test_who_chose_what_is_kept(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    decide(desk, conflict_id=conflict_id, choices={amount(deal): THEIRS})
    held = conflict(desk, conflict_id)
    assert held["decided_by"] == "高璟"
    at = dt.datetime.fromisoformat(held["decided_at"]).astimezone()
    assert conflict_log.chosen_words(held) == [f"{at:%Y-%m-%d %H:%M} 高璟：成交额采用王芳的"]


def test_a_decided_conflict_is_not_decided_again(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    decide(desk, conflict_id=conflict_id, choices={amount(deal): THEIRS})
    with pytest.raises(Refusal, match="高璟已处理"):
        decide(desk, conflict_id=conflict_id, choices={amount(deal): MINE})


def test_both_versions_can_be_kept_in_the_remark(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    decide(desk, conflict_id=conflict_id, choices={amount(deal): MINE}, keep_both_as_note=True)
    remark = row(desk, "deal", deal)["remark"]
    assert remark == "对方同意加价\n【冲突 2026-03-02】成交额：王芳填“1,500,000.00”，未采用"


def test_a_remark_that_cannot_hold_it_says_so_and_nothing_is_written(desk, deal):
    records.save(desk, record_type="deal", record_id=deal, values={**HELD, "remark": "长" * 990})
    op = edit("deal", deal, {"deal_amount": Decimal(1_200_000)}, {"deal_amount": Decimal(1_000_000)})
    conflict_id = keep(desk, judged("deal", op, entity("deal", HELD, "amounts")))
    with pytest.raises(Refusal, match="放不下"):
        decide(desk, conflict_id=conflict_id, choices={amount(deal): MINE}, keep_both_as_note=True)
    assert row(desk, "deal", deal)["deal_amount"] == Decimal(1_500_000)


def test_what_was_wrong_before_does_not_keep_anybody_from_deciding(desk, deal):
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql(
            "UPDATE deal SET contract_type = 'no such code' WHERE id = ?", (deal.bytes,)
        )
    conflict_id = amount_clash(desk, deal, HELD)
    decide(desk, conflict_id=conflict_id, choices={amount(deal): MINE})
    assert row(desk, "deal", deal)["deal_amount"] == Decimal(1_200_000)


# ── records as a whole ──────────────────────────────────────────────────────────────────────────


def test_a_deletion_that_met_an_edit_is_a_question(desk, deal):
    conflict_id = keep(desk, judged("deal", drop("deal", deal), entity("deal", HELD, "amounts")))
    shown = conflicts.detail(desk, conflict_id)
    (part,) = shown.contested()
    assert (part.mine, part.theirs) == ("仍然删除", "不删除，保留对方的修改")
    decide(desk, conflict_id=conflict_id, choices={part.key: MINE})
    assert row(desk, "deal", deal)["deleted_at"]
    reopen(desk, conflict_id=conflict_id)
    assert row(desk, "deal", deal)["deleted_at"] is None
    decide(desk, conflict_id=conflict_id, choices={part.key: THEIRS})
    assert row(desk, "deal", deal)["deleted_at"] is None


def test_an_edit_of_a_deleted_record_can_bring_it_back(desk, deal):
    records.remove(desk, record_type="deal", ids=[deal])
    op = edit("deal", deal, {"deal_amount": Decimal(1_200_000)}, {"deal_amount": Decimal(1_000_000)})
    made = judged("deal", op, entity("deal", HELD, dead=True))
    conflict_id = keep(desk, made)
    (part,) = conflicts.detail(desk, conflict_id).contested()
    assert part.asks
    decide(desk, conflict_id=conflict_id, choices={part.key: MINE})
    held = row(desk, "deal", deal)
    assert (held["deleted_at"], held["deal_amount"]) == (None, Decimal(1_200_000))
    reopen(desk, conflict_id=conflict_id)
    assert row(desk, "deal", deal)["deleted_at"]


def test_a_record_deleted_elsewhere_and_unknown_here_is_said_to_be(desk):
    missing = new_id()
    op = edit("deal", missing, {"deal_amount": Decimal(2)}, {"deal_amount": Decimal(1)})
    conflict_id = keep(desk, judged("deal", op, entity("deal", HELD, dead=True)))
    with pytest.raises(Refusal, match="已被删除"):
        decide(desk, conflict_id=conflict_id, choices={("deal", missing, ""): MINE})
    decide(desk, conflict_id=conflict_id, choices={("deal", missing, ""): THEIRS})


def waiting(desk, conflict_id, record_type, record_id):
    """Keep a declined birth as settling keeps it: here, unsent, waiting for the conflict."""
    op = born(record_type, record_id, {})
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("DELETE FROM outbox WHERE pk = ?", (record_id.bytes,))
        refused.keep(
            connection, op, code="with", at="2026-03-02T01:00:00.000000Z", conflict=conflict_id.bytes
        )
    assert encode(op)


def queued(desk):
    with desk.store.read() as connection:
        return {(held.record_type, held.record_id) for held in departures.listed(connection)}


def test_a_new_record_of_a_declined_action_is_sent_again_or_put_away(desk, deal):
    for choice, sent in ((MINE, True), (THEIRS, False)):
        payment = saved(desk, "payment", deal=deal, amount=Decimal(5), kind="stage", paid_on=DAY)
        made = judged("payment", born("payment", payment, {"amount": Decimal(5)}), None, accompanies=True)
        op = edit("deal", deal, {"deal_amount": Decimal(1_200_000)}, {"deal_amount": Decimal(1_000_000)})
        conflict_id = keep(desk, judged("deal", op, entity("deal", HELD, "amounts")), made)
        waiting(desk, conflict_id, "payment", payment)
        assert ("payment", payment) not in queued(desk)
        decide(
            desk,
            conflict_id=conflict_id,
            choices={amount(deal): THEIRS, ("payment", payment, ""): choice},
        )
        assert (("payment", payment) in queued(desk)) is sent
        assert (row(desk, "payment", payment)["deleted_at"] is None) is sent
        assert row(desk, "deal", deal)["paid_amount"] == Decimal(5)
        with desk.store.read() as connection:
            assert refused.listed(connection) == []


# ── taking back ─────────────────────────────────────────────────────────────────────────────────


def test_a_decision_is_taken_back_from_the_register(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    decide(desk, conflict_id=conflict_id, choices={amount(deal): MINE})
    assert [entry.is_open for entry in conflicts.register(desk)] == [False]
    reopen(desk, conflict_id=conflict_id)
    held = row(desk, "deal", deal)
    assert (held["deal_amount"], held["remark"]) == (Decimal(1_500_000), None)
    assert row(desk, "payment", uuid.UUID(int=77))["deleted_at"]
    assert len(conflict_log.chosen_words(conflict(desk, conflict_id))) == 2
    decide(desk, conflict_id=conflict_id, choices={amount(deal): MINE})
    assert row(desk, "payment", uuid.UUID(int=77))["deleted_at"] is None


def test_a_field_changed_after_the_decision_keeps_its_later_value(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    decide(desk, conflict_id=conflict_id, choices={amount(deal): MINE})
    held = {
        name: value
        for name, value in row(desk, "deal", deal).items()
        if name in HELD or name == "paid_amount"
    }
    later = {**held, "deal_amount": Decimal(2_000_000), "remark": "对方同意加价"}
    records.save(desk, record_type="deal", record_id=deal, values=later)
    reopen(desk, conflict_id=conflict_id)
    now = row(desk, "deal", deal)
    assert (now["deal_amount"], now["remark"]) == (Decimal(2_000_000), None)


def test_an_old_decision_stays(desk, deal):
    conflict_id = amount_clash(desk, deal, HELD)
    decide(desk, conflict_id=conflict_id, choices={amount(deal): MINE})
    with desk.store.write() as connection:
        connection.exec_driver_sql("UPDATE conflict SET decided_at = '2026-01-02T00:00:00.000000Z'")
    assert conflicts.register(desk) == []
    with pytest.raises(Refusal, match="超过 30 天"):
        reopen(desk, conflict_id=conflict_id)


# ── two people, one conflict ────────────────────────────────────────────────────────────────────


def test_a_declined_decision_is_not_itself_a_record_to_decide(desk, deal):
    """The second of two decisions meets the first: its conflict names the deal, not the older conflict."""
    first = amount_clash(desk, deal, HELD)
    op = edit("deal", deal, {"deal_amount": Decimal(1_300_000)}, {"deal_amount": Decimal(1_500_000)})
    decision = edit("conflict", first, {"state": "decided"}, {"state": "open"})
    second = keep(
        desk,
        judged("deal", op, entity("deal", {**HELD, "deal_amount": Decimal(1_200_000)}, "amounts")),
        judged(
            "conflict", decision, entity("conflict", {"title": "x", "state": "decided"}), accompanies=True
        ),
    )
    assert [part.record_type for part in conflicts.detail(desk, second).parts] == ["deal"]
    decide(desk, conflict_id=second, choices={amount(deal): MINE})
    assert row(desk, "deal", deal)["deal_amount"] == Decimal(1_300_000)


def test_a_record_kept_back_goes_when_somebody_else_decided(desk, deal):
    payment = saved(desk, "payment", deal=deal, amount=Decimal(5), kind="stage", paid_on=DAY)
    conflict_id = amount_clash(desk, deal, HELD)
    waiting(desk, conflict_id, "payment", payment)
    settle_after_sync(desk, touched=frozenset({"conflict"}))
    assert row(desk, "payment", payment)["deleted_at"] is None, "the conflict is still open"
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("UPDATE conflict SET state = 'decided'")
    settle_after_sync(desk, touched=frozenset({"conflict"}))
    assert row(desk, "payment", payment)["deleted_at"]
    with desk.store.read() as connection:
        assert refused.listed(connection) == []
        assert outbox.state_of(connection, "payment", payment) == "local"
    assert ("payment", payment) not in queued(desk)


# ── figures after a pull ────────────────────────────────────────────────────────────────────────


def test_a_figure_that_two_devices_wrote_is_counted_again(desk, deal):
    saved(desk, "payment", deal=deal, amount=Decimal(100), kind="stage", paid_on=DAY)
    other = new_id()
    with desk.store.write(applying=True) as connection:
        work = Work(connection, desk.clock(), "王芳", "其他", "同步")
        work.put("payment", other, {"deal": deal, "amount": Decimal(50), "kind": "stage", "paid_on": DAY})
    assert row(desk, "deal", deal)["paid_amount"] == Decimal(100)
    changes = settle_after_sync(desk, touched=frozenset({"payment"}))
    assert row(desk, "deal", deal)["paid_amount"] == Decimal(150)
    assert changes.ids("deal") == [deal]
    with desk.store.read() as connection:
        undoable = history.undoable(connection, desk.user, desk.device)
    assert undoable is not None
    assert undoable.label != "同步后核算"
    assert settle_after_sync(desk, touched=frozenset({"payment"})).touched == ()


def test_a_deal_without_payments_keeps_the_figure_it_came_with(desk):
    deal = saved(desk, "deal", title="公布的成交", stage="archiving", paid_amount=Decimal(42))
    settle_after_sync(desk, touched=frozenset({"deal", "payment"}))
    assert row(desk, "deal", deal)["paid_amount"] == Decimal(42)
