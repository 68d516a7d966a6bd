"""The room 成果 with real widgets over a real store: ripeness, rights, people, and what the sheet lacks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from desktop.models import queries
from desktop.services import records
from desktop.ui.achievements.ladder import TrlLadder
from desktop.ui.achievements.page import AchievementPage, build, missing_for_registration
from desktop.ui.achievements.rights import FEE, RightsView, fee_state
from desktop.ui.achievements.team import TeamView
from desktop.ui.widgets.record_table import TONE
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid

    from desktop.ui.widgets.session import Session

TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def achievement(put):
    holder = put("party", name="浙江工业大学")
    return put(
        "achievement",
        title="无氯氟聚氨酯化学发泡剂",
        holder=holder,
        trl="8",
        maturity="mass",
        asking_price=Decimal(2600000),
        technical_field="05",
    )


@pytest.fixture
def page(session, achievement, qtbot):
    made = AchievementPage(session, "achievement", achievement)
    qtbot.addWidget(made)
    return made


def save(session: Session, record_type: str, record_id: uuid.UUID, **changes: Any) -> None:
    with session.desk.store.read() as connection:
        held = queries.get(connection, record_type, record_id) or {}
    values = {name: held[name] for name in RECORD_TYPES[record_type].by_name} | changes
    session.do(lambda desk: records.save(desk, record_type=record_type, record_id=record_id, values=values))


def test_the_band_tells_ripeness_owner_field_and_price(page, session):
    band = page.band
    assert (band.ladder.level, band.level.text(), band.maturity.text()) == (8, "TRL 8", "可以量产")
    assert band.holder.text() == "浙江工业大学"
    assert band.price.text() == "260万元"
    assert band.price.toolTip() == "2,600,000.00元"


def test_the_band_follows_what_happens_elsewhere(page, session, achievement):
    save(session, "achievement", achievement, trl="3", asking_price=None)
    assert page.band.ladder.level == 3
    assert page.band.price.text() == "面议"


def test_the_ladder_draws_as_many_full_steps_as_were_reached(session, qtbot):
    ladder = TrlLadder(session.desk.codes["trl"])
    qtbot.addWidget(ladder)
    ladder.resize(ladder.sizeHint())

    def colour_of(step: int) -> str:
        return ladder.grab().toImage().pixelColor((step - 1) * 17 + 7, 36).name()

    ladder.show_level(None)
    blank = colour_of(1)
    assert "未评" in ladder.accessibleName()
    ladder.show_level("4")
    assert [colour_of(step) == blank for step in range(1, 10)] == [False] * 4 + [True] * 5
    assert "四级" in ladder.accessibleName()


def test_the_panel_tells_what_the_registration_sheet_lacks(page, session, achievement):
    missing = missing_for_registration(page.values)
    assert [field.name for field in missing][:2] == ["research_from", "research_to"]
    assert page.checks.title.text() == f"成果登记表还差 {len(missing)} 项"
    save(
        session, "achievement", achievement, research_from="2021", research_to="2024", not_applied_reason="x"
    )
    assert page.checks.title.text() == f"成果登记表还差 {len(missing) - 3} 项"


@pytest.mark.parametrize(
    ("paid_to", "status", "expected"),
    [
        (dt.date(2026, 3, 1), "granted", ("2026-03-01 逾期1天", "danger")),
        (dt.date(2026, 3, 2), "granted", ("2026-03-02 剩0天", "warning")),
        (dt.date(2026, 5, 31), "granted", ("2026-05-31 剩90天", "warning")),
        (dt.date(2026, 6, 1), "granted", None),
        (dt.date(2020, 1, 1), "lapsed", None),
        (None, "granted", None),
    ],
)
def test_a_fee_is_urgent_when_overdue_or_due_within_ninety_days(paid_to, status, expected):
    assert fee_state({FEE: paid_to, "status": status}, TODAY) == expected


def test_urgent_fees_stand_out_in_the_table_and_are_counted(session, achievement, put, qtbot):
    number = put(
        "ip_right",
        achievement=achievement,
        kind="software",
        right_no="2024SR0312345",
        status="granted",
        fee_paid_to=dt.date(2026, 1, 15),
    )
    put("ip_right", achievement=achievement, kind="software", right_no="2024SR2", fee_paid_to=TODAY)
    view = RightsView(session, "achievement", achievement)
    qtbot.addWidget(view)
    assert view.overdue.text() == "年费逾期 1 件"
    assert view.soon.text() == "90 天内到期 1 件"
    column = next(n for n, shown in enumerate(view.rights.columns) if shown.name == FEE)
    place = view.rights.row_of(number)
    assert place is not None
    cell = view.rights.index(place, column)
    assert cell.data() == "2026-01-15 逾期46天"
    assert cell.data(TONE) == "danger"
    save(session, "ip_right", number, fee_paid_to=dt.date(2027, 1, 15))
    assert view.overdue.isHidden()
    place = view.rights.row_of(number)
    assert place is not None
    assert view.rights.index(place, column).data() == "2027-01-15"


@pytest.fixture
def team(session, achievement, put, qtbot):
    """Return a function that shows people with these shares."""

    def show(shares):
        for rank, share in enumerate(shares, start=1):
            put("team_member", achievement=achievement, name=f"第{rank}人", rank=Decimal(rank), share=share)
        view = TeamView(session, "achievement", achievement)
        qtbot.addWidget(view)
        return view

    return show


@pytest.mark.parametrize(
    ("shares", "sum_words", "warning"),
    [
        ((Decimal(40), Decimal(60)), "比例合计 100%", ""),
        ((Decimal(40), Decimal("35.5")), "比例合计 75.5%", "还差 24.5%"),
        ((Decimal(80), Decimal(30)), "比例合计 110%", "超出 10%"),
        ((Decimal(80), None), "比例合计 80%", "1 人未填比例"),
        ((None, None), "", ""),
    ],
)
def test_shares_that_are_not_the_whole_are_warned_of(team, shares, sum_words, warning):
    view = team(shares)
    assert view.sum.text() == sum_words
    assert view.warning.isHidden() == (not warning)
    assert warning in view.warning.text


def test_people_stand_in_their_signed_order_and_new_ones_appear(session, achievement, put, qtbot):
    view = TeamView(session, "achievement", achievement)
    qtbot.addWidget(view)
    put("team_member", achievement=achievement, name="无名次")
    put("team_member", achievement=achievement, name="第二", rank=Decimal(2))
    first = put("team_member", achievement=achievement, name="待改", rank=Decimal(3))
    save(session, "team_member", first, name="第一", rank=Decimal(1))
    names = [
        b.text()
        for b in view._card.findChildren(QAbstractButton)
        if b.accessibleName().startswith("打开完成人") and not b.isHidden()
    ]
    assert names == ["第一", "第二", "无名次"]


def test_the_room_opens_its_own_page_and_names_every_control(session, achievement, put, qtbot):
    put("deal", title="专利转让", achievement=achievement)
    section = build(session)
    qtbot.addWidget(section)
    page = section.open_record("achievement", achievement)
    assert page.tabs()[:4] == ["概况", "知识产权", "完成人", "转化"]
    for number in range(len(page.tabs())):
        page.show_tab(number)
    controls: list[QAbstractButton | QLineEdit] = page.findChildren(QAbstractButton)
    controls += page.findChildren(QLineEdit)
    own = [c for c in controls if not (isinstance(c.parent(), QLineEdit) or c.objectName().startswith("qt_"))]
    assert [control for control in own if not (control.accessibleName() or control.text())] == []
