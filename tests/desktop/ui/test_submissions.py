"""Handing material to the authority: from a file, from the yearly papers, and what comes back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from desktop.models import queries
from desktop.models.queries import Query
from desktop.services.evaluation_papers import PAPERS
from desktop.ui.evaluation import page as room
from desktop.ui.evaluation.submissions import SubmissionPage
from desktop.ui.evaluation.workbench import Workbench
from desktop.ui.widgets.session import Session
from tests.linked import MEMBER, StillLink, grant

SCOPES = ((1, "a:agency", "本机构", 1), (5, "s:agency", "报送主管部门", 1))


def joined_as(session, role):
    link = StillLink(session.desk)
    link.credentials = replace(MEMBER, role=role)
    grant(session.desk, *SCOPES)
    made = Session(session.desk, session.jobs, session.kept, session, link=link)
    made.sync.begin()
    return made


def only(desk):
    with desk.store.read() as connection:
        (held,) = queries.rows(connection, Query("submission"))
    return held


def settle(desk):
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
        connection.exec_driver_sql("UPDATE submission SET row_ver = 4, sync_scope = 5")


@pytest.fixture
def paper(tmp_path):
    path = tmp_path / "统计报表.pdf"
    path.write_bytes(b"%PDF-1.4 figures")
    return path


def test_a_new_submission_begins_with_its_file_and_is_sealed_when_the_server_has_it(
    session, desk, paper, tmp_path, qtbot
):
    held = joined_as(session, "staff")
    page = SubmissionPage(held, "submission")
    qtbot.addWidget(page)
    page.show()
    assert page.file.choice.isVisible()
    assert page.form.cells["submitted_on"].editor.raw() == str(desk.today())
    state: Any = page.form.cells["state"].editor
    digest: Any = page.form.cells["sha256"].editor
    assert state.picker.isReadOnly()
    assert digest.line.isReadOnly()
    page.file.choice.take(paper)
    assert page.form.cells["title"].editor.raw() == "统计报表"
    page.form.cells["kind"].editor.put("statistics")
    page.form.cells["kind"].editor.edited.emit()
    page.save()
    found = only(desk)
    assert (found["file_name"], found["state"]) == ("统计报表.pdf", "submitted")
    assert not page.file.choice.isVisible()
    page.file.path.put(tmp_path / "副本.pdf")
    qtbot.mouseClick(page.file.save_button, Qt.MouseButton.LeftButton)
    assert (tmp_path / "副本.pdf").read_bytes() == paper.read_bytes()
    settle(desk)
    page.load()
    assert all(cell.editor.locked for cell in page.form.cells.values())


def test_the_authority_answers_and_changes_nothing_else(session, desk, put, qtbot):
    put("submission", title="2025年绩效数据表", kind="performance", sha256="ab" * 32, file_name="表.pdf")
    settle(desk)
    held = joined_as(session, "authority")
    page = SubmissionPage(held, "submission", only(desk)["id"])
    qtbot.addWidget(page)
    page.show()
    assert page.file.facts.text() == "在服务器上，还没有下载到本机"
    qtbot.mouseClick(page.file.fetch_button, Qt.MouseButton.LeftButton)
    assert page.file.facts.text() == "正在下载"
    assert held.sync.link.calls[-1] == "poke"
    cells = page.form.cells
    assert {name for name, cell in cells.items() if not cell.editor.locked} == {
        "state",
        "answered_on",
        "answer",
    }
    cells["state"].editor.put("accepted")
    cells["answered_on"].editor.put("2026-04-02")
    cells["answer"].editor.put("齐全")
    cells["answer"].editor.edited.emit()
    page.save()
    told = only(desk)
    assert (told["state"], told["answered_on"], told["answer"]) == ("accepted", dt.date(2026, 4, 2), "齐全")


@pytest.fixture
def agency(put):
    party = put("party", name="示例中心", kind="organisation")
    return put("agency", name="示例中心", year=Decimal(2025), kind="A", party=party)


def test_a_yearly_paper_is_handed_in_as_it_is_shown(session, desk, agency, qtbot):
    bench = Workbench(joined_as(session, "head"), "agency", agency)
    qtbot.addWidget(bench)
    bench.show_papers()
    papers = bench.papers
    qtbot.mouseClick(papers.submit_button, Qt.MouseButton.LeftButton)
    assert "报送后不能修改" in papers.bar.text
    papers.bar.asked.emit()
    found = only(desk)
    assert (found["title"], found["year"], found["agency"]) == (
        f"示例中心-2025-{PAPERS['form']}",
        Decimal(2025),
        agency,
    )
    assert desk.blobs.get(found["sha256"]).startswith(b"%PDF-")
    assert papers.words.text().startswith("已报送")
    papers.submit()
    assert "不必再报" in papers.bar.text


def test_without_a_server_there_is_nobody_to_hand_in_to(session, agency, qtbot):
    bench = Workbench(session, "agency", agency)
    qtbot.addWidget(bench)
    bench.show_papers()
    assert bench.papers.submit_button.isHidden()


def test_the_room_lists_what_was_handed_in(session, put, qtbot):
    put("submission", title="2025年绩效数据表", kind="performance")
    section = room.build(session)
    qtbot.addWidget(section)
    number = section.view_of("submission")
    assert number is not None
    section.show_view(number)
    view: Any = section.current_view
    assert view.records.cell(0, 0).words == "2025年绩效数据表"
    page = section.open_record("submission", view.records.record_at(0))
    assert isinstance(page, SubmissionPage)
