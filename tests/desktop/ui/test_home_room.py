"""The day's page: tasks can be ticked off and taken back, drafts go on, figures are kept apart."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt

from desktop.models import drafts, queries
from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import records, today
from desktop.ui.home import page as home
from desktop.ui.home.steps import due_words
from desktop.ui.widgets.import_page import ImportPage

DAY = dt.date(2026, 3, 2)
"""The day the clock of the tests stands at."""


@pytest.fixture
def room(session, qtbot):
    made = home.build(session)
    qtbot.addWidget(made)
    return made


def open_tasks(desk: Any) -> Any:
    with desk.store.read() as connection:
        return {row["title"]: row["state"] for row in queries.rows(connection, Query("task"))}


def test_an_empty_workspace_offers_to_begin_and_leads_to_the_import(room, session, qtbot):
    page = room.current_view
    assert page._stack.currentWidget() is page.first
    with qtbot.waitSignal(session.created) as asked:
        qtbot.mouseClick(page.first.client_button, Qt.MouseButton.LeftButton)
    assert asked.args[0] == "party"
    qtbot.mouseClick(page.first.import_button, Qt.MouseButton.LeftButton)
    assert isinstance(room.import_page, ImportPage)
    room.import_page.left.emit()
    assert room.import_page is None


def test_tasks_stand_under_their_heading_and_a_tick_is_one_step_of_undo(room, desk, session, put, qtbot):
    put("task", title="要回证明", due_on=dt.date(2026, 2, 26))
    put("task", title="约见", due_on=DAY)
    put("task", title="名单", due_on=dt.date(2026, 3, 9))
    put("task", title="做完的", state="done")
    page = room.current_view
    page.reload()
    assert list(page.steps.ticks) == ["要回证明", "约见", "名单"]
    qtbot.mouseClick(page.steps.ticks["约见"], Qt.MouseButton.LeftButton)
    assert open_tasks(desk)["约见"] == "done"
    assert list(page.steps.ticks) == ["要回证明", "名单"]
    session.undo()
    assert open_tasks(desk)["约见"] == "planned"
    assert "约见" in page.steps.ticks


def test_a_task_knows_the_record_it_belongs_to(room, desk, put):
    client = put("party", name="江苏恒力", kind="organisation")
    put("task", title="回访", owner_type="party", owner_id=str(client))
    put("task", title="无主", owner_type="party", owner_id="not an id")
    owners = {step.title: step.owner for step in today.read(desk).steps}
    assert owners == {"回访": ("party", client, "江苏恒力"), "无主": None}


def test_a_task_is_added_by_typing_and_enter(room, desk, qtbot):
    page = room.current_view
    page.steps.add.setText("  打电话给王喆 ")
    qtbot.keyClick(page.steps.add, Qt.Key.Key_Return)
    assert open_tasks(desk) == {"打电话给王喆": "planned"}
    assert page.steps.add.text() == ""
    assert "打电话给王喆" in page.steps.ticks
    qtbot.keyClick(page.steps.add, Qt.Key.Key_Return)
    assert len(open_tasks(desk)) == 1


@pytest.mark.parametrize(
    ("days", "words"),
    [(-5, "逾期 5 天"), (-1, "昨天"), (0, "今天"), (1, "明天"), (7, "3月9日（7 天后）"), (60, "5月1日")],
)
def test_a_due_day_is_said_shortly(days, words):
    assert due_words(DAY + dt.timedelta(days=days), DAY) == words


def test_the_three_amounts_of_the_years_deals_are_three_tiles(room, put):
    put("deal", title="甲", signed_on=dt.date(2026, 1, 5), stage="signing",
        deal_amount=Decimal(3_000_000), technical_amount=Decimal(2_000_000))  # fmt: skip
    put("deal", title="乙", signed_on=dt.date(2026, 2, 5), stage="registration",
        deal_amount=Decimal(1_000_000), technical_amount=Decimal(500_000),
        paid_amount=Decimal(200_000))  # fmt: skip
    put("deal", title="终止", signed_on=dt.date(2026, 2, 6), stage="terminated", deal_amount=Decimal(9))
    put("deal", title="去年", signed_on=dt.date(2025, 12, 31), stage="signing", deal_amount=Decimal(9))
    client = put("party", name="恒力", kind="organisation")
    for day in (3, 4):
        put("site_visit", title=f"走访{day}", party=client, visited_on=dt.date(2026, 1, day))
    page = room.current_view
    page.reload()
    shown = {key: (tile.figure.text(), tile.unit.text()) for key, tile in page.tiles.tiles.items()}
    assert shown == {
        "deals": ("2", "项"),
        "deal_amount": ("400", "万元"),
        "technical_amount": ("250", "万元"),
        "paid_amount": ("20", "万元"),
        "clients": ("1", "家"),
        "certificates": ("0", "份"),
    }
    assert page.tiles.tiles["deal_amount"].toolTip() == "4,000,000.00元"


def test_without_deals_an_amount_is_a_dash_and_not_zero(room, put):
    put("party", name="恒力", kind="organisation")
    page = room.current_view
    page.reload()
    assert page.tiles.tiles["paid_amount"].figure.text() == "—"


def test_a_draft_can_be_gone_on_with_or_given_up(room, desk, session, qtbot):
    key = new_id()
    records.keep_draft(desk, record_type="demand", record_id=key, body={"title": "低温固化涂料"})
    page = room.current_view
    page.reload()
    assert page._stack.currentIndex() == 1
    with qtbot.waitSignal(session.opened) as asked:
        qtbot.mouseClick(page.drafts.go_on["低温固化涂料"], Qt.MouseButton.LeftButton)
    assert asked.args == ["demand", key]
    page.drafts._drop(today.read(desk).drafts[0])
    with desk.store.read() as connection:
        assert drafts.every(connection) == []
    assert page.drafts.isHidden()


def test_recent_records_are_listed_once_and_without_the_bin(room, desk, put):
    kept = put("party", name="恒力", kind="organisation")
    gone = put("party", name="已删", kind="organisation")
    records.save(
        desk, record_type="party", record_id=kept, values={"name": "恒力集团", "kind": "organisation"}
    )
    records.remove(desk, record_type="party", ids=[gone])
    assert [(recent.record_id, recent.title) for recent in today.read(desk).recent] == [(kept, "恒力集团")]


def test_deadlines_of_our_region_come_with_their_working_days(desk, put):
    put("agency", name="北京中心", year=Decimal(2026), kind="A", region="110108")
    found = today.read(desk).deadlines
    assert [deadline.due for deadline in found] == [dt.date(2026, 3, 31), dt.date(2026, 4, 30)]
    assert found[0].place == "北京市"
    assert found[0].days == 29
    assert found[0].working_days == 21  # 29 days after 2 March hold four weekends and no holiday
    assert found[0].certain


def test_a_missed_deadline_is_next_years(desk):
    later = dt.date(2026, 4, 1)
    found = today._deadlines(desk, frozenset({"110000"}), later)
    assert [deadline.due for deadline in found] == [dt.date(2026, 4, 30), dt.date(2027, 3, 31)]
    assert not found[1].certain


@pytest.mark.parametrize(("hour", "words"), [(3, "夜深了"), (8, "早上好"), (13, "中午好"), (20, "晚上好")])
def test_the_greeting_fits_the_hour(hour, words):
    assert home.greeting(dt.datetime(2026, 3, 2, hour, tzinfo=dt.UTC), "高璟") == f"{words}，高璟"
