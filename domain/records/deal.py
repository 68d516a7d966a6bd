"""交易: the technology contract with every field of the registration form (技术合同登记表 JJ-001).

成交额, 技术交易额 and 实际成交额 are three different facts: the contract's total, the part that pays for
technology, and the money really received. They are never mixed or added across meanings.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Iterator

from domain.fields import Values, choice, choices, day, flag, money, note, number, record, ref, text
from domain.problems import Problem, ordered


def rules(values: Values) -> Iterator[Problem]:
    """Check 0 < 技术交易额 <= 成交额, the order of dates, and what usually is a slip of the pen."""
    yield from ordered(values, "begins_on", "ends_on", "合同起")
    yield from ordered(values, "publicity_from", "publicity_to", "公示起")
    yield from _amounts(values)
    if values.get("seller") and values.get("seller") == values.get("buyer"):
        yield Problem("buyer", "same-party")


def _amounts(values: Values) -> Iterator[Problem]:
    total, technical, paid = (values.get(n) for n in ("deal_amount", "technical_amount", "paid_amount"))
    if technical is not None and technical <= 0:
        yield Problem("technical_amount", "not-positive", {"value": f"{technical}"})
    elif technical is not None and total is not None and technical > total:
        yield Problem(
            "technical_amount", "technical-above-deal", {"technical": f"{technical:,}", "deal": f"{total:,}"}
        )
    if total is not None and paid is not None and paid > total:
        yield Problem("paid_amount", "paid-above-deal", {"paid": f"{paid:,}", "deal": f"{total:,}"})


@record(
    "deal",
    "技术交易",
    group="deals",
    identity=("title", "seller", "buyer", "registration_no"),
    dated_by="signed_on",
    rules=rules,
    aliases=("合同", "技术合同", "交易"),
)
class Deal:
    """One technology contract from first talk to archive."""

    id: uuid.UUID
    title: str = text(
        "项目名称",
        required=True,
        max=200,
        listed=28,
        searched=True,
        heading="合同",
        aliases=("title", "合同名称", "名称"),
    )
    stage: str = choice(
        "阶段",
        "deal-stage",
        required=True,
        default="lead",
        listed=8,
        heading="合同",
        unit="state",
        policy="protected",
    )
    contract_type: str | None = choice(
        "合同类别",
        "contract-type",
        listed=8,
        heading="合同",
        fallback="mode_note",
        aliases=("mode", "合同类型", "交易方式"),
    )
    mode_note: str | None = text("交易方式原文", max=100, heading="合同")
    contract_no: str | None = text("合同编号", max=60, searched=True, heading="合同")
    seller: uuid.UUID | None = ref(
        "卖方", "party", listed=16, heading="合同", aliases=("transferor", "转让方", "卖方名称", "出让方")
    )
    buyer: uuid.UUID | None = ref(
        "买方", "party", listed=16, heading="合同", aliases=("transferee", "受让方", "买方名称")
    )
    agency: uuid.UUID | None = ref("中介机构", "party", heading="合同")
    broker: uuid.UUID | None = ref("经纪人", "broker", heading="合同")
    achievement: uuid.UUID | None = ref("涉及成果", "achievement", heading="合同")
    demand: uuid.UUID | None = ref("对应需求", "demand", heading="合同")
    deal_amount: decimal.Decimal | None = money(
        "成交额",
        listed=12,
        heading="金额",
        unit="amounts",
        policy="protected",
        example="1200000",
        aliases=("price_wan", "合同成交额", "成交金额", "合同金额"),
    )
    technical_amount: decimal.Decimal | None = money(
        "技术交易额",
        listed=12,
        heading="金额",
        unit="amounts",
        policy="protected",
        aliases=("技术合同交易额",),
    )
    paid_amount: decimal.Decimal | None = money(
        "实际成交额",
        listed=12,
        heading="金额",
        unit="paid",
        policy="derived",
        aliases=("实际到账额", "到账金额"),
    )
    payment_mode: str | None = choice(
        "支付方式", "payment-mode", heading="金额", unit="amounts", policy="protected"
    )
    commission: decimal.Decimal | None = money("中介服务费", heading="金额", aliases=("佣金",))
    signed_on: dt.date | None = day(
        "签订日期", listed=10, heading="登记", unit="term", policy="protected", aliases=("签约日期",)
    )
    begins_on: dt.date | None = day("合同起", heading="登记", unit="term", policy="protected")
    ends_on: dt.date | None = day("合同止", heading="登记", unit="term", policy="protected")
    registration_no: str | None = text(
        "合同登记编号", max=30, searched=True, heading="登记", unit="registration", policy="protected"
    )
    registered_on: dt.date | None = day("登记日期", heading="登记", unit="registration", policy="protected")
    registration_state: str | None = choice(
        "登记状态", "registration-state", heading="登记", unit="registration", policy="protected"
    )
    plan_source: str | None = choice("计划来源", "plan-source", heading="登记")
    ip_kinds: tuple[str, ...] = choices("知识产权", "ip-kind", heading="登记")
    technical_field: str | None = choice("技术领域", "technical-field", heading="登记")
    industry: str | None = choice("服务的国民经济行业", "industry", heading="登记")
    goal_code: str | None = text("社会经济目标", max=20, heading="登记")
    is_related: bool = flag("关联交易", heading="登记", policy="protected")
    origin_region: str | None = choice("输出地区", "region", heading="登记")
    landing_region: str | None = choice("吸纳地区", "region", heading="登记")
    added_investment: decimal.Decimal | None = money("预计新增投入", heading="登记")
    added_output: decimal.Decimal | None = money("预计新增产值", heading="登记")
    permit_no: str | None = text("进出口许可或登记号", max=60, heading="登记")
    pricing_route: str | None = choice(
        "定价方式", "pricing-route", listed=8, heading="定价与公示", aliases=("pricing_method",)
    )
    is_equity: bool = flag("作价投资", heading="定价与公示")
    start_price: decimal.Decimal | None = money(
        "起始价", heading="定价与公示", aliases=("start_price_wan", "起拍价")
    )
    publicity_from: dt.date | None = day(
        "公示起", heading="定价与公示", unit="publicity", policy="protected", aliases=("publicity_start",)
    )
    publicity_to: dt.date | None = day(
        "公示止", heading="定价与公示", unit="publicity", policy="protected", aliases=("publicity_end",)
    )
    reward_share: decimal.Decimal | None = number(
        "奖励比例",
        places=2,
        unit_label="%",
        low=0,
        high=100,
        heading="定价与公示",
        policy="protected",
        aliases=("reward_share",),
    )
    outcome: str | None = choice("公布结果", "deal-outcome", heading="来源", aliases=("status", "状态"))
    patent_numbers: str | None = text(
        "专利号", max=500, searched=True, heading="来源", aliases=("patent_numbers",)
    )
    announced_on: str | None = text(
        "公布日期", max=10, format="partial-day", heading="来源", aliases=("date",)
    )
    source: str | None = text("来源", max=500, heading="来源", aliases=("source_url", "数据来源"))
    remark: str | None = note("备注", max=1000, heading="来源", aliases=("note",))
