"""The room 交易 with real widgets over a real store: stages, money, papers, form and board."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QToolButton, QWidget

from desktop import paths
from desktop.models import queries
from desktop.services import deals, records
from desktop.ui.deals import registration
from desktop.ui.deals.dossier_row import DossierRow, paper_of
from desktop.ui.deals.dossier_view import DossierView
from desktop.ui.deals.page import DealPage, build
from desktop.ui.deals.payments import PaymentsView
from desktop.ui.deals.publicity import publicity_of
from desktop.ui.deals.registration_view import RegistrationView
from desktop.ui.deals.stages import STAGES

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T", bound=QWidget)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def university(put):
    return put("party", name="浙江工业大学", roles=("supplier",), nature="022", region="330100")


@pytest.fixture
def deal(put, university):
    buyer = put("party", name="杭州西溪环保工程有限公司", roles=("demander",), region="330106")
    return put(
        "deal",
        title="发泡剂专利转让",
        stage="contact",
        contract_type="assign-patent",
        seller=university,
        buyer=buyer,
        deal_amount=Decimal("1200000.50"),
        technical_amount=Decimal(1000000),
    )


@pytest.fixture
def held(desk):
    """Return a reader of one record."""

    def read(record_type, record_id):
        with desk.store.read() as connection:
            return queries.get(connection, record_type, record_id)

    return read


@pytest.fixture
def page(session, deal, qtbot):
    made = DealPage(session, "deal", deal)
    qtbot.addWidget(made)
    return made


def tab(page: DealPage, words: str, kind: type[T]) -> T:
    page.show_tab(page.tabs().index(words))
    found = page.findChild(kind)
    assert isinstance(found, kind)
    return found


def button_of(view: QWidget, name: str) -> QAbstractButton:
    return next(b for b in view.findChildren(QAbstractButton) if b.accessibleName() == name)


# ── stage ───────────────────────────────────────────────────────────────────────────────────────


def test_a_click_on_a_step_moves_the_deal_and_undo_moves_it_back(page, desk, deal, held, qtbot):
    step = page.stepper.steps[STAGES.index("signing")]
    qtbot.mouseClick(step, Qt.MouseButton.LeftButton)
    assert held("deal", deal)["stage"] == "signing"
    assert step.state == "here"
    assert page.state.text() == "签约"
    page.session.do(records.undo)
    assert held("deal", deal)["stage"] == "contact"
    assert page.stepper.stage == "contact"


def test_steps_are_walked_and_picked_by_key(page, deal, held, qtbot):
    with qtbot.waitActive(page):
        page.show()
    page.stepper.steps[1].setFocus()
    qtbot.keyClick(page.stepper.steps[1], Qt.Key.Key_Right)
    assert page.stepper.steps[2].hasFocus()
    qtbot.keyClick(page.stepper.steps[2], Qt.Key.Key_Return)
    assert held("deal", deal)["stage"] == "appraisal"


def test_a_deal_is_ended_beside_the_steps(page, deal, held, qtbot):
    qtbot.mouseClick(page.stepper.end, Qt.MouseButton.LeftButton)
    assert held("deal", deal)["stage"] == "terminated"
    assert {step.state for step in page.stepper.steps} == {"ahead"}
    assert not page.stepper.end.isEnabled()


def test_a_moved_stage_survives_the_saving_of_what_was_being_typed(page, deal, held, qtbot):
    editor = page.form.cells["contract_no"].editor
    qtbot.keyClicks(editor.line, "JZ-2026-01")
    page.move_to("signing")
    assert editor.raw() == "JZ-2026-01"
    page.save()
    saved = held("deal", deal)
    assert (saved["contract_no"], saved["stage"]) == ("JZ-2026-01", "signing")


def test_the_stage_of_a_deal_not_saved_yet_goes_into_its_form(session, qtbot, held):
    page = DealPage(session, "deal", None, presets={"title": "新交易"})
    qtbot.addWidget(page)
    page.move_to("negotiation")
    page.save()
    assert held("deal", page.record_id)["stage"] == "negotiation"


# ── amounts and payments ────────────────────────────────────────────────────────────────────────


def test_the_three_amounts_are_exact_and_each_for_itself(page):
    cards = page.summary.cards
    assert cards["deal_amount"].figure.text() == "1,200,000.50元"
    assert cards["deal_amount"].helper.text() == "120.00005万元"
    assert cards["technical_amount"].figure.text() == "1,000,000.00元"
    assert cards["paid_amount"].figure.text() == "未填写"
    assert "壹佰贰拾万元伍角整" in cards["deal_amount"].figure.toolTip()


def test_a_payment_entered_in_the_panel_becomes_the_amount_really_received(page, deal, held, qtbot):
    view = tab(page, "到账", PaymentsView)
    assert view.entry.isHidden()
    qtbot.mouseClick(view.add_button, Qt.MouseButton.LeftButton)
    assert not view.entry.isHidden()
    assert view.add_button.isHidden()
    view.entry.form.put_raw({"amount": "60万元", "technical_part": "500000", "kind": "down"})
    view.entry.save()
    assert held("deal", deal)["paid_amount"] == Decimal(600000)
    cards = page.summary.cards
    assert cards["paid_amount"].figure.text() == "600,000.00元"
    assert cards["technical_amount"].bar.share == Decimal(50)
    assert cards["deal_amount"].figure.text() == "1,200,000.50元"
    assert "1 笔到账，最近 2026-03-02" in cards["paid_amount"].note.text()
    assert view.entry.isHidden()
    page.session.do(records.undo)
    assert cards["paid_amount"].figure.text() == "未填写"
    assert not view.rows


def test_a_wrong_payment_is_told_in_the_panel_and_nothing_is_written(page, deal, held):
    view = tab(page, "到账", PaymentsView)
    view.entry.open_new()
    view.entry.form.put_raw({"amount": "0"})
    view.entry.save()
    assert not view.entry.isHidden()
    assert "大于 0" in view.entry.form.cells["amount"].problem.text()
    assert held("deal", deal)["paid_amount"] is None


def test_a_corrected_and_a_removed_payment_change_the_sum(page, deal, held, desk):
    values = {"paid_on": TODAY, "amount": Decimal(100), "kind": "full"}
    deals.add_payment(desk, deal_id=deal, values=values)
    view = tab(page, "到账", PaymentsView)
    view.entry.open_for(view.rows[0])
    view.entry.form.put_raw({"amount": "250"})
    view.entry.save()
    assert held("deal", deal)["paid_amount"] == Decimal(250)
    remove = next(b for b in view.findChildren(QToolButton) if b.accessibleName().startswith("删除到账"))
    remove.click()
    assert held("deal", deal)["paid_amount"] == 0


def test_a_payment_made_while_the_form_is_open_is_not_lost_by_saving_it(page, deal, held, qtbot):
    qtbot.keyClicks(page.form.cells["contract_no"].editor.line, "A1")
    values = {"paid_on": TODAY, "amount": Decimal(300000), "kind": "down"}
    page.session.do(lambda desk: deals.add_payment(desk, deal_id=deal, values=values))
    page.save()
    assert held("deal", deal)["paid_amount"] == Decimal(300000)


# ── publicity ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("start", "end", "today", "tone"),
    [
        (dt.date(2026, 2, 1), dt.date(2026, 2, 16), TODAY, "success"),
        (dt.date(2026, 2, 1), dt.date(2026, 2, 15), TODAY, "danger"),
        (dt.date(2026, 2, 20), dt.date(2026, 3, 7), TODAY, "info"),
        (None, None, TODAY, "warning"),
    ],
)
def test_a_price_by_agreement_is_public_for_fifteen_natural_days(start, end, today, tone):
    values = {"pricing_route": "agreement", "publicity_from": start, "publicity_to": end}
    found = publicity_of(values, "330100", paths.policy_book(), today)
    assert found.rule is not None
    assert found.rule.value == 15
    assert found.verdict[1] == tone


def test_an_auction_has_no_rule_and_days_are_still_counted():
    values = {
        "pricing_route": "auction",
        "publicity_from": dt.date(2026, 2, 25),
        "publicity_to": dt.date(2026, 3, 10),
    }
    found = publicity_of(values, None, paths.policy_book(), TODAY)
    assert found.rule is None
    assert (found.elapsed, found.length) == (5, 13)


def test_the_clock_appears_when_the_price_is_by_agreement(page, deal, held):
    assert page.summary.publicity.isHidden()
    body = {name: held("deal", deal)[name] for name in page.known.by_name}
    change = {"pricing_route": "agreement", "publicity_from": dt.date(2026, 2, 1)}
    page.session.do(
        lambda desk: records.save(desk, record_type="deal", record_id=deal, values={**body, **change})
    )
    assert not page.summary.publicity.isHidden()
    assert "已过 29 天" in page.summary.publicity.days.text()


# ── dossier ─────────────────────────────────────────────────────────────────────────────────────


def drop_on(row: DossierRow, *files: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    row.dropEvent(event)


def test_a_dropped_file_is_filed_and_the_dossier_more_complete(page, desk, deal, tmp_path):
    view = tab(page, "案卷", DossierView)
    assert view.head.required.text() == "必备 1/19"
    contract = tmp_path / "合同.pdf"
    contract.write_bytes(PDF)
    kept = view.rows[2]
    drop_on(view.rows[15], contract)
    assert view.head.required.text() == "必备 2/19"
    assert [line.name.text() for line in view.rows[15].papers] == ["合同.pdf"]
    assert view.rows[15].state.text() == "已收集"
    assert view.rows[2] is kept
    page.session.do(records.undo)
    assert view.head.required.text() == "必备 1/19"
    assert view.rows[15].state.text() == "缺失"


def test_an_item_is_waived_only_with_a_reason(page, held):
    view = tab(page, "案卷", DossierView)
    row = view.rows[13]
    row.waive_button.click()
    row.waive()
    assert view.rows[13].state.text() == "缺失"
    row.reason.setText("单笔金额低于集体决策标准")
    row.waive()
    assert view.rows[13].state.text() == "不适用"
    assert "低于集体决策标准" in view.rows[13].papers[0].name.text()


def test_what_is_being_typed_in_one_row_survives_a_paper_filed_in_another(page, tmp_path):
    view = tab(page, "案卷", DossierView)
    view.rows[13].reason.setText("正在写")
    paper = tmp_path / "a.pdf"
    paper.write_bytes(PDF)
    view.file(view.rows[15].item, [paper])
    assert view.rows[13].reason.text() == "正在写"


def test_the_state_of_a_paper_is_picked_in_its_row(page, desk, deal, held):
    status = deals.dossier_status(desk, deal)
    item = next(item for item in status.items if item.number == 15)
    deals.file_paper(desk, deal_id=deal, values=paper_of(item))
    view = tab(page, "案卷", DossierView)
    menu = view.rows[15].papers[0].state.menu()
    next(action for action in menu.actions() if action.text() == "已签章").trigger()
    assert view.rows[15].state.text() == "已签章"


def test_a_missing_file_is_told_and_nothing_is_filed(page, tmp_path):
    view = tab(page, "案卷", DossierView)
    view.file(view.rows[15].item, [tmp_path / "没有.pdf"])
    assert "找不到这个文件" in view.bar.text
    assert view.head.required.text() == "必备 1/19"


def test_without_a_contract_type_the_dossier_says_what_to_do(session, put, qtbot):
    view = DossierView(session, "deal", put("deal", title="线索"))
    qtbot.addWidget(view)
    assert not view._empty.isHidden()
    assert view.head.isHidden()


def test_the_dossier_is_bound_into_a_pdf(page, tmp_path):
    view = tab(page, "案卷", DossierView)
    out = tmp_path / "案卷.pdf"
    view.bind(out)
    assert out.read_bytes().startswith(b"%PDF-")
    assert view.bar.text == "案卷已生成：案卷.pdf"
    assert view.head.bind_button.isEnabled()


# ── registration form ───────────────────────────────────────────────────────────────────────────


def test_boxes_stand_in_national_order_and_amounts_are_copied_as_digits(page):
    view = tab(page, "登记表", RegistrationView)
    names = [(box.group, box.field.name) for box in view.boxes]
    assert names[:3] == [("合同", "registration_no"), ("合同", "title"), ("合同", "signed_on")]
    assert names[-1] == ("预计效益", "added_output")
    button_of(view, "复制合同 成交额").click()
    assert QGuiApplication.clipboard().text() == "1200000.50"


def test_everything_is_copied_with_a_tab_between_label_and_content(page):
    view = tab(page, "登记表", RegistrationView)
    view.copy_all.click()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert len(lines) == len(view.boxes)
    assert "合同 项目名称\t发泡剂专利转让" in lines
    assert "卖方 名称\t浙江工业大学" in lines


def test_what_the_form_lacks_is_counted_and_a_click_leads_there(page, session, university):
    view = tab(page, "登记表", RegistrationView)
    before = view.panel.title.text()
    opened = []
    session.opened.connect(lambda kind, key: opened.append((kind, key)))
    button_of(view, "去填写：合同 支付方式").click()
    assert page._stack.currentIndex() == 0
    there = next(box for box in view.boxes if (box.owner, box.field.name) == ("seller", "address"))
    view._fill_in(there)
    assert opened == [("party", university)]
    page.form.put_raw({"payment_mode": "lump-sum"})
    page.form.put_raw({"payment_mode": session.desk.codes["payment-mode"].codes[0].code})
    page.save()
    assert view.panel.title.text() != before


def test_effects_are_asked_for_transfers_only(desk):
    empty = dict.fromkeys(registration.DEAL.by_name)
    for contract_type, asked in (("assign-patent", True), ("dev-commission", False), (None, False)):
        boxes = registration.boxes({**empty, "contract_type": contract_type}, {}, desk.codes)
        assert {box.required for box in boxes if box.group == "预计效益"} == {asked}


# ── the room ────────────────────────────────────────────────────────────────────────────────────


def test_the_room_opens_its_own_page_and_every_control_has_a_name(session, deal, qtbot):
    section = build(session)
    qtbot.addWidget(section)
    page = section.open_record("deal", deal)
    assert isinstance(page, DealPage)
    for number in range(len(page.tabs())):
        page.show_tab(number)
    section.resize(1180, 700)
    section.show()
    controls: list[QAbstractButton | QLineEdit] = section.findChildren(QAbstractButton)
    controls += section.findChildren(QLineEdit)
    own = [c for c in controls if not (isinstance(c.parent(), QLineEdit) or c.objectName().startswith("qt_"))]
    assert len(own) > 100
    assert [control for control in own if not (control.accessibleName() or control.text())] == []
