"""The conflict dialog: what it shows, what it says the choice will do, and how it is left."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.models import queries
from desktop.services import conflicts, records
from desktop.services.conflict_decisions import THEIRS, decide
from desktop.ui.home.page import build as home
from desktop.ui.widgets.conflict_sheet import ConflictSheet
from desktop.ui.window import Window
from tests.clashes import amount_clash, drop, edit, entity, judged, keep

HELD = {"title": "无氯氟发泡剂转让", "stage": "signing", "deal_amount": Decimal(1_500_000)}


@pytest.fixture
def deal(put):
    return put("deal", **HELD)


@pytest.fixture
def show(session, qtbot):
    over = QWidget()
    qtbot.addWidget(over)

    def shown(conflict):
        sheet = ConflictSheet(session, conflict, over)
        sheet.open()
        return sheet

    return shown


def row(desk, record_type, record_id):
    with desk.store.read() as connection:
        return queries.get(connection, record_type, record_id) or {}


def test_the_sheet_waits_until_everything_is_chosen_and_says_what_it_will_do(show, desk, deal, qtbot):
    sheet = show(amount_clash(desk, deal, HELD))
    (chooser,) = sheet.choosers
    assert not sheet.go.isEnabled()
    assert sheet.effect.text() == "还有 1 处没有选择。"
    qtbot.mouseClick(chooser.options["theirs"], Qt.MouseButton.LeftButton)
    assert sheet.effect.text() == "保存后：成交额保持 1,500,000.00（对方）。"
    qtbot.mouseClick(chooser.options["mine"], Qt.MouseButton.LeftButton)
    assert sheet.effect.text() == "保存后：成交额改为 1,200,000.00（我的）。"
    assert sheet.go.isEnabled()
    assert chooser.options["mine"].radio.accessibleName() == "成交额，采用我的：1,200,000.00"


def test_mine_is_written_and_the_toast_offers_to_undo(show, session, desk, deal, qtbot):
    conflict = amount_clash(desk, deal, HELD)
    sheet = show(conflict)
    sheet.choosers[0].pick("mine")
    sheet.keep_both.setChecked(True)
    with qtbot.waitSignal(session.said) as said:
        qtbot.mouseClick(sheet.go, Qt.MouseButton.LeftButton)
    assert said.args == ["已处理冲突“无氯氟发泡剂转让”", "success", True]
    assert row(desk, "deal", deal)["deal_amount"] == Decimal(1_200_000)
    assert "1,500,000.00" in row(desk, "deal", deal)["remark"]
    session.undo()
    assert [entry.conflict_id for entry in conflicts.open_conflicts(desk)] == [conflict]


def test_another_value_is_read_as_forms_read_it_and_complained_of_beside_it(show, desk, deal):
    sheet = show(amount_clash(desk, deal, HELD))
    (chooser,) = sheet.choosers
    chooser.pick("typed")
    assert chooser.editor.isVisible()
    chooser.editor.put("很多")
    chooser.editor.edited.emit()
    assert "不是金额" in chooser.problem.text()
    assert not sheet.go.isEnabled()
    chooser.editor.put("130万")
    chooser.editor.edited.emit()
    assert sheet.effect.text() == "保存后：成交额改为 1,300,000.00。"
    sheet.decide()
    assert row(desk, "deal", deal)["deal_amount"] == Decimal(1_300_000)


def test_what_goes_along_is_folded_away_and_can_be_left_out(show, desk, deal, qtbot):
    sheet = show(amount_clash(desk, deal, HELD))
    boxes = list(sheet.with_it.values())
    assert [box.isVisible() for box in boxes] == [False, False]
    qtbot.mouseClick(sheet.fold, Qt.MouseButton.LeftButton)
    assert [box.text() for box in boxes] == ["无氯氟发泡剂转让 · 备注：（空） → 对方同意加价", "新建付款"]
    boxes[1].setChecked(False)
    sheet.choosers[0].pick("theirs")
    assert sheet.effect.text().endswith("；另有 1 处不采用。")
    sheet.decide()
    assert row(desk, "deal", deal)["remark"] == "对方同意加价"
    assert row(desk, "payment", uuid.UUID(int=77)) == {}


def test_later_leaves_it_in_the_register(show, desk, deal, qtbot):
    sheet = show(amount_clash(desk, deal, HELD))
    sheet.choosers[0].pick("mine")
    qtbot.mouseClick(sheet.later, Qt.MouseButton.LeftButton)
    assert len(conflicts.open_conflicts(desk)) == 1
    assert row(desk, "deal", deal)["deal_amount"] == Decimal(1_500_000)


def test_a_refusal_stays_in_the_sheet(show, desk, deal):
    records.save(
        desk, record_type="deal", record_id=deal, values={**HELD, "technical_amount": Decimal(1_400_000)}
    )
    sheet = show(amount_clash(desk, deal, HELD))
    sheet.choosers[0].pick("mine")
    sheet.decide()
    assert "技术交易额" in sheet.bar.text
    assert sheet.isVisible()


def test_a_deletion_is_asked_about_as_a_whole(show, desk, deal):
    sheet = show(keep(desk, judged("deal", drop("deal", deal), entity("deal", HELD, "amounts"))))
    (chooser,) = sheet.choosers
    assert not sheet.keep_both.isVisible()
    chooser.pick("mine")
    assert sheet.effect.text() == "保存后：“无氯氟发泡剂转让”：仍然删除。"
    sheet.decide()
    assert row(desk, "deal", deal)["deleted_at"]


def test_an_edit_of_a_deleted_record_shows_what_was_written(show, desk, deal):
    records.remove(desk, record_type="deal", ids=[deal])
    op = edit("deal", deal, {"deal_amount": Decimal(1_200_000)}, {"deal_amount": Decimal(1_000_000)})
    sheet = show(keep(desk, judged("deal", op, entity("deal", HELD, dead=True))))
    (chooser,) = sheet.choosers
    chooser.pick("mine")
    sheet.decide()
    assert row(desk, "deal", deal)["deal_amount"] == Decimal(1_200_000)


def test_the_columns_are_named_as_the_one_at_the_desk_would_say_it(show, desk, deal):
    conflict = amount_clash(desk, deal, HELD)
    assert show(conflict)._sides()[0] == ("我的", "对方")
    object.__setattr__(desk, "user", "王芳")
    assert show(conflict)._sides()[0] == ("对方", "我的")
    object.__setattr__(desk, "user", "李明")
    assert show(conflict)._sides()[0] == ("高璟的", "王芳的")


def test_a_decided_conflict_is_looked_at_and_taken_back(show, desk, deal, qtbot):
    conflict = amount_clash(desk, deal, HELD)
    decide(desk, conflict_id=conflict, choices={("deal", deal, "deal_amount"): THEIRS})
    sheet = show(conflict)
    assert sheet.choosers[0].picked == "theirs"
    assert not sheet.choosers[0].isEnabled()
    qtbot.mouseClick(sheet.undo_button, Qt.MouseButton.LeftButton)
    assert [entry.conflict_id for entry in conflicts.open_conflicts(desk)] == [conflict]


def test_a_conflict_that_is_gone_says_so(show, session, qtbot):
    with qtbot.waitSignal(session.said) as said:
        show(uuid.uuid4())
    assert "找不到" in said.args[0]


def test_the_first_page_lists_conflicts_and_the_window_shows_the_sheet(session, desk, deal, tmp_path, qtbot):
    amount_clash(desk, deal, HELD)
    window = Window(tmp_path, session.jobs)
    qtbot.addWidget(window)
    window.show()
    window.enter(desk)
    page: Any = window.section("home").current_view
    assert page.conflicts.isVisible()
    qtbot.mouseClick(page.conflicts.opened["无氯氟发泡剂转让"], Qt.MouseButton.LeftButton)
    (sheet,) = window.findChildren(ConflictSheet)
    assert sheet.isVisible()
    sheet.choosers[0].pick("theirs")
    sheet.decide()
    assert not page.conflicts.isVisible()
    assert window.toast.words.text() == "已处理冲突“无氯氟发泡剂转让”"
    window.close()


def test_a_first_page_without_conflicts_does_not_speak_of_them(session, deal, qtbot):
    room = home(session)
    qtbot.addWidget(room)
    page: Any = room.current_view
    assert page.conflicts.isHidden()
