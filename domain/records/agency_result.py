"""考核结果: the published grade of an agency in a year."""

from __future__ import annotations

import uuid

from domain.fields import choice, note, record, text


@record(
    "agency_result",
    "考核结果",
    group="agency",
    title="agency_name",
    identity=("agency_name", "year", "level"),
)
class AgencyResult:
    """One line of a published list of graded agencies."""

    id: uuid.UUID
    agency_name: str = text("机构名称", required=True, max=120, listed=26, searched=True, aliases=("agency",))
    year: str | None = text("年度", max=20, listed=8, aliases=("year",))
    region: str | None = choice("地区", "region", listed=12, aliases=("province",))
    level: str | None = text("考核名称", max=120, listed=24, aliases=("level",))
    grade: str = text("等级", required=True, max=20, listed=8, aliases=("grade",))
    award: str | None = text("奖励", max=100, aliases=("award",))
    remark: str | None = note("备注", max=500)
    source: str | None = text("来源", max=500, aliases=("source_url",))
