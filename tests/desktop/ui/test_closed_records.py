"""Records that may not be written here are read only from the start, and say why."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QToolButton

from desktop.models.work import new_id
from desktop.services import records, writable
from desktop.ui.achievements.page import AchievementPage
from desktop.ui.certificates.studio import Studio
from desktop.ui.deals.board import Board
from desktop.ui.deals.dossier_view import DossierView
from desktop.ui.deals.page import DealPage
from desktop.ui.evaluation.workbench import Workbench
from desktop.ui.home.steps import StepsCard
from desktop.ui.parties.page import PartyPage
from desktop.ui.widgets.attachments_view import AttachmentsView
from desktop.ui.widgets.record_list import RecordList
from desktop.ui.widgets.record_page import RecordPage
from desktop.ui.widgets.session import Session
from domain.problems import Refusal
from tests.linked import MEMBER, StillLink, grant, settle_all

BROKER = (
    (1, "a:agency", "本机构", 1),
    (2, "t:agency", "培训登记", 0),
    (3, "u:account", "仅本人", 1),
    (4, "p", "公共目录", 0),
)
TRAINER = ((1, "a:agency", "本机构", 0), (2, "t:agency", "培训登记", 1), (4, "p", "公共目录", 0))
TODAY = dt.date(2026, 3, 2)


def joined_as(session, role, scopes=()):
    link = StillLink(session.desk)
    link.credentials = replace(MEMBER, role=role)
    grant(session.desk, *scopes)
    made = Session(session.desk, session.jobs, session.kept, session, link=link)
    made.sync.begin()
    return made


@pytest.fixture
def open_page(session, qtbot):
    def open_(held, record_type, record_id=None, make=RecordPage):
        page = make(held, record_type, record_id)
        qtbot.addWidget(page)
        page.show()
        return page

    return open_


def test_a_record_of_the_catalogue_is_read_only_from_the_start(session, desk, put, open_page, qtbot):
    found = put(
        "achievement", title="发泡剂", keywords="聚氨酯", summary="摘要", cooperation_modes=("licence",)
    )
    held = joined_as(session, "staff")
    settle_all(desk, scope=4)
    page = open_page(held, "achievement", found)
    assert page.closed.isVisible()
    assert "公共目录" in page.closed.text
    assert [part.isVisible() for part in (page.footer, page.checks, page.remove_button)] == [False] * 3
    for name in ("title", "summary", "maturity", "cooperation_modes"):
        editor = page.form.cells[name].editor
        before = editor.raw()
        target = editor.focusProxy()
        qtbot.keyClicks(target, "x")
        qtbot.keyClick(target, Qt.Key.Key_Down)
        assert editor.raw() == before, name
    tag = page.form.cells["cooperation_modes"].editor
    assert tag.picker.isHidden()
    assert all(not line.placeholderText() for line in page.form.findChildren(QLineEdit))
    page.save()
    assert page.bar.isHidden()


def test_a_record_that_may_be_written_stays_open(session, desk, put, open_page):
    found = put("party", name="恒力", kind="organisation")
    held = joined_as(session, "staff")
    settle_all(desk)
    page = open_page(held, "party", found)
    assert not page.closed.isVisible()
    assert page.footer.isVisible()
    assert not page.form.cells["name"].editor.line.isReadOnly()


def test_without_a_server_everything_is_open(session, put, open_page):
    page = open_page(session, "party", put("party", name="恒力", kind="organisation"))
    assert page.closed.isHidden()
    assert page.footer.isVisible()


def test_a_deal_that_is_only_read_does_not_move_along_its_stages(session, desk, put, open_page):
    deal = put("deal", title="转让", stage="signing")
    held = joined_as(session, "trainer", TRAINER)
    settle_all(desk)
    page = open_page(held, "deal", deal, DealPage)
    assert "对您的账号只读" in page.closed.text
    assert not page.stepper.isEnabled()


def tab(page, words):
    """Show a tab and return its view."""
    page.show_tab(page.tabs().index(words))
    return page._stack.currentWidget()


def adding(view):
    """Return the buttons of a tab that add something."""
    words = ("添加", "登记", "记录", "选择")
    found = [made for made in view.findChildren(QPushButton) if made.text().startswith(words)]
    return [made for made in found if made.isVisibleTo(view)]


def test_the_tabs_of_a_record_that_is_only_read_offer_nothing_and_say_why(session, desk, put, open_page):
    deal = put("deal", title="转让", stage="signing", contract_type="assign-patent")
    put("payment", deal=deal, paid_on=TODAY, amount=Decimal(1000))
    achievement = put("achievement", title="发泡剂", keywords="聚氨酯", summary="摘要")
    party = put("party", name="恒力", kind="organisation")
    held = joined_as(session, "trainer", TRAINER)
    settle_all(desk)
    for kind, found, make, views in (
        ("deal", deal, DealPage, ("到账", "附件", "关联")),
        ("achievement", achievement, AchievementPage, ("知识产权", "完成人", "转化")),
        ("party", party, PartyPage, ("联系人", "走访", "交易", "成果", "需求")),
    ):
        page = open_page(held, kind, found, make)
        for words in views:
            offers = adding(tab(page, words))
            assert offers, (kind, words)
            for offer in offers:
                assert not offer.isEnabled(), (kind, words, offer.text())
                assert "您的账号" in offer.toolTip(), (kind, words, offer.text())
    page = open_page(held, "deal", deal, DealPage)
    tools = [made for made in tab(page, "到账").findChildren(QToolButton) if "到账 " in made.accessibleName()]
    assert [tool.isEnabled() for tool in tools] == [False, False]
    files = tab(page, "附件").findChild(AttachmentsView)
    assert not files.acceptDrops()
    rows = tab(page, "案卷").findChild(DossierView).rows.values()
    assert rows
    for line in rows:
        assert not line.acceptDrops()
        assert not line.add.isEnabled()
        assert "您的账号只读" in line.add.toolTip()


def test_a_catalogue_record_takes_deals_of_ones_own_and_no_parts(session, desk, put, open_page):
    found = put("achievement", title="发泡剂", keywords="聚氨酯", summary="摘要")
    held = joined_as(session, "staff")
    settle_all(desk, scope=4)
    page = open_page(held, "achievement", found, AchievementPage)
    (team, *_) = adding(tab(page, "完成人"))
    assert not team.isEnabled()
    assert "公共目录" in team.toolTip()
    (deal,) = adding(tab(page, "转化"))
    assert deal.isEnabled()
    assert deal.toolTip() == ""


def test_a_record_handed_over_meanwhile_closes_its_tabs(session, desk, put, open_page):
    deal = put("deal", title="转让", stage="signing")
    held = joined_as(session, "staff")
    settle_all(desk)
    page = open_page(held, "deal", deal, DealPage)
    (offer,) = adding(tab(page, "到账"))[:1]
    assert offer.isEnabled()
    settle_all(desk, scope=4)
    held.sync._deliver(held.sync.status, frozenset({"deal"}))
    assert not offer.isEnabled()
    settle_all(desk)
    held.sync._deliver(held.sync.status, frozenset({"deal"}))
    assert offer.isEnabled()
    assert offer.toolTip() == ""


def test_an_account_that_may_make_no_task_is_offered_none_on_the_first_page(session, qtbot):
    card = StepsCard(joined_as(session, "trainer", TRAINER))
    qtbot.addWidget(card)
    assert not card.add.isEnabled()
    assert card.add.toolTip().startswith("您的账号不能新建")


def test_an_account_that_only_reads_an_agency_gives_it_no_points(session, put, qtbot):
    agency = put("agency", name="示例中心", year=Decimal(2025), kind="A")
    bench = Workbench(joined_as(session, "trainer", TRAINER), "agency", agency)
    qtbot.addWidget(bench)
    bench.tree.choose("bylaws")
    lines = bench.indicator.points.values()
    assert lines
    for line in lines:
        assert line.points.isReadOnly()
        assert not line.save_button.isEnabled()
        assert line.save_button.toolTip().startswith("您的账号不能新建评分")


def test_a_class_that_is_only_read_gives_no_certificates(session, put, qtbot):
    found = put("training_class", name="2026年第一期初级班", state="planned")
    studio = Studio(joined_as(session, "broker", BROKER), "training_class", found)
    qtbot.addWidget(studio)
    for part in (studio.none.button, studio.order, studio.issue_button, studio.draft_button):
        assert not part.isEnabled()
        assert part.toolTip().startswith("您的账号不能新建")


def test_an_account_that_only_reads_deals_moves_none_on_the_board(session, desk, put, qtbot):
    put("deal", title="转让", stage="signing")
    board = Board(joined_as(session, "trainer", TRAINER))
    qtbot.addWidget(board)
    (new,) = [made for made in board.findChildren(QPushButton) if made.text() == "新建技术交易"]
    assert not new.isEnabled()
    shown = board.columns["signing"]
    assert not shown.list.dragEnabled()
    shown.list.pick(0)
    qtbot.keyClick(shown.list, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert len(shown.cards.cards) == 1


def test_a_new_record_the_account_may_not_make_says_so_at_once(session, open_page):
    page = open_page(joined_as(session, "broker", BROKER), "training_class")
    assert page.closed.text.startswith("只读：您的账号不能新建培训班")
    assert page.form.cells["name"].editor.line.isReadOnly()
    page = open_page(page.session, "deal")
    assert page.closed.isHidden()


def test_a_list_offers_new_records_only_to_whom_they_are_allowed(session, qtbot):
    held = joined_as(session, "broker", BROKER)
    shown = {}
    for kind in ("training_class", "deal"):
        view = RecordList(held, kind)
        qtbot.addWidget(view)
        view.show()
        shown[kind] = [part.isEnabled() for part in (view.new, view.take, view.empty.button)]
    assert shown == {"training_class": [False] * 3, "deal": [True] * 3}
    view = RecordList(held, "training_class")
    qtbot.addWidget(view)
    view.show()
    assert view.empty.why.text().startswith("您的账号不能新建培训班")


def test_a_list_offers_to_delete_only_what_may_be_written(session, desk, put, qtbot):
    theirs = put("party", name="目录里的公司", kind="organisation")
    held = joined_as(session, "broker", BROKER)
    settle_all(desk, scope=4)
    put("party", name="本机构的公司", kind="organisation")
    view = RecordList(held, "party")
    qtbot.addWidget(view)
    view.show()

    def offered(rows):
        view.table.clearSelection()
        for row in rows:
            view.table.selectionModel().select(
                view.records.index(row, 0),
                QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
            )
        away = view.table.menu().actions()[-1]
        return away.isEnabled(), away.toolTip()

    assert view.records.rowCount() == 2
    places = {view.records.record_at(row): row for row in range(2)}
    foreign = places.pop(theirs)
    (own,) = places.values()
    assert offered([own])[0]
    assert offered([foreign]) == (
        False,
        "客户：这条记录来自公共目录或只读范围，在本机不能修改；如需更正，请联系提供它的机构",
    )
    enabled, why = offered([own, foreign])
    assert not enabled
    assert "有 1 条" in why


def test_the_authority_answers_submissions_and_makes_none(session, desk):
    joined_as(session, "authority", ((5, "s:agency", "报送主管部门 甲", 1),))
    with desk.store.read() as connection:
        assert "不能新建报送材料" in writable.closure(connection, "submission", None, "authority").why
        assert writable.closure(connection, "submission", None, "staff").why == ""


def test_a_new_record_the_account_may_not_make_is_refused_before_it_waits(session, desk):
    joined_as(session, "broker", BROKER)
    values = {"name": "2026年第二期中级班", "state": "planned"}
    with pytest.raises(Refusal, match="不能新建培训班"):
        records.save(desk, record_type="training_class", record_id=new_id(), values=values)


def test_sealed_fields_close_once_the_server_has_them_and_the_answer_is_the_authoritys(session, desk, put):
    put("submission", title="2025年绩效数据表", kind="performance", year=Decimal(2025))
    joined_as(session, "staff", ((1, "a:agency", "本机构", 1), (5, "s:agency", "报送主管部门", 1)))
    with desk.store.write(applying=True) as connection:
        (key,) = connection.exec_driver_sql("SELECT id FROM submission").scalars()
        sealed = {"title", "kind", "year", "agency", "submitted_on", "sha256", "file_name"}
        answer = {"state", "answered_on", "answer"}
        asked = ("submission", uuid.UUID(bytes=key))
        assert writable.closure(connection, *asked, "staff").fields == answer
        assert writable.closure(connection, *asked, "authority").fields == frozenset()
        connection.exec_driver_sql("UPDATE submission SET row_ver = 4, sync_scope = 5")
        assert writable.closure(connection, *asked, "staff").fields == sealed | answer
        assert writable.closure(connection, *asked, "authority").fields == sealed
        assert writable.closure(connection, *asked, "authority").why == ""


def test_personal_data_can_be_looked_at_and_not_changed(session, desk, put, open_page):
    person = put("broker", name="王某", mobile="13800138000")
    held = joined_as(session, "trainer", TRAINER)
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("UPDATE broker SET row_ver = 5, sync_scope = 1")
    editor = open_page(held, "broker", person).form.cells["mobile"].editor
    assert "*" in editor.line.text()
    editor._toggle()
    assert editor.line.text() == "13800138000"
    assert editor.line.isReadOnly()
    editor._toggle()
    assert "*" in editor.line.text()
