"""设置: the user and the look, the rules to read, the safety of the data, and what runs here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.ui.settings.about import AboutPage
from desktop.ui.settings.general import GeneralPage
from desktop.ui.settings.rules import RulesPage
from desktop.ui.settings.upkeep import UpkeepPage
from desktop.ui.widgets.section import Section, View

if TYPE_CHECKING:
    from desktop.ui.widgets.session import Session


def build(session: Session) -> Section:
    """Return the room."""
    views = [
        View("常规", GeneralPage),
        View("代码表与政策", RulesPage),
        View("数据与备份", UpkeepPage),
        View("关于", AboutPage),
    ]
    return Section(session, "settings", "设置", views)
