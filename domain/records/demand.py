"""技术需求: what an enterprise asks for (技术需求征集表, 河北省)."""

from __future__ import annotations

import decimal
import re
import uuid
from collections.abc import Iterator

from domain.fields import Values, choice, choices, money, note, record, ref, text
from domain.problems import Problem, ordered

KEYWORDS_AT_MOST = 5


def rules(values: Values) -> Iterator[Problem]:
    """Check the wanted period and the keyword limit of the form."""
    yield from ordered(values, "wanted_from", "wanted_to", "时限起")
    words = [word for word in re.split(r"[;；,，、\s]+", values.get("keywords") or "") if word]
    if len(words) > KEYWORDS_AT_MOST:
        yield Problem("keywords", "too-many-words", {"max": str(KEYWORDS_AT_MOST), "count": str(len(words))})


@record("demand", "技术需求", group="demands", identity=("title", "demander"), rules=rules, aliases=("需求",))
class Demand:
    """A problem, the result wanted, the money and the time."""

    id: uuid.UUID
    title: str = text(
        "需求名称",
        required=True,
        max=200,
        listed=30,
        searched=True,
        heading="需求",
        aliases=("title", "名称"),
    )
    demander: uuid.UUID | None = ref(
        "需求单位", "party", listed=18, heading="需求", aliases=("enterprise", "单位名称", "企业名称")
    )
    state: str | None = choice(
        "状态", "demand-state", default="draft", listed=8, heading="需求", unit="state", policy="protected"
    )
    technical_field: str | None = choice(
        "所属领域",
        "technical-field",
        listed=10,
        heading="需求",
        fallback="field_note",
        aliases=("field", "技术领域"),
    )
    field_note: str | None = text("领域原文", max=100, heading="需求")
    industry: str | None = choice("应用行业", "industry", heading="需求")
    region: str | None = choice(
        "所在地区", "region", listed=10, heading="需求", aliases=("province", "city", "地区", "省份", "城市")
    )
    problem: str | None = note("主要问题", max=500, searched=True, heading="内容")
    key_technology: str | None = note("技术关键", max=500, searched=True, heading="内容")
    goal: str | None = note("预期目标", max=500, searched=True, heading="内容")
    keywords: str | None = text(
        "关键字", max=200, searched=True, heading="内容", aliases=("need_keywords", "关键词")
    )
    budget: decimal.Decimal | None = money(
        "拟投入资金",
        listed=10,
        heading="合作",
        unit="budget",
        aliases=("budget_wan", "投入资金", "预算"),
    )
    mode: str | None = choice(
        "组织方式",
        "demand-mode",
        listed=8,
        heading="合作",
        fallback="mode_note",
        aliases=("cooperation_mode", "解决方式"),
    )
    mode_note: str | None = text("组织方式原文", max=100, heading="合作")
    kinds: tuple[str, ...] = choices("需求类别", "demand-kind", heading="合作")
    partners: str | None = text("合作意向单位", max=200, heading="合作")
    wanted_from: str | None = text("时限起", max=10, format="partial-day", heading="合作", example="2026")
    wanted_to: str | None = text(
        "时限止", max=10, format="partial-day", heading="合作", aliases=("deadline", "截止日期")
    )
    secrecy: str = choice(
        "密级", "secrecy", required=True, default="public", heading="合作", policy="protected"
    )
    review: str | None = note("审核意见", max=1000, heading="审核", policy="protected")
    publisher: str | None = text("发布单位", max=120, heading="来源", aliases=("publisher",))
    announced_on: str | None = text(
        "发布时间", max=10, format="partial-day", heading="来源", aliases=("year", "年份")
    )
    source: str | None = text("来源", max=500, heading="来源", aliases=("source_url", "数据来源"))
    remark: str | None = note("备注", max=1000, heading="来源", aliases=("note",))
