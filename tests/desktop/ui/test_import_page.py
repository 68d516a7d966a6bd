"""Importing on a page: look, mend the columns, write as one step, take it back; and giving lists out."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from PySide6.QtCore import Qt

from desktop.models import queries
from desktop.models.queries import Query
from desktop.services.exchange.headers import IGNORED
from desktop.ui.jobs import Jobs
from desktop.ui.widgets.import_page import ImportPage
from desktop.ui.widgets.record_list import RecordList
from desktop.ui.widgets.section import Section, list_view
from desktop.ui.widgets.session import Session


@pytest.fixture
def page(session, qtbot):
    made = ImportPage(session, "party")
    qtbot.addWidget(made)
    return made


@pytest.fixture
def write(tmp_path):
    def make(*rows, name="名录.csv"):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(rows)
        return path

    return make


def names(desk: Any, record_type: str = "party") -> Any:
    with desk.store.read() as connection:
        return sorted(row["name"] for row in queries.rows(connection, Query(record_type)))


def figures(page: Any) -> Any:
    return {name: int(figure.number.text().replace(",", "")) for name, figure in page.result.figures.items()}


def test_a_typed_path_is_looked_at_and_nothing_is_written(page, desk, write, qtbot):
    path = write(["名称", "类别"], ["恒力公司", "单位"], ["", "单位"], ["恒力公司", "单位"])
    page.file.line.setText(str(path))
    qtbot.keyClick(page.file.line, Qt.Key.Key_Return)
    assert figures(page) == {"rows": 3, "imported": 1, "duplicates": 1, "rejected": 1}
    row, column, _value, reason = page.result.rejects.words.rows[0]
    assert (row, column) == ("3", "名称")
    assert "必填" in reason
    assert page.import_button.text() == "导入 1 条"
    assert names(desk) == []


def test_importing_writes_rejects_beside_the_file_and_undo_takes_all_back(page, desk, write, qtbot, tmp_path):
    path = write(["名称", "类别"], ["恒力公司", "单位"], ["", "单位"], ["浙江工业大学", "单位"])
    page.file.take(path)
    qtbot.mouseClick(page.import_button, Qt.MouseButton.LeftButton)
    assert names(desk) == ["恒力公司", "浙江工业大学"]
    assert page.result.title.text() == "导入结果"
    counts = figures(page)
    assert counts["rows"] == counts["imported"] + counts["duplicates"] + counts["rejected"] == 3
    assert page.report.rejects_file == tmp_path / "名录-未导入.csv"
    assert page.report.rejects_file.exists()
    assert not page.undo_button.isHidden()
    qtbot.mouseClick(page.undo_button, Qt.MouseButton.LeftButton)
    assert names(desk) == []
    assert page.state.text() == "导入已撤销。"
    assert page.undo_button.isHidden()


def test_after_another_change_the_page_no_longer_offers_to_undo(page, session, write, put):
    page.file.take(write(["名称", "类别"], ["恒力公司", "单位"]))
    page.import_()
    other = put("expert", name="王喆")
    session.remove("expert", [other])
    assert page.undo_button.isHidden()
    assert "Ctrl+Z" in page.state.text()


def test_an_unknown_header_is_mapped_by_hand_and_remembered(page, session, desk, write, qtbot):
    rows = (["甲方全称", "类别"], ["恒力公司", "单位"])
    page.file.take(write(*rows))
    assert page.reading.plan is None
    assert "名称" in page.bar.text
    assert not page.import_button.isEnabled()
    page.mapping.combos["甲方全称"].pick("name")
    assert figures(page)["imported"] == 1
    page.import_()
    assert names(desk) == ["恒力公司"]
    again = ImportPage(session, "party")
    qtbot.addWidget(again)
    again.file.take(write(*rows, name="第二份.csv"))
    assert figures(again)["duplicates"] == 1


def test_a_field_can_be_typed_and_a_column_left_out(page, write, qtbot):
    page.file.take(write(["名称", "类别", "备注"], ["恒力公司", "单位", "旧"]))
    combo = page.mapping.combos["备注"]
    assert combo.currentData() == "remark"
    combo.pick(IGNORED)
    assert page.mapping.combos["备注"].currentText() == "（不导入）"
    assert "remark" not in page.reading.layout.filled() or page.reading.layout.columns[2].field == IGNORED
    combo = page.mapping.combos["备注"]
    combo.lineEdit().setText("备注")
    combo.lineEdit().editingFinished.emit()
    assert page.mapping.combos["备注"].currentData() == "remark"
    combo = page.mapping.combos["备注"]
    combo.lineEdit().setText("没有这个栏目")
    combo.lineEdit().editingFinished.emit()
    assert combo.currentText() == "备注"


def test_what_is_no_table_is_refused_in_words(page, tmp_path):
    path = tmp_path / "图.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    page.file.take(path)
    assert "图.xlsx" in page.bar.text
    assert page.reading is None
    assert not page.import_button.isEnabled()


def test_the_kind_of_records_can_be_changed(page, write):
    page.file.take(write(["姓名", "单位"], ["王喆", "恒力公司"]))
    page.retype("expert")
    assert page.kind.text() == "专家"
    assert figures(page)["imported"] == 1


def test_a_stopped_import_leaves_nothing_behind(desk, look, qtbot, write, session):
    jobs = Jobs()
    threaded = Session(desk, jobs, session.kept)
    page = ImportPage(threaded, "party")
    qtbot.addWidget(page)
    page.file.take(write(["名称", "类别"], *([f"单位{n}", "单位"] for n in range(3000))))
    qtbot.waitUntil(lambda: page.reading is not None)
    page.import_()
    page.stop()
    qtbot.waitUntil(lambda: jobs.idle)
    assert names(desk) == []
    assert page.bar.text == "已取消，没有写入任何内容。"
    assert page.import_button.isEnabled()
    jobs.close()


def test_an_import_goes_on_when_its_page_is_left_and_says_when_it_is_done(desk, look, qtbot, write, session):
    jobs = Jobs()
    threaded = Session(desk, jobs, session.kept)
    section = Section(threaded, "clients", "客户", [list_view("party")])
    qtbot.addWidget(section)
    said: list[Any] = []
    threaded.said.connect(lambda *told: said.append(told))
    page = section.show_import("party")
    page.file.take(write(["名称", "类别"], *([f"单位{n}", "单位"] for n in range(600)), ["", "单位"]))
    qtbot.waitUntil(lambda: page.reading is not None)
    page.import_()
    section.leave()
    assert section.import_page is None
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert said == [("导入完成：客户 600 条，退回 1 行", "success", True)]
    assert len(names(desk)) == 600
    qtbot.waitUntil(lambda: jobs.idle)
    jobs.close()


def test_every_list_leads_to_the_import_and_back(session, qtbot):
    section = Section(session, "clients", "客户", [list_view("party")])
    qtbot.addWidget(section)
    shown = section.current_view
    assert isinstance(shown, RecordList)
    shown.asked_import.emit()
    page = section.import_page
    assert isinstance(page, ImportPage)
    assert page.record_type == "party"
    page.left.emit()
    assert section.import_page is None
    assert section.current_view is shown


@pytest.mark.parametrize("masked", [True, False])
def test_a_list_is_given_out_as_it_is_filtered(session, put, qtbot, tmp_path, masked):
    put("expert", name="王喆", phone="13800138000")
    put("expert", name="李明", phone="13900139000")
    shown = RecordList(session, "expert")
    qtbot.addWidget(shown)
    shown.search.setText("王喆")
    shown.reload()
    shown.offer_export()
    bar = shown.export_bar
    bar.file.put(tmp_path / "专家.csv")
    bar.unmasked.setChecked(not masked)
    qtbot.mouseClick(bar.go, Qt.MouseButton.LeftButton)
    text = (tmp_path / "专家.csv").read_text("utf-8-sig")
    assert "王喆" in text
    assert "李明" not in text
    assert ("13800138000" in text) is not masked
    assert "已导出 1 条" in bar.words.text()


def test_an_export_to_another_kind_of_file_is_refused_in_words(session, qtbot, tmp_path):
    shown = RecordList(session, "expert")
    qtbot.addWidget(shown)
    shown.offer_export()
    shown.export_bar.file.put(tmp_path / "专家.doc")
    shown.export_bar.export()
    assert ".xlsx 或 .csv" in shown.export_bar.words.text()
    assert shown.export_bar.go.isEnabled()
