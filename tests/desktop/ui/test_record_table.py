"""The list model over a real store: exact, in pages, and true after every write."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest

from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import records
from desktop.ui import theme
from desktop.ui.widgets import record_table
from desktop.ui.widgets.record_list import RecordList
from desktop.ui.widgets.record_table import ROW, TONE, RecordTableModel
from desktop.ui.widgets.table_view import LAST_SHARE, RecordTable
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from desktop.services.desk import Desk
    from desktop.ui.widgets.session import Session

Put = Any


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_table, "PAGE", 10)
    monkeypatch.setattr(record_table, "PAGES_KEPT", 2)


def fill(desk: Desk, count: int) -> list[uuid.UUID]:
    made = [new_id() for _ in range(count)]
    parties = [("party", made[n], {"name": f"单位{n:03d}", "kind": "organisation"}) for n in range(count)]
    records.save_all(desk, records=parties)
    return made


def shown(model: RecordTableModel, column: int = 0) -> list[Any]:
    """Return the words of a column as somebody sees them who scrolls down slowly."""
    return [fetched(model, row, column) for row in range(model.rowCount())]


def fetched(model: RecordTableModel, row: int, column: int) -> Any:
    if model.index(row, column).data() is None:
        QTest.qWait(1)
    return model.index(row, column).data()


def by_name(model: RecordTableModel) -> None:
    model.show(dataclasses.replace(Query(model.record_type), order="name", descending=False))


def test_a_long_list_has_its_full_length_and_every_row_in_order(
    session: Session, desk: Desk, small_pages: None, qtbot: QtBot
) -> None:
    fill(desk, 47)
    model = RecordTableModel(session, "party")
    counted: list[int] = []
    model.counted.connect(counted.append)
    by_name(model)
    qtbot.waitUntil(lambda: counted == [47])
    assert shown(model) == [f"单位{n:03d}" for n in range(47)]
    assert model.record_at(46) is not None


def test_only_the_newest_pages_are_kept(
    session: Session, desk: Desk, small_pages: None, qtbot: QtBot
) -> None:
    fill(desk, 47)
    model = RecordTableModel(session, "party")
    by_name(model)
    qtbot.waitUntil(lambda: model.rowCount() == 47)
    shown(model)
    assert len(model._pages) == 2


def test_rows_that_are_not_fetched_yet_are_empty_and_never_wrong(
    session: Session, desk: Desk, small_pages: None, qtbot: QtBot
) -> None:
    fill(desk, 20)
    model = RecordTableModel(session, "party")
    by_name(model)
    qtbot.waitUntil(lambda: model.rowCount() == 20)
    assert model.index(15, 0).data() is None
    assert model.row_at(15) is None


def test_nothing_is_read_while_the_table_is_painted(
    session: Session, desk: Desk, small_pages: None, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that reads while the window paints makes the window wait for it."""
    fill(desk, 20)
    model = RecordTableModel(session, "party")
    view = RecordTable(model)
    qtbot.addWidget(view)
    reads: list[Any] = []
    real = session.read

    def read(*asked: Any, **more: Any) -> Any:
        reads.append(asked)
        return real(*asked, **more)

    monkeypatch.setattr(session, "read", read)
    by_name(model)
    assert len(reads) == 1
    view.grab()
    assert len(reads) == 1
    qtbot.waitUntil(lambda: model.rowCount() == 20)
    view.scrollToBottom()
    view.grab()
    assert len(reads) == 2
    qtbot.waitUntil(lambda: len(reads) == 3)
    assert model.index(19, 0).data() == "单位019"


def test_an_answer_to_an_older_question_is_dropped(session: Session, desk: Desk) -> None:
    fill(desk, 3)
    model = RecordTableModel(session, "party")
    late: list[Callable[[], Any]] = []
    real = session.read
    session.read = lambda query, done, **more: late.append(lambda: real(query, done, **more))  # type: ignore[method-assign, assignment]  # held back on purpose
    model.show(Query("party", words="没有"))
    session.read = real  # type: ignore[method-assign]  # the same
    model.show(Query("party"))
    late[0]()
    assert model.rowCount() == 3


def test_a_write_refreshes_in_place_and_a_new_row_appears(session: Session, desk: Desk) -> None:
    first, *_ = fill(desk, 3)
    model = RecordTableModel(session, "party")
    by_name(model)
    renamed = {"name": "单位000改", "kind": "organisation"}
    session.do(lambda desk: records.save(desk, record_type="party", record_id=first, values=renamed))
    assert shown(model)[0] == "单位000改"
    added = {"name": "单位999", "kind": "organisation"}
    session.do(lambda desk: records.save(desk, record_type="party", record_id=new_id(), values=added))
    assert shown(model)[-1] == "单位999"


