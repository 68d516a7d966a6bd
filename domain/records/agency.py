"""技转机构: the agency that is evaluated, with the figures no other record holds."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid

from domain.fields import choice, day, flag, money, note, number, record, ref, text


@record("agency", "技转机构", group="agency", title="name", identity=("name", "year"))
class Agency:
    """One agency in one year: its kind (A类 own income, B类 internal unit), premises and finance sheet."""

    id: uuid.UUID
    name: str = text(
        "机构名称", required=True, max=120, listed=26, searched=True, pinyin=True, heading="机构"
    )
    year: decimal.Decimal | None = number(
        "考核年度", required=True, low=1990, high=2100, listed=6, heading="机构", example="2025"
    )
    kind: str = choice(
        "机构类别", "agency-kind", required=True, default="A", listed=6, heading="机构", policy="protected"
    )
    party: uuid.UUID | None = ref("对应单位", "party", heading="机构")
    credit_code: str | None = text(
        "统一社会信用代码", max=18, listed=18, format="credit-code", heading="机构"
    )
    region: str | None = choice("所在地区", "region", listed=10, heading="机构")
    founded_on: dt.date | None = day("成立日期", heading="机构")
    level: str | None = choice("认定级别", "recognition-level", listed=8, heading="机构")
    recognition_batch: str | None = text("认定批次", max=40, heading="机构")
    recognised_to: dt.date | None = day("认定有效期至", heading="机构")
    premises: decimal.Decimal | None = number(
        "场地面积", places=1, unit_label="平方米", low=0, heading="机构"
    )
    head: str | None = text("负责人", max=60, heading="机构")
    contact_name: str | None = text("联系人", max=60, heading="机构")
    phone: str | None = text("电话", max=40, format="phone", personal=True, heading="机构")
    operating_income: decimal.Decimal | None = money(
        "营业性收入", heading="经费", unit="finance", policy="protected"
    )
    working_funds: decimal.Decimal | None = money(
        "工作经费", heading="经费", unit="finance", policy="protected"
    )
    total_income: decimal.Decimal | None = money("总收入", heading="经费", unit="finance", policy="protected")
    technical_income: decimal.Decimal | None = money(
        "技术性收入", heading="经费", unit="finance", policy="protected"
    )
    profit_and_tax: decimal.Decimal | None = money(
        "利税总额", heading="经费", unit="finance", policy="protected", low=-(10**15)
    )
    has_bylaws: bool = flag("章程与管理制度齐备", heading="规范管理")
    has_information_system: bool = flag("信息化手段与专业数据库", heading="规范管理")
    demonstration: str | None = note("示范带动作用", max=2000, heading="规范管理")
    complaints: decimal.Decimal | None = number("投诉数", low=0, heading="社会信誉")
    awards: str | None = note("获奖与媒体报道", max=2000, heading="社会信誉")
    summary: str | None = note("年度工作概述", max=2000, heading="社会信誉")
    shortcomings: str | None = note("存在问题", max=4000, heading="年度报告")
    next_year_plan: str | None = note("下年计划", max=4000, heading="年度报告")
