"""绩效评价: agencies year by year with their workbench, what was handed in, and what others published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop.ui.evaluation.submissions import SubmissionPage
from desktop.ui.evaluation.workbench import Workbench
from desktop.ui.widgets.record_page import RecordPage
from desktop.ui.widgets.section import Section, list_view

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from desktop.ui.widgets.session import Session


def build(session: Session) -> Section:
    """Return the room."""
    views = [
        list_view("agency", "机构年度"),
        list_view("staff_member", "机构人员"),
        list_view("submission", "报送材料"),
        list_view("agency_result", "公布结果"),
        list_view("grade_total", "等级统计"),
    ]
    drawn = {"agency": agency_page, "submission": SubmissionPage}
    return Section(session, "evaluation", "绩效评价", views, pages=drawn)


def agency_page(
    session: Session,
    record_type: str,
    record_id: uuid.UUID | None = None,
    *,
    presets: Mapping[str, Any] | None = None,
) -> RecordPage:
    """Return the page of an agency's year with its workbench."""
    tabs = (("绩效评价", Workbench),)
    return RecordPage(session, record_type, record_id, presets=presets, tabs=tabs)
