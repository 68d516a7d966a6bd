"""The whole window: moving about, undo, the palette, both looks, and names for every control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from desktop.models import queries
from desktop.services import records
from desktop.services.passphrases import acceptable
from desktop.ui import appearance, pages, start, style_sheet, theme
from desktop.ui.actions import ACTIONS
from desktop.ui.widgets.sheets import CrashSheet, KeySheet, report
from desktop.ui.widgets.unlock import UnlockPanel, wait_s
from desktop.ui.window import Window
from domain.problems import refuse

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from desktop.services.desk import Desk
    from desktop.ui.jobs import InstantJobs

CONTROLS = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox, QAbstractItemView)


@pytest.fixture
def window(
    desk: Desk, jobs: InstantJobs, look: QApplication, tmp_path: Path, qtbot: QtBot
) -> Iterator[Window]:
    made = Window(tmp_path, jobs)
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    made.enter(desk)
    yield made
    made.close()


@pytest.fixture
def party(put: Any) -> uuid.UUID:
    made: uuid.UUID = put("party", name="浙江工业大学", kind="organisation")
    return made


def unnamed(root: QWidget) -> list[str]:
    """Return the controls a screen reader could not name."""
    found = [widget for kind in CONTROLS for widget in root.findChildren(kind)]
    return [
        f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}"
        for widget in found
        if not name_of(widget) and not is_part_of_qt(widget)
    ]


def name_of(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface else ""


def is_part_of_qt(widget: QWidget) -> bool:
    """The buttons Qt puts inside line edits and tables; they are named by their actions' tool tips."""
    parent = widget.parent()
    return isinstance(parent, QLineEdit | QAbstractItemView) or widget.objectName().startswith("qt_")


@pytest.mark.parametrize("place", pages.PLACES, ids=lambda place: place.key)
@pytest.mark.parametrize("look_name", ["light", "dark"])
def test_every_view_of_every_place_is_drawn_and_named(
    window: Window, look: QApplication, place: pages.Place, look_name: str
) -> None:
    style_sheet.wear(look, style_sheet.THEMES[look_name])
    window.go_to(place.key)
    section = window.section(place.key)
    for number in range(len(section.views)):
        section.show_view(number)
        assert not window.grab().isNull()
    assert unnamed(window) == []


def test_record_pages_are_named_too(window: Window, party: uuid.UUID) -> None:
    window.open_record("party", party)
    section = window.current
    assert section is not None
    assert section.page is not None
    for number in range(len(section.page.tabs())):
        section.page.show_tab(number)
    assert unnamed(window) == []


def test_nothing_but_the_window_is_ever_a_window(
    window: Window, party: uuid.UUID, flashes: list[str]
) -> None:
    """A part made visible before it has a place flashes up as a window of its own."""
    for place in pages.PLACES:
        window.go_to(place.key)
    window.open_record("party", party)
    window.act("new")
    assert flashes == []


def test_records_open_where_their_type_lives_and_back_and_forward_travel(
    window: Window, party: uuid.UUID
) -> None:
    window.open_record("party", party)
    assert window.rail._tabs["clients"].isChecked()
    window.go_to("deals")
    window.act("back")
    assert window.current is not None
    assert window.current.page is not None
    assert window.current.page.record_id == party
    window.act("forward")
    assert window.current.key == "deals"
    assert not window.topbar.buttons["forward"].isEnabled()


def test_undo_names_the_command_and_takes_it_back(window: Window, desk: Desk, party: uuid.UUID) -> None:
    assert window.session
    window.session.remove("party", [party])
    assert window.topbar.buttons["undo"].toolTip() == "撤销：删除客户“浙江工业大学”（Ctrl+Z）"
    assert window.toast.words.text() == "已删除客户“浙江工业大学”"
    window.toast.offer.click()
    with desk.store.read() as connection:
        found = queries.get(connection, "party", party)
    assert found is not None
    assert found["deleted_at"] is None
    assert window.topbar.buttons["redo"].isEnabled()


def test_a_refusal_nobody_asked_for_is_said_in_the_window(window: Window) -> None:
    def refused(_desk: Desk) -> Any:
        raise refuse("title", "required")

    assert window.session
    window.session.do(refused)
    assert window.bar.isVisible()
    assert "必填" in window.bar.text


def test_new_makes_the_record_of_the_place(window: Window) -> None:
    window.go_to("demands")
    window.act("new")
    assert window.current is not None
    assert window.current.page is not None
    assert window.current.page.known.name == "demand"
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == "需求名称"
    window.act("leave")
    assert window.current.page is None


