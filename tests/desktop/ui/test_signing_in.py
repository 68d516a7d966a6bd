"""A device whose sign-in ran out: one password, and it goes on."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt

from desktop.ui.sync.page import LINE, build
from desktop.ui.widgets.session import Session
from tests.linked import PASSWORD, StillLink, status


@pytest.fixture
def link(desk):
    return StillLink(desk)


@pytest.fixture
def room(session, link, qtbot):
    made = build(Session(session.desk, session.jobs, session.kept, session, link=link))
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    return made


@pytest.fixture
def page(room) -> Any:
    """Return the page to which the button of the state leads."""
    room.session.sync._say(status("trouble", trouble="signed-out", waiting=2))
    room.current_view.head.mend.click()
    return room.current_view


def test_the_known_account_is_there_and_only_the_password_is_asked(page, link, qtbot):
    assert page.sign_in.isVisible()
    assert page.join.isHidden()
    assert page.sign_in.account.text() == "gaojing"
    assert "https://desk.example.cn" in page.sign_in.where.text()
    qtbot.keyClicks(page.sign_in.password, PASSWORD)
    qtbot.keyClick(page.sign_in.password, Qt.Key.Key_Return)
    assert link.calls[-1] == "sign in gaojing"
    assert page.sign_in.password.text() == ""
    page.session.sync._say(status())
    assert page.sign_in.isHidden()


def test_a_wrong_password_is_said_in_place_and_what_was_typed_stays(page, link, qtbot):
    page.sign_in.account.clear()
    qtbot.keyClicks(page.sign_in.account, "wangfang")
    page.sign_in.password.setText("wrong")
    page.sign_in.start()
    assert "登录名或密码不对" in page.sign_in.said.text()
    page.reload()
    assert page.sign_in.account.text() == "wangfang"
    assert page.sign_in.password.text() == "wrong"
    assert page.sign_in.go.isEnabled()
    assert link.calls == []


def test_who_has_a_new_invitation_may_use_it_instead(page):
    page.sign_in.other.click()
    assert page.join.isVisible()
    page.session.sync._say(status())
    assert page.join.isHidden()


def test_while_signed_in_there_is_nothing_to_sign_in_to(room):
    room.show_view(LINE)
    page: Any = room.current_view
    assert page.sign_in.isHidden()
    assert "账号 gaojing" in page.member.about.text()
