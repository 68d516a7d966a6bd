"""考核等级统计: how many agencies received each grade, as published at each stage."""

from __future__ import annotations

import decimal
import uuid

from domain.fields import number, record, text


@record("grade_total", "等级统计", group="agency", title="row_key", identity=("row_key",))
class GradeTotal:
    """One published count; publicity (公示) and final (公布) figures are both kept."""

    id: uuid.UUID
    row_key: str = text("统计项", required=True, max=200, listed=30, searched=True, aliases=("row_key",))
    scope: str | None = text("范围", max=120, listed=20, aliases=("scope",))
    year: str | None = text("年度", max=20, listed=8, aliases=("year",))
    region_name: str | None = text("地区", max=60, listed=10, aliases=("province",))
    stage: str | None = text("阶段", max=40, listed=12, aliases=("stage",))
    grade: str = text("等级", required=True, max=20, listed=8, aliases=("grade",))
    agencies: decimal.Decimal | None = number("机构数", low=0, listed=6, aliases=("agencies",))
    source: str | None = text("来源", max=500, aliases=("source_url",))
