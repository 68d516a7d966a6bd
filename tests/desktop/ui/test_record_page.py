"""The page of one record: saving, refusals, drafts, history, parts and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QLabel, QScrollArea

from desktop.models import drafts, queries
from desktop.services import records
from desktop.ui.widgets.attachments_view import AttachmentsView
from desktop.ui.widgets.checks_panel import recommended
from desktop.ui.widgets.history_view import HistoryView
from desktop.ui.widgets.record_page import RecordPage
from desktop.ui.widgets.related_view import RelatedView, pointing_at
from desktop.ui.widgets.section import Section, list_view
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from desktop.services.desk import Desk
    from desktop.ui.widgets.session import Session


@pytest.fixture
def party(put: Any) -> uuid.UUID:
    made: uuid.UUID = put("party", name="浙江工业大学", kind="organisation")
    return made


def page_of(session: Session, qtbot: QtBot, name: str, record: uuid.UUID | None, **more: Any) -> RecordPage:
    page = RecordPage(session, name, record, **more)
    qtbot.addWidget(page)
    return page


def held(desk: Desk, name: str, record: uuid.UUID) -> dict[str, Any]:
    with desk.store.read() as connection:
        found = queries.get(connection, name, record)
    assert found
    return found


@pytest.mark.parametrize("name", RECORD_TYPES)
def test_every_type_has_a_page_with_every_tab(session: Session, qtbot: QtBot, name: str) -> None:
    page = page_of(session, qtbot, name, None)
    for number in range(len(page.tabs())):
        page.show_tab(number)
    assert page.tabs() == ["概况", "关联", "附件", "历史"]


def test_saving_writes_the_record_and_says_so(
    session: Session, desk: Desk, qtbot: QtBot, party: uuid.UUID
) -> None:
    page = page_of(session, qtbot, "party", party)
    said: list[str] = []
    session.said.connect(lambda words, *_: said.append(words))
    edit(page, "address", "潮王路18号")
    assert page.saved.text() == "有未保存的修改"
    page.save_button.click()
    assert held(desk, "party", party)["address"] == "潮王路18号"
    assert page.saved.text().startswith("已保存") or not page.form.changed
    assert said == ["已保存：修改客户“浙江工业大学”"]
    assert not page.save_button.isEnabled()


def edit(page: RecordPage, name: str, raw: Any) -> None:
    page.form.cells[name].editor.put(raw)
    page.form.cells[name].editor.edited.emit()


def test_a_record_with_problems_is_not_saved_but_kept_as_a_draft(
    session: Session, desk: Desk, qtbot: QtBot, party: uuid.UUID
) -> None:
    page = page_of(session, qtbot, "party", party)
    edit(page, "credit_code", "123")
    edit(page, "name", "")
    page.save()
    assert held(desk, "party", party)["name"] == "浙江工业大学"
    assert page.bar.text.startswith("还有 2 处需要修改")
    assert page.checks.title.text().startswith("还差")
    with desk.store.read() as connection:
        draft = drafts.find(connection, party)
    assert draft is not None
    assert draft.body["credit_code"] == "123"


def test_a_draft_comes_back_with_an_offer_to_give_it_up(
    session: Session, desk: Desk, qtbot: QtBot, party: uuid.UUID
) -> None:
    first = page_of(session, qtbot, "party", party)
    edit(first, "address", "未保存的地址")
    first.keep_draft()
    second = page_of(session, qtbot, "party", party)
    assert second.form.raw()["address"] == "未保存的地址"
    assert second.bar.text == "已恢复未保存的修改。"
    second.bar.asked.emit()
    assert second.form.raw()["address"] == ""
    third = page_of(session, qtbot, "party", party)
    assert not third.form.changed


def test_a_draft_leaves_alone_what_was_saved_meanwhile(
    session: Session, desk: Desk, qtbot: QtBot, party: uuid.UUID
) -> None:
    first = page_of(session, qtbot, "party", party)
    edit(first, "address", "未保存的地址")
    first.keep_draft()
    renamed = {"name": "浙工大", "kind": "organisation"}
    records.save_all(desk, records=[("party", party, renamed)])
    second = page_of(session, qtbot, "party", party)
    assert second.form.raw()["name"] == "浙工大"
    assert second.form.raw()["address"] == "未保存的地址"
    second.save()
    assert held(desk, "party", party)["name"] == "浙工大"


def test_a_draft_of_all_fields_from_before_is_still_read(
    session: Session, desk: Desk, qtbot: QtBot, party: uuid.UUID
) -> None:
    whole = page_of(session, qtbot, "party", party).form.raw() | {"address": "旧版的草稿"}
    records.keep_draft(desk, record_type="party", record_id=party, body=whole)
    page = page_of(session, qtbot, "party", party)
    assert page.form.edits() == {"address": "旧版的草稿"}


def test_the_draft_of_a_new_record_holds_all_of_it(
    session: Session, desk: Desk, qtbot: QtBot, party: uuid.UUID
) -> None:
    page = page_of(session, qtbot, "contact", None, presets={"party": party})
    edit(page, "name", "张三")
    page.keep_draft()
    with desk.store.read() as connection:
        draft = drafts.find(connection, page.record_id)
    assert draft is not None
    assert draft.body["party"] == str(party)


def test_the_draft_is_kept_by_itself_after_a_pause(
    session: Session, desk: Desk, qtbot: QtBot, party: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(session, qtbot, "party", party)
    page._autosave.setInterval(1)
    edit(page, "address", "地址")
    qtbot.waitUntil(lambda: page.saved.text() == "草稿已存在本机")
    with desk.store.read() as connection:
        assert drafts.find(connection, party) is not None


def test_a_new_record_takes_presets_and_gets_a_history(
    session: Session, desk: Desk, qtbot: QtBot, party: uuid.UUID
) -> None:
    page = page_of(session, qtbot, "contact", None, presets={"party": party})
    edit(page, "name", "张三")
    page.save()
    assert held(desk, "contact", page.record_id)["party"] == party
    assert not page.is_new


def test_a_refusal_of_the_service_is_shown_under_its_field(
    session: Session, qtbot: QtBot, party: uuid.UUID, put: Any
) -> None:
    put("contact", party=party, name="张三")
    refusals: list[Any] = []
    session.jobs.refused.connect(refusals.append)
    page = page_of(session, qtbot, "party", party)
    page.remove()
    assert "还有 1 条记录引用它" in refusals[0].messages()[0]


def test_removing_goes_back_to_the_list(session: Session, qtbot: QtBot, party: uuid.UUID) -> None:
    page = page_of(session, qtbot, "party", party)
    with qtbot.waitSignal(page.left):
        page.remove()


def test_a_change_made_elsewhere_is_shown_unless_something_is_unsaved(
    session: Session, qtbot: QtBot, party: uuid.UUID
) -> None:
    page = page_of(session, qtbot, "party", party)
    rename(session, party, "浙工大")
    assert page.form.raw()["name"] == "浙工大"
    edit(page, "address", "地址")
    rename(session, party, "浙江工业大学")
    assert page.form.raw()["name"] == "浙工大"
    assert "别处" in page.bar.text


def rename(session: Session, party: uuid.UUID, name: str) -> None:
    values = {"name": name, "kind": "organisation"}
    session.do(lambda desk: records.save(desk, record_type="party", record_id=party, values=values))


def test_the_panel_names_what_is_worth_filling_in(session: Session, qtbot: QtBot, party: uuid.UUID) -> None:
    page = page_of(session, qtbot, "party", party)
    wanted = recommended(page.known, page.values)
    assert [field.name for field in wanted] == ["credit_code", "roles", "nature", "region"]
    assert page.checks.title.text() == "还差 4 项"


# ── the other tabs ──────────────────────────────────────────────────────────────────────────────


def words_in(widget: QWidget) -> list[str]:
    return [found.text() for found in widget.findChildren(QLabel)]


def test_history_tells_before_and_after(session: Session, qtbot: QtBot, party: uuid.UUID) -> None:
    rename(session, party, "浙工大")
    view = HistoryView(session, "party", party)
    qtbot.addWidget(view)
    words = words_in(view)
    assert "修改客户“浙工大”" in words
    assert {"浙江工业大学", "→", "浙工大"} <= set(words)


def test_long_values_of_the_history_wrap(session: Session, qtbot: QtBot, put: Any) -> None:
    party = put("party", name="浙江工业大学", kind="organisation", remark="一段很长的备注" * 12)
    rename(session, party, "一个很长的名称" * 12)
    view = HistoryView(session, "party", party)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    (area,) = view.findChildren(QScrollArea)
    qtbot.waitUntil(lambda: area.horizontalScrollBar().maximum() == 0)


def test_parts_are_listed_and_added_from_their_owner(
    session: Session, qtbot: QtBot, party: uuid.UUID, put: Any
) -> None:
    put("contact", party=party, name="张三")
    view = RelatedView(session, "party", party)
    qtbot.addWidget(view)
    contacts = view._lists["contact", "party"]
    assert contacts.records.rowCount() == 1
    assert pointing_at("party")[0] == ("contact", RECORD_TYPES["contact"]["party"])
    put("deal", title="甲", stage="lead", seller=party)
    view.reload()
    assert ("deal", "seller") in view._lists


def test_files_are_kept_listed_and_taken_away(
    session: Session, desk: Desk, qtbot: QtBot, party: uuid.UUID, tmp_path: Path
) -> None:
    file = tmp_path / "合同扫描件.pdf"
    file.write_bytes(b"%PDF-1.7 scan")
    view = AttachmentsView(session, "party", party)
    qtbot.addWidget(view)
    view.attach([file])
    assert "合同扫描件.pdf" in words_in(view)
    view.attach([tmp_path / "不存在.pdf"])
    assert "不存在.pdf：找不到这个文件" in view.problem.text()


# ── sections ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def section(session: Session, qtbot: QtBot) -> Section:
    made = Section(session, "clients", "客户", [list_view("party"), list_view("contact")])
    qtbot.addWidget(made)
    return made


def test_a_record_opens_in_place_and_goes_back(section: Section, party: uuid.UUID) -> None:
    moves: list[Any] = []
    section.moved.connect(moves.append)
    page = section.open_record("party", party)
    assert section.location().record_id == party
    page.left.emit()
    assert section.page is None
    assert [move.record_id for move in moves] == [party, None]


def test_a_part_goes_back_to_the_record_it_was_opened_from(section: Section, party: uuid.UUID) -> None:
    section.open_record("party", party)
    section.new_record("contact", {"party": party})
    section.leave()
    assert section.page is not None
    assert section.page.record_id == party
    section.leave()
    assert section.page is None


def test_leaving_an_unsaved_form_keeps_a_draft(section: Section, desk: Desk, party: uuid.UUID) -> None:
    page = section.open_record("party", party)
    edit(page, "address", "地址")
    section.show_view(1)
    with desk.store.read() as connection:
        assert drafts.find(connection, party) is not None
    assert section.record_type == "contact"
