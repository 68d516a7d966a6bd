"""The room 客户 with real widgets over a real store: who a client is and what happened with them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from desktop.models import queries
from desktop.models.work import new_id
from desktop.services import records
from desktop.ui.parties.contacts import ContactsView
from desktop.ui.parties.page import PartyPage, build
from desktop.ui.parties.trades import TradesView, totals
from desktop.ui.parties.visits import VisitsView, next_step
from domain.fields import RECORD_TYPES

TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def party(put):
    return put(
        "party",
        name="浙江工业大学",
        credit_code="12100000425006117P",
        nature="022",
        region="330100",
        roles=("supplier", "partner"),
        is_research_body=True,
    )


@pytest.fixture
def page(session, party, qtbot):
    made = PartyPage(session, "party", party)
    qtbot.addWidget(made)
    return made


def test_the_card_says_who_this_is(page):
    words = page.band.facts.text()
    assert "单位" in words
    assert "12100000425006117P" in words
    assert "浙江省 / 杭州市" in words
    assert page.band.words() == ["技术供给方", "合作伙伴", "研发机构"]


def test_the_credit_code_is_copied(page):
    page.band.copy_code.click()
    assert QGuiApplication.clipboard().text() == "12100000425006117P"


def test_the_card_follows_what_happens_elsewhere(page, session, desk, party):
    with desk.store.read() as connection:
        held = queries.get(connection, "party", party) or {}
    values = {name: held[name] for name in RECORD_TYPES["party"].by_name} | {"roles": (), "is_listed": True}
    session.do(lambda desk: records.save(desk, record_type="party", record_id=party, values=values))
    assert page.band.words() == ["研发机构", "上市公司"]


def test_a_new_client_has_no_card_until_it_is_saved(session, qtbot):
    page = PartyPage(session, "party", None, presets={"name": "新客户"})
    qtbot.addWidget(page)
    assert page.band.isHidden()
    page.save()
    assert not page.band.isHidden()
    assert "未填统一社会信用代码" in page.band.facts.text()


def test_contacts_are_masked_until_asked_and_the_main_one_comes_first(session, party, put, qtbot):
    put("contact", party=party, name="顾晓岚", mobile="13805710002")
    put("contact", party=party, name="沈立群", mobile="13805710001", is_main=True)
    view = ContactsView(session, "party", party)
    qtbot.addWidget(view)
    assert [card.contact["name"] for card in view.cards] == ["沈立群", "顾晓岚"]
    first = view.cards[0]
    assert "138****0001" in first.lines[0].text()
    first.eye.click()
    assert "13805710001" in first.lines[0].text()
    first._hide_again.setInterval(1)
    first.eye.click()
    first.eye.click()
    qtbot.waitUntil(lambda: "138****0001" in first.lines[0].text())


def test_a_contact_made_elsewhere_appears(session, party, put, qtbot):
    view = ContactsView(session, "party", party)
    qtbot.addWidget(view)
    assert not view._empty.isHidden()
    values = {"party": party, "name": "张三"}
    session.do(
        lambda desk: records.save(desk, record_type="contact", record_id=new_id(), values=values), owner=view
    )
    assert [card.contact["name"] for card in view.cards] == ["张三"]
    assert view._empty.isHidden()


@pytest.mark.parametrize(
    ("step", "on", "words", "tone"),
    [
        ("寄样品", dt.date(2026, 2, 27), "已过 3 天", "danger"),
        ("寄样品", TODAY, "今天", "warning"),
        ("寄样品", dt.date(2026, 3, 20), "还有 18 天", "info"),
        ("寄样品", None, "未定日期", "neutral"),
    ],
)
def test_the_next_step_of_a_visit_tells_how_urgent_it_is(step, on, words, tone):
    found = next_step({"next_step": step, "next_on": on}, TODAY)
    assert words in found[0]
    assert found[1] == tone


def test_visits_stand_newest_first_and_a_new_one_is_dated_today(session, party, put, qtbot):
    put("site_visit", title="旧", party=party, visited_on=dt.date(2025, 1, 5))
    put("site_visit", title="新", party=party, visited_on=dt.date(2026, 1, 5), needs="要样品", next_step="寄")
    view = VisitsView(session, "party", party)
    qtbot.addWidget(view)
    names = [card.findChildren(QAbstractButton)[0].text() for card in view.cards]
    assert names == ["新", "旧"]
    assert view.cards[1].next.isHidden()
    asked = []
    session.created.connect(lambda kind, values: asked.append((kind, values)))
    view._add()
    assert asked == [("site_visit", {"party": party, "visited_on": TODAY})]


def test_each_amount_is_summed_for_itself():
    deals = [
        {"deal_amount": Decimal(300), "technical_amount": Decimal(200), "paid_amount": None},
        {"deal_amount": Decimal(50), "technical_amount": None, "paid_amount": None},
    ]
    found = {total.label: (total.sum, total.unstated) for total in totals(deals)}
    assert found == {
        "成交额合计": (Decimal(350), 0),
        "技术交易额合计": (Decimal(200), 1),
        "实际成交额合计": (Decimal(0), 2),
    }


def test_deals_are_told_apart_by_the_side_of_the_client(session, party, put, qtbot):
    other = put("party", name="某公司")
    put("deal", title="卖出", seller=party, buyer=other, deal_amount=Decimal(2000000))
    view = TradesView(session, "party", party)
    qtbot.addWidget(view)
    assert view.strips["seller"].figures[0].text() == "200万元"
    assert view.strips["seller"].notes[1].text() == "1 笔未填"
    assert view.strips["buyer"].isHidden()
    assert view.lists["seller"].records.rowCount() == 1
    put("deal", title="买入", seller=other, buyer=party, deal_amount=Decimal(100))
    view.reload()
    assert view.strips["buyer"].figures[0].text() == "100元"


def test_the_room_lists_clients_people_and_visits_and_names_every_control(session, party, put, qtbot):
    put("contact", party=party, name="顾晓岚", mobile="13805710002")
    put("site_visit", title="走访", party=party, visited_on=TODAY)
    section = build(session)
    qtbot.addWidget(section)
    assert [view.label for view in section.views] == ["客户", "联系人", "走访"]
    page = section.open_record("party", party)
    assert page.tabs()[:6] == ["概况", "联系人", "走访", "交易", "成果", "需求"]
    for number in range(len(page.tabs())):
        page.show_tab(number)
    controls: list[QAbstractButton | QLineEdit] = page.findChildren(QAbstractButton)
    controls += page.findChildren(QLineEdit)
    own = [c for c in controls if not (isinstance(c.parent(), QLineEdit) or c.objectName().startswith("qt_"))]
    assert [control for control in own if not (control.accessibleName() or control.text())] == []
