"""The workbench: figures with their records, points by hand for each scorer, the score, and the form."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from PySide6.QtCore import Qt

from desktop.models.work import new_id
from desktop.services import evaluation_detail, evaluations, records
from desktop.services.evaluation_papers import PAPERS
from desktop.ui.evaluation import page as room
from desktop.ui.evaluation.tree import declared
from desktop.ui.evaluation.workbench import Workbench
from domain.problems import Refusal


@pytest.fixture
def agency(put):
    """Return an agency's year with one registered and one unregistered deal."""
    party = put("party", name="示例中心", kind="organisation")
    key = put("agency", name="示例中心", year=Decimal(2025), kind="A", party=party,
              technical_income=Decimal(120), total_income=Decimal(200))  # fmt: skip
    put("staff_member", name="甲", agency_name="示例中心", employment="full")
    for title, number in (("已登记的合同", "2025420100000001"), ("未登记的合同", None)):
        amounts = {"deal_amount": Decimal(2_000_000), "technical_amount": Decimal(1_500_000)}
        signed = dt.date(2025, 5, 1)
        put(
            "deal",
            title=title,
            stage="signing",
            agency=party,
            signed_on=signed,
            registration_no=number,
            **amounts,
        )
    return key


@pytest.fixture
def bench(session, agency, qtbot):
    made = Workbench(session, "agency", agency)
    qtbot.addWidget(made)
    return made


def cells(bench: Any, label: Any) -> Any:
    return next(row for row in bench.tree.words.rows if row[0].strip() == label)


def test_the_tree_shows_dimensions_with_their_indicators(bench):
    assert cells(bench, "服务绩效")[2].endswith("/ 30")
    assert cells(bench, "上年度促成技术交易项数") == (
        "　上年度促成技术交易项数",
        "2项",
        "0.24 / 6.00",
        "部分",
    )
    assert cells(bench, "上年度促成技术交易金额")[1] == "300万元"
    assert cells(bench, "诚信度")[1] == "未填"


def test_an_indicator_shows_its_formula_and_opens_the_records_behind_it(bench, session, qtbot):
    bench.tree.choose("deals_facilitated_amount")
    shown = bench.indicator
    assert shown.title.text() == "上年度促成技术交易金额"
    assert "3000000元" in shown.formula.text()
    assert {row[1:] for row in shown.sources.words.rows} == {
        ("已登记的合同", "已登记"),
        ("未登记的合同", "未登记"),
    }
    with qtbot.waitSignal(session.opened) as asked:
        shown.sources.opened.emit(0)
    assert asked.args[0] == "deal"
    assert shown.points_card.isHidden()


def test_a_dimension_is_a_heading_and_leaves_the_indicator_as_it_is(bench):
    bench.tree.choose("bylaws")
    bench.tree.selectRow(0)
    assert bench.indicator.title.text() == "章程、内部管理与客户管理制度"


def test_points_by_hand_change_the_total_and_can_be_taken_back(bench, session, qtbot):
    before = bench.detail.told.result.total
    bench.tree.choose("bylaws")
    line = bench.indicator.points["self"]
    line.points.setText("4.5")
    line.reason.setText("制度齐全")
    qtbot.keyClick(line.points, Qt.Key.Key_Return)
    assert bench.detail.told.result.total == before + Decimal("4.5")
    assert bench.score.total.text() == str(before + Decimal("4.5"))
    assert bench.indicator.points["self"].reason.text() == "制度齐全"
    bench.indicator.points["self"].points.clear()
    bench.indicator.points["self"].save_button.click()
    assert bench.detail.told.result.total == before
    session.undo()
    assert bench.detail.told.result.total == before + Decimal("4.5")


@pytest.mark.parametrize("typed", ["5.01", "-1", "很多"])
def test_points_beyond_the_indicators_are_refused_beside_the_line(bench, typed):
    bench.tree.choose("bylaws")
    line = bench.indicator.points["self"]
    line.points.setText(typed)
    line.save_button.click()
    assert not line.problem.isHidden()
    assert "得分" in line.problem.text()
    assert bench.detail.given["bylaws"] == ()


def test_experts_accept_only_what_is_registered(bench, desk, agency):
    evaluations.give_points(
        desk, agency_id=agency, indicator="bylaws", scorer="expert", points=Decimal(3), reason=""
    )
    bench.reload()
    scores = bench.detail.scores
    assert list(scores) == ["self", "expert"]
    parts = {scorer: {p.indicator.code: p for p in score.parts} for scorer, score in scores.items()}
    assert parts["self"]["deals_facilitated_count"].value == 2
    assert parts["expert"]["deals_facilitated_count"].value == 1
    assert parts["expert"]["bylaws"].score == 3


