"""技术合同统计: published figures of registered contracts, kept as printed.

Dimensions overlap: figures must never be summed across ``dimension``.
"""

from __future__ import annotations

import decimal
import uuid

from domain.fields import choice, money, note, number, record, text


@record(
    "contract_statistic",
    "合同统计",
    group="library",
    title="row_key",
    identity=("row_key",),
    aliases=("技术合同统计",),
)
class ContractStatistic:
    """One published cell: how many contracts, 成交额 and 技术交易额, of which region, period and class."""

    id: uuid.UUID
    row_key: str = text("统计项", required=True, max=200, listed=30, searched=True, aliases=("row_key",))
    year: str | None = text("年份", max=20, listed=8, aliases=("year",), example="2024 或 2011-2015")
    period: str | None = text("期间", max=40, listed=8, aliases=("period",))
    region_name: str | None = text("地区", max=60, listed=10, searched=True, aliases=("region",))
    region_level: str | None = text("地区级别", max=20, aliases=("region_level",))
    region: str | None = choice("行政区划", "region")
    dimension: str | None = text("统计维度", max=40, listed=10, aliases=("dimension",))
    category: str | None = text("类目", max=100, listed=14, searched=True, aliases=("category",))
    contracts: decimal.Decimal | None = number(
        "项数", low=0, listed=8, unit="figures", aliases=("contracts",)
    )
    turnover: decimal.Decimal | None = money("成交额", listed=14, unit="figures", aliases=("turnover_yi",))
    technical: decimal.Decimal | None = money(
        "技术交易额", listed=14, unit="figures", aliases=("technical_transaction_yi",)
    )
    contracts_growth: decimal.Decimal | None = number(
        "项数同比", places=2, unit_label="%", unit="figures", aliases=("contracts_yoy_pct",)
    )
    turnover_growth: decimal.Decimal | None = number(
        "成交额同比", places=2, unit_label="%", unit="figures", aliases=("turnover_yoy_pct",)
    )
    remark: str | None = note("备注", max=1000, aliases=("note",))
    source: str | None = text("来源", max=500, aliases=("source_url",))