def test_cells_show_titles_amounts_and_states_as_people_read_them(session: Session, put: Put) -> None:
    seller = put("party", name="浙江工业大学", kind="organisation")
    put("deal", title="许可", stage="signing", seller=seller, deal_amount=1234567)
    model = RecordTableModel(session, "deal", columns=("title", "stage", "seller", "deal_amount"))
    model.show(Query("deal"))
    assert [model.index(0, column).data() for column in range(4)] == [
        "许可",
        "签约",
        "浙江工业大学",
        "123.46",
    ]
    assert model.headerData(3, Qt.Orientation.Horizontal) == "成交额(万元)"
    amount = model.index(0, 3)
    assert amount.data(Qt.ItemDataRole.ToolTipRole) == "1,234,567.00元"
    assert amount.data(Qt.ItemDataRole.AccessibleTextRole) == "成交额(万元)：123.46"
    assert amount.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert model.index(0, 1).data(TONE) == "accent"
    assert model.index(0, 0).data(ROW)["title"] == "许可"


def test_personal_data_is_masked_in_lists(session: Session, put: Put) -> None:
    party = put("party", name="浙江工业大学", kind="organisation")
    put("contact", party=party, name="张三", mobile="13800138000")
    model = RecordTableModel(session, "contact", columns=("mobile",))
    model.show(Query("contact"))
    assert model.index(0, 0).data() == "138****8000"
    assert model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) is None


def test_a_click_on_a_heading_sorts_and_a_second_one_turns_round(
    session: Session, desk: Desk, qtbot: QtBot
) -> None:
    fill(desk, 5)
    model = RecordTableModel(session, "party")
    view = RecordTable(model)
    qtbot.addWidget(view)
    model.show(Query("party"))
    view.horizontalHeader().sectionClicked.emit(0)
    assert shown(model)[0] == "单位000"
    view.horizontalHeader().sectionClicked.emit(0)
    assert shown(model)[0] == "单位004"


def test_delete_removes_the_selection_and_offers_to_undo(session: Session, desk: Desk, qtbot: QtBot) -> None:
    fill(desk, 4)
    page = RecordList(session, "party")
    qtbot.addWidget(page)
    said: list[tuple[str, bool]] = []
    session.said.connect(lambda words, _tone, undo: said.append((words, undo)))
    page.table.selectAll()
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    assert page.records.rowCount() == 0
    assert said == [("已删除 4 条客户", True)]
    session.undo()
    assert page.records.rowCount() == 4


def test_enter_opens_the_record_under_the_cursor(session: Session, desk: Desk, qtbot: QtBot) -> None:
    made = fill(desk, 1)
    page = RecordList(session, "party")
    qtbot.addWidget(page)
    opened: list[uuid.UUID] = []
    page.opened.connect(opened.append)
    page.table.setCurrentIndex(page.records.index(0, 0))
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert opened == made


def test_searching_and_filtering_narrow_the_list(session: Session, put: Put, qtbot: QtBot) -> None:
    put("deal", title="发泡剂转让", stage="lead")
    put("deal", title="发泡剂许可", stage="signing")
    page = RecordList(session, "deal")
    qtbot.addWidget(page)
    page.search.setText("许可")
    qtbot.waitUntil(lambda: page.records.rowCount() == 1)
    page.filters[0].pick("lead")
    assert page.records.rowCount() == 0
    assert page._stack.currentWidget() is page.nothing
    page.nothing.asked.emit()
    assert page.records.rowCount() == 2
    assert page.count.text() == "2 条"


def test_an_empty_list_says_what_to_do(session: Session, qtbot: QtBot) -> None:
    page = RecordList(session, "demand")
    qtbot.addWidget(page)
    assert page._stack.currentWidget() is page.empty
    with qtbot.waitSignal(page.asked_new):
        page.empty.button.click()


def test_the_model_keeps_the_rules_of_qt(session: Session, desk: Desk, qtmodeltester: Any) -> None:
    fill(desk, 12)
    model = RecordTableModel(session, "party")
    model.show(Query("party"))
    qtmodeltester.check(model, force_py=True)
    assert model.rowCount(model.index(0, 0, QModelIndex())) == 0


@pytest.mark.parametrize("width", [700, 1000, 1300])
def test_codes_with_short_labels_are_never_cut(session: Session, qtbot: QtBot, width: int) -> None:
    model = RecordTableModel(session, "training_class")
    view = RecordTable(model)
    qtbot.addWidget(view)
    view.resize(width, 400)
    view.show()
    column = [shown.name for shown in model.columns].index("level")
    codes = session.desk.codes[RECORD_TYPES["training_class"]["level"].codes].codes
    longest = max(view.fontMetrics().horizontalAdvance(entry.label) for entry in codes)
    assert view.columnWidth(column) - 2 * theme.METRICS.m >= longest


@pytest.mark.parametrize("width", range(800, 1300, 20))
def test_a_few_pixels_too_many_cost_the_title_and_bring_no_bar(
    session: Session, qtbot: QtBot, width: int
) -> None:
    view = RecordTable(RecordTableModel(session, "training_class"))
    qtbot.addWidget(view)
    view.resize(width, 400)
    view.show()
    over = view.horizontalHeader().length() - view.viewport().width()
    assert not 0 < over < view.columnWidth(0) * LAST_SHARE
