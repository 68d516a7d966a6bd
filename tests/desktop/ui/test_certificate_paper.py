"""The page of one certificate: the kept paper, and what may become of it."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtTest import QSignalSpy

from desktop.services import certificate_papers
from desktop.ui.certificates.page import certificate_page
from desktop.ui.certificates.paper import Paper
from tests.classes import enrol, issue, issued


@pytest.fixture
def paper(session, desk, qtbot):
    """Return the view of an issued certificate with its paper."""
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments)
    key = issued(desk)[0]["id"]
    certificate_papers.make(desk, [key])
    made = Paper(session, "certificate", key)
    qtbot.addWidget(made)
    return made


def states(desk: Any) -> Any:
    return [row["state"] for row in issued(desk)]


def visible(paper: Any) -> Any:
    buttons = (paper.suspend_button, paper.reinstate_button, paper.revoke_button, paper.replace_button)
    return [button.text() for button in buttons if not button.isHidden()]


def test_the_kept_paper_is_shown(paper, desk):
    assert paper.preview.content == certificate_papers.printed(desk, [paper.certificate_id])
    assert "重印一字不差" in paper.words.text()
    assert visible(paper) == ["暂停…", "撤销证书…", "换发新证…"]


def test_suspended_and_reinstated(paper, desk):
    paper.suspend_button.click()
    assert states(desk) == ["issued"]
    paper.bar.entry.setText("材料待核")
    paper.bar.entry.returnPressed.emit()
    assert states(desk) == ["suspended"]
    assert issued(desk)[0]["state_reason"] == "材料待核"
    assert visible(paper) == ["恢复", "撤销证书…", "换发新证…"]
    paper.reinstate_button.click()
    assert states(desk) == ["issued"]


def test_revoked_and_taken_back(paper, desk, session):
    paper.revoke_button.click()
    paper.bar.asked.emit()
    assert states(desk) == ["revoked"]
    assert visible(paper) == []
    session.undo()
    assert visible(paper) == ["暂停…", "撤销证书…", "换发新证…"]


def test_a_replacement_is_asked_about_made_and_opened(paper, desk, session):
    opened = QSignalSpy(session.opened)
    paper.replace_button.click()
    assert states(desk) == ["issued"]
    assert "不能撤销" in paper.bar.text
    paper.bar.asked.emit()
    assert states(desk) == ["replaced", "issued"]
    new = issued(desk)[1]
    assert new["pdf_sha256"]
    assert opened.at(0) == ["certificate", new["id"]]


def test_what_cannot_happen_says_why(paper, desk):
    other = Paper(paper.session, "certificate", paper.certificate_id)
    other.session.jobs.changed.disconnect(other._written)
    other.suspend_button.click()
    paper.revoke_button.click()
    paper.bar.asked.emit()
    other.bar.asked.emit()
    assert "现为“撤销”" in other.bar.text
    other.deleteLater()


def test_a_draft_has_nothing_to_become(session, desk, qtbot):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments, draft=True)
    page = certificate_page(session, "certificate", issued(desk)[0]["id"])
    qtbot.addWidget(page)
    page.show_tab(page.tabs().index("预览"))
    paper: Any = page.findChild(Paper)
    assert visible(paper) == []
    assert "草稿" in paper.words.text()
    assert not paper.preview.is_empty