def test_the_palette_finds_records_and_opens_them(window: Window, party: uuid.UUID, qtbot: QtBot) -> None:
    window.act("search")
    palette = window.palette_
    assert palette is not None
    palette.line.setText("工业")
    palette._search()
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.current is not None
    assert window.current.page is not None
    assert window.current.page.record_id == party
    assert palette.isHidden()
    assert [entry.words for entry in palette.recent] == ["浙江工业大学"]


def test_the_palette_runs_commands_and_says_when_there_is_nothing(window: Window) -> None:
    window.act("search")
    palette = window.palette_
    assert palette is not None
    palette.line.setText(">深色")
    palette._search()
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert theme.current() is theme.DARK
    palette.open("没有这样的记录")
    assert "没有找到" in palette.list.item(0).text()


def test_escape_leaves_the_import_too(window: Window) -> None:
    window.go_to("clients")
    assert window.current
    window.current.show_import("party")
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.current.import_page is None


@pytest.mark.parametrize(("place", "name"), [("deals", "筛选看板"), ("experts", "搜索专家")])
def test_the_filter_of_every_kind_of_list_is_reached_by_key(window: Window, place: str, name: str) -> None:
    window.go_to(place)
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == name


def test_every_action_can_be_done_anywhere(window: Window) -> None:
    for action in ACTIONS:
        window.act(action.name)
    for sheet in window.findChildren(KeySheet):
        sheet.close()


def test_the_choice_of_a_look_is_remembered(window: Window, look: QApplication) -> None:
    window.toggle_theme()
    assert window.kept.value("theme") == "dark"
    style_sheet.wear(look, theme.LIGHT)
    button = window.topbar.buttons["theme"]
    assert button.property("brings") == "dark"
    start.choose_theme(look, window)
    assert theme.current() is theme.DARK
    assert button.property("brings") == "light"


def test_the_size_of_type_is_remembered_in_both_looks(window: Window, look: QApplication) -> None:
    window.kept.setValue(appearance.SCALE_KEY, 125)
    start.choose_theme(look, window)
    larger = f"font-size: {round(theme.METRICS.body * 1.25)}px"
    assert larger in look.styleSheet()
    window.toggle_theme()
    assert larger in look.styleSheet()


def test_the_rail_gives_way_on_a_narrow_window(window: Window) -> None:
    window.resize(1000, 700)
    assert window.rail.narrow
    window.resize(1366, 768)
    assert not window.rail.narrow
    window.toggle_rail()
    window.resize(1400, 768)
    assert window.rail.narrow


def test_a_fault_report_has_places_and_versions_and_no_data(window: Window) -> None:
    try:
        records.save(window, record_type="party", record_id="13800138000", values={})  # type: ignore[arg-type]  # a fault on purpose
    except AttributeError as error:
        told = report(error)
        sheet = CrashSheet(error, window)
    assert "AttributeError" in told
    assert "PySide6" in told
    assert "13800138000" not in told
    assert "/" not in told.split("Python")[0]
    assert sheet.report == told
    sheet.close()


# ── unlocking ───────────────────────────────────────────────────────────────────────────────────


def test_a_new_passphrase_is_asked_twice_and_must_be_long(qtbot: QtBot, look: QApplication) -> None:
    panel = UnlockPanel(new=True)
    qtbot.addWidget(panel)
    given: list[str] = []
    panel.given.connect(given.append)
    panel.first.setText("短")
    panel.go.click()
    assert "至少 10 个字符" in panel.problem.text()
    panel.first.setText("春天在江南的小巷里")
    panel.second.setText("另一句")
    panel.first.setText("春天在江南的小巷里走一走")
    panel.go.click()
    assert "不一样" in panel.problem.text()
    panel.second.setText(panel.first.text())
    panel.go.click()
    assert given == ["春天在江南的小巷里走一走"]
    panel.busy.run(on=False)


def test_wrong_passphrases_make_one_wait_longer_and_longer(qtbot: QtBot, look: QApplication) -> None:
    panel = UnlockPanel(new=False)
    qtbot.addWidget(panel)
    panel.refuse("口令不对")
    assert panel.go.isEnabled()
    panel.refuse("口令不对")
    assert not panel.go.isEnabled()
    assert panel.go.text() == "2 秒后再试"
    waits = [wait_s(failures) for failures in range(9)]
    assert waits == sorted(waits)
    assert max(waits) == 32
    panel._tick.stop()
    panel.busy.run(on=False)


def test_a_repeated_letter_is_no_passphrase() -> None:
    assert not acceptable("a" * 20)
    assert acceptable("correct horse battery")
