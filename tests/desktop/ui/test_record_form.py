"""Forms of every type: what goes in comes out, and what is wrong is said where it is."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.ui.widgets.editors import ChoicesEditor, RefEditor
from desktop.ui.widgets.record_form import RecordForm
from desktop.ui.widgets.typed_editors import KeptEditor, TextEditor
from domain.fields import RECORD_TYPES
from domain.problems import Problem

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from desktop.ui.widgets.session import Session


@pytest.fixture
def deal(session: Session, qtbot: QtBot) -> RecordForm:
    form = RecordForm(session, "deal")
    qtbot.addWidget(form)
    return form


@pytest.mark.parametrize("name", RECORD_TYPES)
def test_an_empty_form_reads_as_its_defaults(session: Session, qtbot: QtBot, name: str) -> None:
    form = RecordForm(session, name)
    qtbot.addWidget(form)
    values, found = form.read()
    typed = {name for name, field in RECORD_TYPES[name].by_name.items() if not field.kept}
    assert values == {name: value for name, value in form.defaults().items() if name in typed}
    assert {problem.code for problem in found} <= {"required"}
    assert not form.changed


def test_what_the_program_writes_is_read_but_not_typed(session: Session, qtbot: QtBot) -> None:
    form = RecordForm(session, "certificate")
    qtbot.addWidget(form)
    assert {"credential", "made_with"}.isdisjoint(form.cells)
    written = {"credential": "TD1:X", "pdf_sha256": "0" * 64, "state_on": dt.date(2026, 3, 2)}
    form.set_values({**form.defaults(), **written})
    for name, words in (("pdf_sha256", "0" * 64), ("state_on", "2026-03-02")):
        editor = form.cells[name].editor
        assert isinstance(editor, KeptEditor)
        assert (editor.line.text(), editor.line.isReadOnly()) == (words, True)
    assert written.keys().isdisjoint(form.read()[0])


def test_values_of_every_kind_survive_the_form(deal: RecordForm) -> None:
    values = {
        **deal.defaults(),
        "title": "发泡剂专利转让",
        "stage": "signing",
        "deal_amount": decimal.Decimal("2600000.50"),
        "reward_share": decimal.Decimal("70.00"),
        "signed_on": dt.date(2025, 11, 18),
        "ip_kinds": ("patent-invention", "software"),
        "is_related": True,
        "remark": "第一行\n第二行",
    }
    deal.set_values(values)
    assert deal.read() == (values, [])
    assert not deal.changed


def test_what_people_type_is_read_as_imports_read_it(deal: RecordForm) -> None:
    deal.put_raw({"title": "甲", "deal_amount": "260万元", "signed_on": "2025年11月18日", "stage": "签约"})
    values, found = deal.read()
    assert (found, values["deal_amount"], values["signed_on"], values["stage"]) == (
        [],
        decimal.Decimal("2600000.00"),
        dt.date(2025, 11, 18),
        "signing",
    )


def test_a_problem_shows_once_its_field_is_left_and_not_before(deal: RecordForm) -> None:
    cell = deal.cells["deal_amount"]
    cell.editor.put("很多")
    assert cell.problem.isHidden()
    cell.editor.left.emit()
    assert not cell.problem.isHidden()
    assert cell.problem.text() == "“很多”不是金额，例如 12000.50 或 1.2万元"
    cell.editor.put("12000")
    cell.editor.left.emit()
    assert cell.problem.isHidden()
    assert deal.cells["title"].problem.isHidden()


def test_saving_shows_everything_at_once_in_the_order_of_the_form(deal: RecordForm) -> None:
    deal.put_raw({"deal_amount": "很多", "technical_amount": "0"})
    found = deal.check(everything=True)
    assert [problem.field for problem in found] == ["title", "deal_amount", "technical_amount"]
    assert not deal.cells["title"].problem.isHidden()


def test_a_warning_is_shown_and_does_not_mark_the_field_as_wrong(deal: RecordForm) -> None:
    deal.show_problems([Problem("buyer", "same-party")])
    cell = deal.cells["buyer"]
    assert cell.problem.property("role") == "warning"
    proxy = cell.editor.focusProxy()
    assert proxy is not None
    assert proxy.property("wrong") != "true"


def test_amounts_are_said_in_wan_and_in_capitals(deal: RecordForm) -> None:
    deal.put_raw({"deal_amount": "2600000"})
    said: Any = deal.cells["deal_amount"].editor
    assert said.said.text() == "260万元 · 人民币贰佰陆拾万元整"


def test_leaving_a_figure_tidies_it(deal: RecordForm) -> None:
    editor: Any = deal.cells["deal_amount"].editor
    editor.put("260万")
    editor.left.emit()
    assert editor.line.text() == "2,600,000.00"


def test_a_year_is_written_without_a_comma(session: Session, qtbot: QtBot) -> None:
    form = RecordForm(session, "agency", fields=("name", "year"))
    qtbot.addWidget(form)
    form.set_values({**form.defaults(), "year": decimal.Decimal(2025)})
    assert form.raw()["year"] == "2025"
    assert form.read()[0]["year"] == decimal.Decimal(2025)


def test_words_of_a_list_without_a_code_are_hidden_while_there_are_none(deal: RecordForm) -> None:
    assert deal.cells["mode_note"].isHidden()
    deal.set_values({**deal.defaults(), "title": "甲", "mode_note": "增资扩股"})
    assert not deal.cells["mode_note"].isHidden()


def test_a_form_of_some_fields_keeps_the_values_of_the_others(session: Session, qtbot: QtBot) -> None:
    form = RecordForm(session, "party", fields=("name", "kind"))
    qtbot.addWidget(form)
    form.set_values({**form.defaults(), "name": "甲", "address": "潮王路18号"})
    assert list(form.cells) == ["name", "kind"]
    assert form.read()[0]["address"] == "潮王路18号"


def test_the_form_has_one_column_when_it_is_narrow(deal: RecordForm) -> None:
    deal.resize(900, 800)
    deal.show()
    grid, _ = deal._grids[0]
    assert grid.columnCount() == 2
    second = grid.itemAtPosition(0, 1)
    assert second is not None
    deal.resize(480, 800)
    assert grid.itemAtPosition(0, 1) is None


# ── editors ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.expects_warning("grabbing the keyboard")  # the offscreen platform has none to grab
def test_a_code_is_found_by_part_of_its_path(session: Session, qtbot: QtBot) -> None:
    form = RecordForm(session, "party")
    qtbot.addWidget(form)
    form.show()
    picker = form.cells["region"].editor.picker  # type: ignore[attr-defined]  # a choice has one
    picker.setFocus()
    qtbot.waitUntil(picker.hasFocus)
    picker.textEdited.emit("海淀")
    assert [suggestion.words for suggestion in picker._offered] == ["北京市 / 海淀区"]
    picker.take(picker._offered[0])
    assert form.read()[0]["region"] == "110108"
    picker._popup.hide()


def test_tags_are_added_once_and_taken_away(session: Session, qtbot: QtBot) -> None:
    editor = ChoicesEditor(RECORD_TYPES["party"]["roles"], session)
    qtbot.addWidget(editor)
    edits: list[int] = []
    editor.edited.connect(lambda: edits.append(1))
    editor.picker.picked.emit("supplier")
    editor.picker.picked.emit("supplier")
    editor.picker.picked.emit("demander")
    assert editor.raw() == ["supplier", "demander"]
    editor._drop("supplier")
    assert editor.raw() == ["demander"]
    assert len(edits) == 3


def test_a_record_is_found_by_typing_and_shown_by_its_title(session: Session, put: Any, qtbot: QtBot) -> None:
    wanted = put("party", name="浙江工业大学", kind="organisation")
    editor = RefEditor(RECORD_TYPES["deal"]["seller"], session)
    qtbot.addWidget(editor)
    editor.picker.suggest("工业")
    qtbot.waitUntil(lambda: bool(editor.picker._offered))
    assert [(s.key, s.words) for s in editor.picker._offered] == [
        (wanted, "浙江工业大学"),
        (None, "＋ 新建客户“工业”"),
    ]
    editor.put(str(wanted))
    assert editor.picker.text() == "浙江工业大学"
    assert editor.raw() == str(wanted)


def test_a_missing_record_is_made_in_passing(session: Session, desk: Any, qtbot: QtBot) -> None:
    editor = RefEditor(RECORD_TYPES["deal"]["buyer"], session)
    qtbot.addWidget(editor)
    editor.picker.suggest("新单位")
    qtbot.waitUntil(lambda: bool(editor.picker._offered))
    editor.picker.take(editor.picker._offered[-1])
    assert editor.picker.key is not None
    assert editor.picker.text() == "新单位"


def test_personal_data_is_masked_until_asked_for_and_never_lost(session: Session, qtbot: QtBot) -> None:
    editor = TextEditor(RECORD_TYPES["contact"]["mobile"], session)
    qtbot.addWidget(editor)
    editor.put("13800138000")
    assert editor.line.text() == "138****8000"
    assert editor.line.isReadOnly()
    assert editor.raw() == "13800138000"
    editor._toggle()
    assert editor.line.text() == "13800138000"
    QTest.keyClick(editor.line, Qt.Key.Key_End)
    QTest.keyClicks(editor.line, "1")
    assert editor.raw() == "138001380001"
    editor._toggle()
    assert not editor._hide_again.isActive()
    assert editor.line.isReadOnly()


def test_personal_data_hides_itself_again(session: Session, qtbot: QtBot) -> None:
    editor = TextEditor(RECORD_TYPES["contact"]["mobile"], session)
    qtbot.addWidget(editor)
    editor.put("13800138000")
    assert editor._hide_again.interval() == 60_000
    editor._hide_again.setInterval(1)
    editor._toggle()
    qtbot.waitUntil(lambda: editor.line.text() == "138****8000")
    assert editor.line.isReadOnly()
    assert editor.raw() == "13800138000"


def test_a_number_being_typed_is_not_masked_under_the_hand(session: Session, qtbot: QtBot) -> None:
    editor = TextEditor(RECORD_TYPES["contact"]["mobile"], session)
    qtbot.addWidget(editor)
    editor.put("")
    QTest.keyClicks(editor.line, "13800138000")
    assert not editor._hide_again.isActive()
    assert editor.line.text() == "13800138000"


@pytest.mark.parametrize("name", RECORD_TYPES)
def test_no_part_of_a_form_is_shown_before_it_has_a_place(
    session: Session, qtbot: QtBot, flashes: list[str], name: str
) -> None:
    form = RecordForm(session, name)
    qtbot.addWidget(form)
    form.check(everything=True)
    form.set_values(form.defaults())
    assert flashes == []
