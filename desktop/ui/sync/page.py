"""同步中心: the state of the line and what leaves, the register of conflicts, joining and carrying by USB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.ui.sync.line import LinePage
from desktop.ui.sync.register import RegisterPage
from desktop.ui.sync.state import StatePage
from desktop.ui.widgets.section import Section, View

if TYPE_CHECKING:
    from desktop.ui.widgets.session import Session

STATE, REGISTER, LINE = range(3)


def build(session: Session) -> Section:
    """Return the room."""
    views = [View("同步状态", StatePage), View("冲突登记", RegisterPage), View("接入与离线传递", LinePage)]
    section = Section(session, "sync", "同步中心", views)
    page = section.current_view
    assert isinstance(page, StatePage)
    page.join_asked.connect(lambda: section.show_view(LINE))
    page.conflicts_asked.connect(lambda: section.show_view(REGISTER))
    return section
