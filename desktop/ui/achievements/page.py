"""成果: the lists of the room and the page of one achievement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.ui.achievements.band import AchievementBand
from desktop.ui.achievements.rights import RightsView
from desktop.ui.achievements.team import TeamView
from desktop.ui.widgets.record_page import RecordPage
from desktop.ui.widgets.related_view import RelatedList
from desktop.ui.widgets.scrolled import scrolled
from desktop.ui.widgets.section import Section, list_view
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from desktop.ui.widgets.session import Session
    from domain.fields import Field, Values
    from domain.problems import Problem

SHEET: Final = (
    "title",
    "holder",
    "research_from",
    "research_to",
    "keywords",
    "secrecy",
    "form",
    "attribute",
    "stage",
    "level",
    "appraisal",
    "plan_source",
    "technical_field",
    "summary",
)
"""What 成果登记表 asks of every achievement; the office itself gives 批准登记号."""
APPLICATION: Final = ("applied_units", "not_applied_reason")
"""Where it is applied, or why it is not: the sheet wants one of the two."""


def build(session: Session) -> Section:
    """Return the room."""
    views = [list_view("achievement", "成果"), list_view("ip_right", "知识产权")]
    return Section(session, "achievements", "成果", views, pages={"achievement": AchievementPage})


def missing_for_registration(values: Values) -> list[Field]:
    """Return the fields of 成果登记表 that are still empty, in the order of the sheet."""
    known = RECORD_TYPES["achievement"]
    missing = [known[name] for name in SHEET if not values.get(name)]
    if not any(values.get(name) for name in APPLICATION):
        missing.append(known[APPLICATION[0]])
    return missing


class AchievementPage(RecordPage):
    """One achievement; the panel beside its form tells what 成果登记表 still lacks."""

    def __init__(
        self,
        session: Session,
        record_type: str,
        record_id: uuid.UUID | None = None,
        *,
        presets: Mapping[str, Any] | None = None,
    ) -> None:
        tabs = (("知识产权", RightsView), ("完成人", TeamView), ("转化", conversions))
        super().__init__(session, record_type, record_id, presets=presets, tabs=tabs)

    def _header(self, actions: tuple[QWidget, ...]) -> QFrame:
        header = super()._header(actions)
        self.band = AchievementBand(self.session)
        held = header.layout()
        assert isinstance(held, QVBoxLayout)
        held.insertWidget(1, self.band)
        return header

    def _show_header(self, title: str, about: str) -> None:
        super()._show_header(title, about)
        self.band.show_achievement(self.values)

    def _show_checks(self, found: list[Problem]) -> None:
        values, _ = self.form.read()
        missing = missing_for_registration(values)
        self.checks.show_state(self.known, found, missing)
        if all(problem.warning for problem in found):
            self.checks.title.setText(f"成果登记表还差 {len(missing)} 项" if missing else "登记表已齐")
            self.checks.why.setText("按《科技成果登记办法》的成果登记表逐项核对，不影响保存。")


def conversions(session: Session, _record_type: str, record_id: uuid.UUID) -> QWidget:
    """Return the deals in which an achievement was traded."""
    field = RECORD_TYPES["deal"]["achievement"]
    return scrolled("转化", RelatedList(session, "deal", field, record_id), None)
