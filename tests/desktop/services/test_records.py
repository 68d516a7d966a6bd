"""Saving, deleting and taking back: whole or not at all, found at once, never over somebody's later work."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from desktop.models import drafts, history, queries
from desktop.models.queries import Query
from desktop.models.work import Changes, Work, new_id
from desktop.services import certificate_states, records
from desktop.services.commands import COMMANDS
from domain.fields import RECORD_TYPES
from domain.problems import Refusal
from tests.classes import enrol, issue, issued

if TYPE_CHECKING:
    import uuid


def save(desk, record_type="achievement", key=None, **values: Any) -> tuple[uuid.UUID, Changes]:
    key = key or new_id()
    defaults: dict[str, dict[str, Any]] = {
        "achievement": {"title": "发泡剂", "secrecy": "public"},
        "party": {"name": "浙江工业大学", "kind": "organisation"},
    }
    filled = {**defaults.get(record_type, {}), **values}
    return key, records.save(desk, record_type=record_type, record_id=key, values=filled)


def held(desk, key, record_type="achievement") -> Any:
    with desk.store.read() as connection:
        return queries.get(connection, record_type, key)


def titles(desk, words) -> list[str]:
    with desk.store.read() as connection:
        return [row["title"] for row in queries.rows(connection, Query("achievement", words=words))]


def commands(desk) -> list[str]:
    with desk.store.read() as connection:
        return [row.label for row in connection.exec_driver_sql("SELECT label FROM command ORDER BY seq")]


def codes(refusal) -> list[str]:
    return [problem.code for problem in refusal.value.problems]


@pytest.mark.parametrize("words", ["发泡", "聚氨", "氨酯", "ZL2019", "2019106", "無氯氟", "剂"])
def test_a_record_is_found_the_moment_it_is_saved(desk, words):
    save(desk, title="无氯氟聚氨酯化学发泡剂", ip_summary="专利号ZL201910603565.1已授权")
    assert titles(desk, words) == ["无氯氟聚氨酯化学发泡剂"]


def test_it_is_found_by_its_new_words_only_after_a_change(desk):
    key, _ = save(desk, title="发泡剂", summary="旧的说明")
    save(desk, key=key, title="催化剂", summary="新的说明")
    assert titles(desk, "发泡") == titles(desk, "旧的") == []
    assert titles(desk, "催化 新的") == ["催化剂"]


def test_the_name_of_a_command_says_what_was_done(desk):
    key, created = save(desk)
    _, changed = save(desk, key=key, title="催化剂")
    other, _ = save(desk, title="另一个")
    assert created.label == "新建科技成果“发泡剂”"
    assert changed.label == "修改科技成果“催化剂”"
    remove = records.remove(desk, record_type="achievement", ids=[key])
    assert remove.label == "删除科技成果“催化剂”"
    assert records.restore(desk, record_type="achievement", ids=[key]).label == "恢复科技成果“催化剂”"
    assert records.remove(desk, record_type="achievement", ids=[key, other]).label == "删除 2 条科技成果"
    assert records.undo(desk).label == "撤销：删除 2 条科技成果"
    assert set(COMMANDS.values()) >= {"保存", "批量保存", "删除", "恢复"}


def test_the_name_of_a_record_called_after_another_is_that_other_name(desk):
    broker, _ = save(desk, "broker", name="王喆")
    course, _ = save(desk, "training_class", name="初级班")
    _, changes = save(desk, "enrolment", training_class=course, broker=broker)
    assert changes.label == "新建学员登记“王喆”"


def test_a_refused_record_leaves_nothing_and_names_every_problem(desk):
    with pytest.raises(Refusal) as refused:
        save(desk, title="", secrecy="classified", holder=new_id(), income=Decimal(-1))
    assert codes(refused) == ["required", "classified", "too-low"]
    with pytest.raises(Refusal) as refused:
        save(desk, holder=new_id())
    assert codes(refused) == ["unknown-record"]
    assert "完成单位" in refused.value.messages()[0]
    assert commands(desk) == []


@pytest.mark.parametrize(
    ("name", "value"), [("credential", "TD1:FALSCH"), ("pdf_sha256", "0" * 64), ("state_on", None)]
)
def test_what_the_program_wrote_is_not_typed_over(desk, name, value):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments)
    key = issued(desk)[0]["id"]
    certificate_states.suspend(desk, ids=[key], reason="材料待核")
    before = held(desk, key, "certificate")
    for way in ("save", "save_all"):
        with pytest.raises(Refusal, match="由程序填写，不能修改"):
            put(desk, way, "certificate", key, {**before, name: value})
    assert held(desk, key, "certificate") == before


def put(desk, way, record_type, key, values) -> None:
    if way == "save":
        records.save(desk, record_type=record_type, record_id=key, values=values)
    else:
        records.save_all(desk, records=[(record_type, key, values)])


def test_who_does_not_speak_of_what_the_program_wrote_leaves_it_alone(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments)
    before = issued(desk)[0]
    fields = RECORD_TYPES["certificate"].fields
    typed = {field.name: before[field.name] for field in fields if not field.kept}
    put(desk, "save", "certificate", before["id"], {**typed, "torch_no": "备案 1"})
    after = issued(desk)[0]
    assert after["torch_no"] == "备案 1"
    assert (after["credential"], after["made_with"]) == (before["credential"], before["made_with"])
    assert after["credential"]


def test_a_new_record_brings_nothing_that_the_program_writes(desk):
    with pytest.raises(Refusal, match="文件摘要：由程序填写"):
        put(desk, "save", "certificate", new_id(), {"certificate_no": "1", "pdf_sha256": "0" * 64})
    with pytest.raises(Refusal, match="附件由程序登记"):
        put(desk, "save", "attachment", new_id(), {"name": "a.pdf"})


def test_several_records_are_saved_all_or_none_as_one_step(desk):
    party, achievement = new_id(), new_id()
    rows: list[tuple[str, uuid.UUID, dict[str, Any]]] = [
        ("party", party, {"name": "浙江工业大学", "kind": "organisation"}),
        ("achievement", achievement, {"title": "发泡剂", "secrecy": "public", "holder": party}),
    ]
    broken = [*rows, ("achievement", new_id(), {"title": "", "secrecy": "public"})]
    with pytest.raises(Refusal):
        records.save_all(desk, records=broken)
    assert held(desk, party, "party") is None
    assert records.save_all(desk, records=rows).label == "保存 2 条记录"
    assert records.save_all(desk, records=[]).touched == ()
    records.undo(desk)
    assert titles(desk, "") == []
    records.redo(desk)
    assert titles(desk, "浙江 发泡") == ["发泡剂"]


def test_saving_what_is_there_is_no_command(desk):
    key, _ = save(desk, asking_price=Decimal(1000))
    _, again = save(desk, key=key, asking_price=Decimal("1000.0"))
    assert again.touched == ()
    assert len(commands(desk)) == 1


def test_a_draft_ends_when_its_record_is_saved(desk):
    key = new_id()
    records.keep_draft(desk, record_type="achievement", record_id=key, body={"title": "半"})
    other = new_id()
    records.keep_draft(desk, record_type="achievement", record_id=other, body={"title": "弃"})
    save(desk, key=key)
    records.drop_draft(desk, record_id=other)
    with desk.store.read() as connection:
        assert drafts.every(connection) == []
    assert len(commands(desk)) == 1


def test_what_others_refer_to_stays(desk):
    party, _ = save(desk, "party")
    save(desk, holder=party)
    with pytest.raises(Refusal) as refused:
        records.remove(desk, record_type="party", ids=[party])
    (message,) = refused.value.messages()
    assert message == "浙江工业大学：还有 1 条记录引用它，请先解除关联：科技成果 1 条"
    assert held(desk, party, "party")["deleted_at"] is None


def test_records_that_refer_to_each_other_go_together(desk):
    parent, _ = save(desk, "party")
    child, _ = save(desk, "party", name="化工学院", parent=parent)
    records.remove(desk, record_type="party", ids=[parent, child])
    assert held(desk, parent, "party")["deleted_at"] is not None
    with pytest.raises(Refusal) as refused:
        records.restore(desk, record_type="party", ids=[child])
    assert codes(refused) == ["unknown-record"]
    records.restore(desk, record_type="party", ids=[child, parent])
    assert held(desk, child, "party")["deleted_at"] is None


def test_what_is_in_the_bin_cannot_be_referred_to(desk):
    party, _ = save(desk, "party")
    records.remove(desk, record_type="party", ids=[party])
    with pytest.raises(Refusal) as refused:
        save(desk, holder=party)
    assert codes(refused) == ["unknown-record"]


def test_what_is_gone_already_is_a_refusal(desk):
    key, _ = save(desk)
    with pytest.raises(Refusal) as refused:
        records.restore(desk, record_type="achievement", ids=[key])
    assert codes(refused) == ["not-found"]
    records.remove(desk, record_type="achievement", ids=[key])
    with pytest.raises(Refusal) as refused:
        records.remove(desk, record_type="achievement", ids=[key, new_id()])
    assert codes(refused) == ["not-found", "not-found"]
    assert "发泡剂" in refused.value.messages()[0]


# ── undo and redo ───────────────────────────────────────────────────────────────────────────────


def test_undo_and_redo_of_a_life(desk):
    key, _ = save(desk, asking_price=Decimal(1000))
    save(desk, key=key, title="催化剂")
    records.remove(desk, record_type="achievement", ids=[key])
    records.restore(desk, record_type="achievement", ids=[key])
    seen = []
    for step in (records.undo, records.undo, records.undo, records.undo):
        step(desk)
        seen.append(titles(desk, ""))
    assert seen == [[], ["催化剂"], ["发泡剂"], []]
    for _ in range(4):
        records.redo(desk)
    assert held(desk, key)["title"] == "催化剂"
    assert held(desk, key)["asking_price"] is None
    assert len(commands(desk)) == 12  # undoing and redoing are in the log like anything else


def test_there_is_an_end_to_undo_and_redo(desk):
    for step, code in ((records.undo, "nothing-to-undo"), (records.redo, "nothing-to-redo")):
        with pytest.raises(Refusal) as refused:
            step(desk)
        assert codes(refused) == [code]
    save(desk)
    records.undo(desk)
    with pytest.raises(Refusal):
        records.undo(desk)
    records.redo(desk)
    with pytest.raises(Refusal):
        records.redo(desk)


def test_a_new_command_ends_what_could_be_redone(desk):
    save(desk)
    records.undo(desk)
    save(desk, title="催化剂")
    with pytest.raises(Refusal):
        records.redo(desk)
    records.undo(desk)
    assert titles(desk, "") == []


def test_one_undoes_only_what_one_did_oneself_on_this_device(desk):
    save(desk)
    for other in (dataclasses.replace(desk, user="别人"), dataclasses.replace(desk, device="elsewhere")):
        with pytest.raises(Refusal):
            records.undo(other)
        with desk.store.read() as connection:
            assert history.undoable(connection, other.user, other.device) is None


def test_nobodys_later_change_is_stepped_over(desk):
    key, _ = save(desk)
    save(dataclasses.replace(desk, user="别人"), key=key, title="别人改的")
    with pytest.raises(Refusal) as refused:
        records.undo(desk)
    assert codes(refused) == ["changed-since"]
    assert "别人改的" in refused.value.messages()[0]
    assert titles(desk, "") == ["别人改的"]


def test_nor_is_it_by_redo(desk):
    key, _ = save(desk)
    records.undo(desk)
    save(dataclasses.replace(desk, user="别人"), key=key, title="别人建的")
    with pytest.raises(Refusal) as refused:
        records.redo(desk)
    assert codes(refused) == ["changed-since"]


def test_undo_survives_closing(desk):
    key, _ = save(desk)
    save(desk, key=key, title="催化剂")
    folder = desk.store.path.parent
    desk.store.close()
    again = dataclasses.replace(desk, store=type(desk.store).open(folder, b"k" * 32))
    records.undo(again)
    assert held(again, key)["title"] == "发泡剂"
    records.redo(again)
    assert held(again, key)["title"] == "催化剂"
    again.store.close()


def test_a_command_that_fails_in_the_middle_leaves_the_store_as_it_was(desk, monkeypatch):
    monkeypatch.setattr(Work, "finish", lambda _work: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(desk)
    assert titles(desk, "") == []
