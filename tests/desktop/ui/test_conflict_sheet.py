"""The conflict dialog: what it shows, what it says the choice will do, and how it is left."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desktop.models import queries
from desktop.services import conflicts, records
from desktop.services.conflict_decisions import THEIRS, decide
from desktop.ui.home.page import build as home
from desktop.ui.widgets.conflict_choices import Headings
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
    assert columns(show(conflict)) == ["我的", "对方"]
    desk.user = "王芳"
    sheet = show(conflict)
    assert columns(sheet) == ["我的", "对方"], "on her desk, too, her own version comes first"
    words = [option.words.text() for option in sheet.choosers[0].options.values()]
    assert words[:2] == ["1,500,000.00", "1,200,000.00"]
    sheet.choosers[0].pick("theirs")
    assert sheet.effect.text() == "保存后：成交额保持 1,500,000.00（我的）。"
    desk.user = "李明"
    assert columns(show(conflict)) == ["高璟的", "王芳的"]


def test_two_devices_of_one_person_are_told_apart_by_their_names(show, desk, deal):
    conflict = amount_clash(desk, deal, HELD)
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("UPDATE conflict SET theirs_by = '高璟' WHERE id = ?", (conflict.bytes,))
    sheet = show(conflict)
    assert columns(sheet) == ["“笔记本”上的", "“办公室台式机”上的"]
    assert "高璟在两台设备上分别修改了“成交额”" in told(sheet)


def columns(sheet):
    """Return the heads of the two versions from left to right."""
    (heads,) = sheet.findChildren(Headings)
    return [button.accessibleName().removeprefix("全部采用") for button in heads.take.values()]


def told(sheet):
    return " ".join(held.text() for held in sheet.findChildren(QLabel))


def test_whoever_decides_for_others_reads_their_names_in_every_answer(show, desk, deal):
    records.remove(desk, record_type="deal", ids=[deal])
    desk.user = "李明"
    op = edit("deal", deal, {"deal_amount": Decimal(1_200_000)}, {"deal_amount": Decimal(1_000_000)})
    sheet = show(keep(desk, judged("deal", op, entity("deal", HELD, dead=True))))
    assert sheet.choosers[0].options["mine"].words.text() == "恢复这条记录，并写入高璟的修改"
    assert "王芳删除了这条记录，高璟修改了它" in told(sheet)


def test_the_whole_sheet_is_worked_by_keyboard(show, session, desk, deal, qtbot):
    sheet = show(amount_clash(desk, deal, HELD))
    (chooser,) = sheet.choosers
    sheet.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is chooser.options["mine"].radio)
    qtbot.keyClick(sheet.focusWidget(), Qt.Key.Key_Space)
    assert chooser.picked == "mine"
    qtbot.keyClick(sheet.focusWidget(), Qt.Key.Key_Right)
    assert chooser.picked == "theirs"
    qtbot.keyClick(sheet.focusWidget(), Qt.Key.Key_Left)
    assert chooser.picked == "mine"
    order = tab_order(sheet, qtbot)
    wanted = [chooser.options["mine"].radio, sheet.fold, sheet.keep_both, sheet.later, sheet.go]
    assert [part for part in order if part in wanted] == wanted
    assert all(part.accessibleName() or part.text() for part in order)
    sheet.go.setFocus()
    qtbot.keyClick(sheet.go, Qt.Key.Key_Return)
    assert row(desk, "deal", deal)["deal_amount"] == Decimal(1_200_000)


def tab_order(sheet, qtbot):
    """Return what the tabulator key comes by, from where it is, until it comes round."""
    first = sheet.focusWidget()
    passed = [first]
    for _ in range(30):
        qtbot.keyClick(sheet.focusWidget(), Qt.Key.Key_Tab)
        if sheet.focusWidget() is first:
            break
        passed.append(sheet.focusWidget())
    return passed


def test_escape_leaves_the_conflict_in_the_register(show, desk, deal, qtbot):
    conflict = amount_clash(desk, deal, HELD)
    sheet = show(conflict)
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert [entry.conflict_id for entry in conflicts.open_conflicts(desk)] == [conflict]


def test_nothing_typed_is_no_choice(show, desk, deal):
    sheet = show(amount_clash(desk, deal, HELD))
    sheet.choosers[0].pick("typed")
    assert not sheet.go.isEnabled()
    assert "成交额：请填写另填的值" in sheet.effect.text()


def test_one_side_is_taken_in_every_line_at_once(show, desk, deal, qtbot):
    held = {**HELD, "technical_amount": Decimal(900_000)}
    was = {"deal_amount": Decimal(1_000_000), "technical_amount": Decimal(800_000)}
    mine = {"deal_amount": Decimal(1_200_000), "technical_amount": Decimal(850_000)}
    conflict = keep(desk, judged("deal", edit("deal", deal, mine, was), entity("deal", held, "amounts")))
    sheet = show(conflict)
    assert len(sheet.choosers) == 2
    (heads,) = sheet.findChildren(Headings)
    assert heads.take["theirs"].accessibleName() == "全部采用对方"
    qtbot.mouseClick(heads.take["theirs"], Qt.MouseButton.LeftButton)
    assert [chooser.picked for chooser in sheet.choosers] == ["theirs", "theirs"]
    qtbot.mouseClick(heads.take["mine"], Qt.MouseButton.LeftButton)
    assert [chooser.picked for chooser in sheet.choosers] == ["mine", "mine"]
    assert sheet.go.isEnabled()


def test_a_decided_conflict_is_looked_at_and_taken_back(show, desk, deal, qtbot):
    conflict = amount_clash(desk, deal, HELD)
    decide(desk, conflict_id=conflict, choices={("deal", deal, "deal_amount"): THEIRS})
    sheet = show(conflict)
    assert sheet.choosers[0].picked == "theirs"
    assert not sheet.choosers[0].isEnabled()
    assert sheet.choosers[0].options["typed"].isHidden()
    assert sheet.effect.isHidden()
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