def test_a_figure_is_not_scored_by_hand(desk, agency):
    with pytest.raises(Refusal, match="不是由人评分"):
        evaluations.give_points(
            desk, agency_id=agency, indicator="staff_total", scorer="self", points=Decimal(1)
        )


def test_giving_points_twice_keeps_one_record(desk, agency):
    for points in (3, 4):
        evaluations.give_points(
            desk, agency_id=agency, indicator="bylaws", scorer="self", points=Decimal(points)
        )
    [given] = evaluation_detail.detail(desk, agency).given["bylaws"]
    assert given.points == 4


def test_what_is_missing_is_listed_and_leads_to_its_indicator(bench):
    bench.score.jumped.emit("integrity")
    assert bench.indicator.title.text() == "诚信度"
    assert bench.score.missing_title.text() == f"还差 {len(bench.detail.told.result.missing)} 项"


def test_the_scheme_says_that_its_second_level_is_a_default(bench):
    assert "默认设置" in bench.score.unverified.text()
    assert bench.score.source.text().startswith("来源：")


def test_each_paper_is_previewed_and_saved_as_the_same_file(bench, qtbot, tmp_path):
    qtbot.mouseClick(bench.score.preview_button, Qt.MouseButton.LeftButton)
    papers = bench.papers
    for paper, choice in papers.choices.items():
        qtbot.mouseClick(choice, Qt.MouseButton.LeftButton)
        assert papers.preview.document.pageCount() >= 1
        assert papers.file.path.name == f"示例中心-2025-{PAPERS[paper]}.pdf"
        papers.file.put(tmp_path / f"{paper}.pdf")
        qtbot.mouseClick(papers.save_button, Qt.MouseButton.LeftButton)
        assert papers.words.text().startswith("已保存")
        with pikepdf.open(tmp_path / f"{paper}.pdf") as document:
            assert len(document.pages) == papers.preview.document.pageCount()
    papers.left.emit()
    assert bench._centre.currentWidget() is bench.indicator


def test_a_paper_follows_the_records_while_it_is_shown(bench, put):
    bench.show_papers()
    bench.papers.choose("report")
    assert "项数2项" in bench.papers.preview.document.getAllText(0).text().replace(" ", "")
    party = bench.detail.told.agency["party"]
    signed = {"agency": party, "signed_on": dt.date(2025, 6, 1), "registration_no": "2025420100000002"}
    put("deal", title="新登记的合同", stage="signing", technical_amount=Decimal(1), **signed)
    bench.reload()
    assert bench._centre.currentWidget() is bench.papers
    assert "项数3项" in bench.papers.preview.document.getAllText(0).text().replace(" ", "")


def test_a_paper_without_a_file_or_with_an_impossible_one_is_not_saved(bench, qtbot, tmp_path):
    bench.show_papers()
    bench.papers.file.line.clear()
    qtbot.mouseClick(bench.papers.save_button, Qt.MouseButton.LeftButton)
    assert "绩效数据表.pdf" in bench.papers.words.text()
    taken = tmp_path / "file"
    taken.write_bytes(b"")
    for paper in bench.papers.choices:
        bench.papers.choose(paper)
        bench.papers.file.put(taken / "x.pdf")
        qtbot.mouseClick(bench.papers.save_button, Qt.MouseButton.LeftButton)
        assert "x.pdf" in bench.papers.words.text()


def test_what_is_written_elsewhere_is_counted_at_once(bench, session):
    values = {"name": "乙", "agency_name": "示例中心", "employment": "full"}
    session.do(lambda desk: records.save(desk, record_type="staff_member", record_id=new_id(), values=values))
    assert cells(bench, "员工总数")[1] == "2人"


def test_a_year_without_a_scheme_is_said_and_not_shown(session, put, qtbot, desk):
    key = new_id()
    made = Workbench(session, "agency", key)
    qtbot.addWidget(made)
    assert made.split.isHidden()
    assert made.bar.text


def test_every_counted_fact_has_its_records():
    assert set(evaluation_detail.BEHIND) == set(evaluations.FACTS)


def test_the_room_opens_an_agency_with_its_workbench(session, agency, qtbot):
    section = room.build(session)
    qtbot.addWidget(section)
    page = section.open_record("agency", agency)
    page.show_tab(page.tabs().index("绩效评价"))
    assert found(page, Workbench).detail.told.agency["name"] == "示例中心"


def test_amounts_are_said_in_the_unit_people_use(bench):
    assert declared(bench.detail.part("deals_facilitated_amount")) == "300万元"
    assert declared(bench.detail.part("tech_income_ratio")) == "60%"


def found(page: Any, kind: type) -> Any:
    """Return the one widget of a kind inside a page."""
    return page.findChild(kind)
