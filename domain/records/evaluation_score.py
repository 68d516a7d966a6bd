"""评分: the points a person gives to an indicator that no figure can score (自评、区县审核、专家评分)."""

from __future__ import annotations

import decimal
import uuid

from domain.fields import choice, note, number, record, ref, text


@record(
    "evaluation_score", "评分", group="parts", title="indicator", identity=("agency", "indicator", "scorer")
)
class EvaluationScore:
    """One score of one indicator of one agency's year; the scheme limits it."""

    id: uuid.UUID
    agency: uuid.UUID | None = ref("机构年度", "agency", required=True)
    indicator: str = text("指标代码", required=True, max=60, listed=16)
    scorer: str = choice("评分人", "scorer", required=True, default="self", listed=8)
    points: decimal.Decimal | None = number(
        "得分", places=2, low=0, high=1000, required=True, listed=6, policy="protected"
    )
    reason: str | None = note("理由", max=500, listed=24)
