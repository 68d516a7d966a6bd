"""What leaves this machine, what came back, and whose a record is; read from a real store."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from desktop.models import file_copies, queries, sync_state
from desktop.models.outgoing import outbox, refused
from desktop.models.outgoing.capture import Action
from desktop.models.work import Work, new_id
from desktop.services import attachments, departures, records, returned, sharing, syncing
from domain import scopes
from domain.problems import Refusal
from tests.clashes import edit
from tests.linked import grant, settle_all

NUMBER = "11010519491231002X"


def saved(desk, record_type, **values):
    record_id = new_id()
    records.save(desk, record_type=record_type, record_id=record_id, values=values)
    return record_id


def held_of(connection, record_type, record_id):
    return queries.get(connection, record_type, record_id) or {}


# ── what leaves ─────────────────────────────────────────────────────────────────────────────────


def test_a_new_record_leaves_with_what_it_holds_and_personal_data_masked(desk):
    saved(desk, "broker", name="王喆", id_number=NUMBER)
    (held,) = syncing.centre(desk).leaving
    assert (held.what, held.title, held.scope, held.flying) == ("新建", "王喆", "本机构", False)
    fields = dict(held.fields)
    assert fields["姓名"] == "王喆" or fields["姓名"].startswith("王")
    assert NUMBER not in json.dumps(fields)


def test_an_edit_leaves_with_the_units_it_changed_and_nothing_else(desk):
    deal = saved(desk, "deal", title="技术转让", stage="lead", contract_no="HT-1")
    settle_all(desk)
    records.save(
        desk, record_type="deal", record_id=deal, values={"title": "技术转让", "stage": "lead", "remark": "x"}
    )
    (held,) = syncing.centre(desk).leaving
    assert held.what == "修改"
    assert dict(held.fields) == {"合同编号": "（清空）", "备注": "x"}
    assert syncing.centre(desk).by_type == {"deal": 1}


def test_certificates_and_classes_go_to_the_training_register(desk):
    saved(desk, "training_class", name="初级班", level="junior")
    (held,) = syncing.centre(desk).leaving
    assert (held.scope, held.why) == ("培训登记", "供查验证书")


def test_every_action_of_the_outbox_and_every_scope_has_its_words():
    assert set(departures.WHAT) == set(Action)
    assert set(departures.WHY) == set(scopes.SCOPE_KINDS)


def test_a_long_queue_is_listed_in_part_and_counted_whole(desk):
    for number in range(3):
        saved(desk, "party", name=f"客户{number}", kind="organisation")
    read = syncing.centre(desk)
    assert read.by_type == {"party": 3}
    assert read.counts.waiting == 3
    assert [held.title for held in read.leaving] == ["客户0", "客户1", "客户2"]


# ── what came back ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def came_back(desk):
    deal = saved(desk, "deal", title="技术转让", stage="lead")
    settle_all(desk)
    op = edit("deal", deal, {"contract_no": "HT-9"}, {"contract_no": None})
    with desk.store.write(applying=True) as connection:
        refused.keep(connection, op, code="sealed", at="2026-03-02T01:00:00.000000Z")
    return deal


def test_a_refused_edit_says_why_and_is_made_again_as_a_command(desk, came_back):
    (held,) = syncing.centre(desk).returned
    assert (held.title, held.why) == ("技术转让", "内容已封存，不能修改")
    returned.retry(desk, refused_id=held.refused_id)
    with desk.store.read() as connection:
        assert held_of(connection, "deal", came_back)["contract_no"] == "HT-9"
    assert syncing.centre(desk).returned == ()
    records.undo(desk)
    with desk.store.read() as connection:
        assert held_of(connection, "deal", came_back)["contract_no"] is None


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("invalid:contract_no:too-long", "合同编号不符合服务器的要求，请改正后再次上传"),
        ("invalid::unit", "内容不符合服务器的要求，请改正后再次上传"),
        ("permission", "您的账号没有修改它的权限"),
        ("of-a-newer-server", "of-a-newer-server"),
    ],
)
def test_every_code_of_the_server_is_told_in_words(desk, came_back, code, why):
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("UPDATE sync_refused SET code = ?", (code,))
    assert [held.why for held in syncing.centre(desk).returned] == [why]


def test_a_refused_edit_of_a_record_that_is_gone_cannot_be_made_again(desk, came_back):
    records.remove(desk, record_type="deal", ids=[came_back])
    (held,) = syncing.centre(desk).returned
    with pytest.raises(Refusal, match="已不在本机"):
        returned.retry(desk, refused_id=held.refused_id)
    returned.forget(desk, refused_id=held.refused_id)
    assert syncing.centre(desk).returned == ()


def test_refused_edits_are_exported_with_labels_and_masks(desk, came_back, tmp_path):
    broker = saved(desk, "broker", name="王喆")
    op = edit("broker", broker, {"id_number": NUMBER}, {})
    with desk.store.write(applying=True) as connection:
        refused.keep(connection, op, code="permission", at="2026-03-02T01:00:00.000000Z")
    path = tmp_path / "退回.json"
    assert returned.export(desk, path) == 2
    text = path.read_text("utf-8")
    assert NUMBER not in text
    told = {one["record"]: one for one in json.loads(text)}
    assert told["技术交易"]["values"] == {"合同编号": "HT-9"}


def test_the_log_for_support_has_counts_and_no_names(desk, came_back, tmp_path):
    grant(desk)
    with desk.store.write(applying=True) as connection:
        sync_state.log_run(connection, at="2026-03-02T01:00:00.000000Z", kind="sync", sent=3, received=4)
    path = syncing.export_log(desk, tmp_path / "日志.txt", build="1.2", phase="idle", trouble="", detail="")
    text = path.read_text("utf-8")
    assert "↑3 ↓4" in text
    assert "被退回 1" in text
    for word in ("技术转让", "HT-9", "高璟", "agency"):
        assert word not in text


# ── whose a record is ───────────────────────────────────────────────────────────────────────────


def test_without_a_server_nothing_is_said_and_everything_is_writable(desk):
    party = saved(desk, "party", name="恒力", kind="organisation")
    told = sharing.standing(desk, "party", party)
    assert (told.joined, told.writable, told.to_self, told.public) == (False, True, False, False)


def test_a_record_of_the_agency_can_be_kept_to_oneself_and_handed_back(desk):
    grant(desk)
    party = saved(desk, "party", name="恒力", kind="organisation")
    settle_all(desk)
    told = sharing.standing(desk, "party", party)
    assert (told.state, told.scope, told.to_self, told.to_agency) == ("synced", "本机构", True, False)
    sharing.hand_over(desk, record_type="party", record_id=party, to=scopes.OWN)
    (held,) = syncing.centre(desk).leaving
    assert (held.what, held.fields) == ("移交", ())
    settle_all(desk, scope=3)
    told = sharing.standing(desk, "party", party)
    assert (told.scope, told.to_self, told.to_agency) == ("仅本人", False, True)


def test_only_achievements_and_demands_are_ever_public(desk):
    grant(desk)
    party = saved(desk, "party", name="恒力", kind="organisation")
    achievement = saved(desk, "achievement", title="发泡剂")
    settle_all(desk)
    assert not sharing.standing(desk, "party", party).public
    assert sharing.standing(desk, "achievement", achievement).public
    with pytest.raises(Refusal, match="只有科技成果"):
        sharing.publish(desk, record_type="party", record_id=party, shown=True)
    sharing.publish(desk, record_type="achievement", record_id=achievement, shown=True)
    assert [held.what for held in syncing.centre(desk).leaving] == ["公开发布"]
    sharing.publish(desk, record_type="achievement", record_id=achievement, shown=False)
    assert [held.what for held in syncing.centre(desk).leaving] == ["撤回公开"]


def test_a_scope_this_account_does_not_have_cannot_be_handed_to(desk):
    grant(desk, (1, "a:agency", "本机构", 1))
    party = saved(desk, "party", name="恒力", kind="organisation")
    with pytest.raises(Refusal, match="没有“仅本人”范围"):
        sharing.hand_over(desk, record_type="party", record_id=party, to=scopes.OWN)


@pytest.mark.parametrize("scope", [4, 5])
def test_what_is_public_or_read_only_cannot_be_changed_here(desk, scope):
    grant(desk)
    grant(desk, (5, "a:other", "其他机构", 0))
    party = saved(desk, "party", name="恒力", kind="organisation")
    settle_all(desk, scope=scope)
    values = {"name": "恒力公司", "kind": "organisation"}
    with pytest.raises(Refusal, match="在本机不能修改"):
        records.save(desk, record_type="party", record_id=party, values=values)
    with pytest.raises(Refusal, match="在本机不能修改"):
        records.remove(desk, record_type="party", ids=[party])
    with pytest.raises(Refusal, match="只读"):
        sharing.hand_over(desk, record_type="party", record_id=party, to=scopes.OWN)
    with pytest.raises(Refusal, match="在本机不能修改"):
        records.undo(desk)
    with desk.store.read() as connection:
        assert held_of(connection, "party", party)["name"] == "恒力"
        assert outbox.counts(connection).waiting == 0
    assert not sharing.standing(desk, "party", party).writable


# ── files that are not here ─────────────────────────────────────────────────────────────────────


def test_a_file_on_the_server_is_asked_for_and_not_a_fault(desk):
    grant(desk)
    party = saved(desk, "party", name="恒力", kind="organisation")
    with desk.store.write(applying=True) as connection:
        work = Work(connection, desk.clock(), "王芳", "别处", "同步")
        far = new_id()
        values = {"owner_type": "party", "owner_id": str(party), "name": "照片.jpg", "sha256": "ab" * 32}
        work.put("attachment", far, {**values, "size": Decimal(2048)})
    shelf = attachments.shelf(desk, "party", party)
    assert [shelf.here(row) for row in shelf.rows] == [False]
    with pytest.raises(Refusal, match="还没有下载到本机"):
        attachments.open_content(desk, far)
    attachments.fetch(desk, attachment_id=far)
    assert attachments.shelf(desk, "party", party).places == {"ab" * 32: "coming"}
    attachments.keep_offline(desk, record_type="party", record_id=party, kept=True)
    assert attachments.shelf(desk, "party", party).kept
    attachments.keep_offline(desk, record_type="party", record_id=party, kept=False)
    assert not attachments.shelf(desk, "party", party).kept
    with desk.store.read() as connection:
        assert file_copies.next_errand(connection) == file_copies.Errand("ab" * 32, 0, sends=False)
