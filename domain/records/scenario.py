"""应用场景: a place that offers itself for first use of a technology (新应用场景目录)."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Iterator

from domain.fields import Values, choice, day, money, note, record, ref, text
from domain.problems import Problem, ordered


def rules(values: Values) -> Iterator[Problem]:
    """Check the order of the period."""
    yield from ordered(values, "opens_on", "closes_on", "开放起")


@record("scenario", "应用场景", group="library", title="name", identity=("name", "owner"), rules=rules)
class Scenario:
    """Owner, site, need, indicators, budget and period of one scene."""

    id: uuid.UUID
    name: str = text("场景名称", required=True, max=200, listed=28, searched=True)
    owner: uuid.UUID | None = ref("场景单位", "party", listed=18)
    technical_field: str | None = choice("技术领域", "technical-field", listed=10)
    region: str | None = choice("所在地区", "region", listed=10)
    site: str | None = text("地点", max=200)
    need: str | None = note("场景需求", searched=True)
    indicators: str | None = note("考核指标", max=1000)
    budget: decimal.Decimal | None = money("预算", listed=10)
    opens_on: dt.date | None = day("开放起", listed=10)
    closes_on: dt.date | None = day("开放止", listed=10)
    data_available: str | None = note("可用数据", max=1000)
    contact_name: str | None = text("联系人", max=60)
    phone: str | None = text("电话", max=40, format="phone", personal=True)
