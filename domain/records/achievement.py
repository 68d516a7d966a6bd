"""科技成果: what is offered (科技成果登记表, with the extras a trade needs)."""

from __future__ import annotations

import datetime as dt
import decimal
import re
import uuid
from collections.abc import Iterator

from domain.fields import Values, choice, choices, day, flag, money, note, number, record, ref, text
from domain.problems import Problem, ordered

KEYWORDS_AT_MOST = 3


def rules(values: Values) -> Iterator[Problem]:
    """Check the research period and the keyword limit of the registration form."""
    yield from ordered(values, "research_from", "research_to", "研究起始")
    words = [word for word in re.split(r"[;；,，、\s]+", values.get("keywords") or "") if word]
    if len(words) > KEYWORDS_AT_MOST:
        yield Problem("keywords", "too-many-words", {"max": str(KEYWORDS_AT_MOST), "count": str(len(words))})


@record(
    "achievement",
    "科技成果",
    group="achievements",
    identity=("title", "holder"),
    rules=rules,
    aliases=("成果",),
)
class Achievement:
    """A research result with its owner, rights, maturity and price idea."""

    id: uuid.UUID
    title: str = text(
        "成果名称",
        required=True,
        max=200,
        listed=30,
        searched=True,
        heading="概况",
        example="无氯氟聚氨酯化学发泡剂",
        aliases=("名称", "title", "项目名称"),
    )
    holder: uuid.UUID | None = ref(
        "完成单位", "party", listed=18, heading="概况", aliases=("holder", "第一完成单位", "单位")
    )
    technical_field: str | None = choice(
        "技术领域",
        "technical-field",
        listed=10,
        heading="概况",
        fallback="field_note",
        aliases=("field", "领域"),
    )
    field_note: str | None = text("领域原文", max=100, heading="概况")
    maturity: str | None = choice("成熟度", "maturity", listed=8, heading="概况", aliases=("maturity",))
    trl: str | None = choice("技术就绪度", "trl", heading="概况", aliases=("TRL",))
    region: str | None = choice(
        "所在地区", "region", listed=10, heading="概况", aliases=("province", "city", "地区", "省份", "城市")
    )
    keywords: str | None = text("关键词", max=100, searched=True, heading="概况", example="聚氨酯；发泡剂")
    summary: str | None = note(
        "成果简介", max=2000, searched=True, heading="概况", aliases=("简介", "summary")
    )
    secrecy: str = choice(
        "密级", "secrecy", required=True, default="public", heading="概况", policy="protected"
    )
    registration_no: str | None = text(
        "批准登记号", max=20, searched=True, heading="登记", unit="registration", policy="protected"
    )
    registered_on: dt.date | None = day(
        "批准登记日期", heading="登记", unit="registration", policy="protected"
    )
    research_from: str | None = text(
        "研究起始", max=10, format="partial-day", heading="登记", example="2021-03"
    )
    research_to: str | None = text(
        "研究终止", max=10, format="partial-day", heading="登记", example="2024-06"
    )
    form: str | None = choice("成果体现形式", "achievement-form", heading="登记")
    attribute: str | None = choice("成果属性", "achievement-attribute", heading="登记")
    stage: str | None = choice("所处阶段", "achievement-stage", heading="登记")
    level: str | None = choice("成果水平", "achievement-level", heading="登记")
    appraisal: str | None = choice("评价方式", "achievement-evaluation", heading="登记")
    plan_source: str | None = choice("计划来源", "plan-source", heading="登记")
    source_project: str | None = text("来源项目编号", max=100, heading="登记")
    funds: decimal.Decimal | None = money("项目经费", heading="登记")
    is_interim: bool = flag("阶段性成果", heading="登记")
    cooperation_modes: tuple[str, ...] = choices(
        "合作方式",
        "cooperation-mode",
        listed=10,
        heading="转化意向",
        aliases=("cooperation_mode", "转化方式"),
    )
    asking_price: decimal.Decimal | None = money(
        "意向价格",
        listed=10,
        heading="转化意向",
        unit="price",
        aliases=("price_wan", "期望价格", "价格"),
    )
    price_note: str | None = text("价格说明", max=200, heading="转化意向", unit="price")
    landing_region: str | None = choice("意向落地地区", "region", heading="转化意向")
    dual_use: bool = flag("军民两用", heading="转化意向")
    ip_summary: str | None = note(
        "知识产权概要", max=1000, searched=True, heading="知识产权", aliases=("ip_summary", "专利号")
    )
    prior_rights: str | None = note("已有许可与质押", max=1000, heading="知识产权")
    applied_units: str | None = note("应用单位与效果", max=1000, heading="应用情况")
    income: decimal.Decimal | None = money("应用收入", heading="应用情况", unit="effect")
    profit: decimal.Decimal | None = money("应用利润", heading="应用情况", unit="effect", low=-(10**15))
    tax: decimal.Decimal | None = money("应用税金", heading="应用情况", unit="effect")
    not_applied_reason: str | None = text("未应用原因", max=200, heading="应用情况")
    patents: decimal.Decimal | None = number("涉及专利数", unit_label="件", low=0, heading="应用情况")
    listing: str | None = text("来源名录", max=100, heading="来源", aliases=("list_type",))
    announced_on: str | None = text(
        "发布时间", max=10, format="partial-day", heading="来源", aliases=("year", "年份")
    )
    source: str | None = text("来源", max=500, heading="来源", aliases=("source_url", "数据来源"))
    remark: str | None = note("备注", max=1000, heading="来源", aliases=("note",))
