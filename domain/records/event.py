"""活动: matchmaking meetings, road shows, contests and trainings (对接活动)."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Iterator

from domain.fields import Values, choice, day, flag, money, note, number, record, text
from domain.problems import Problem, ordered


def rules(values: Values) -> Iterator[Problem]:
    """Check the order of the event's days."""
    yield from ordered(values, "held_on", "closed_on", "举办日期")


@record("event", "对接活动", group="demands", identity=("title", "held_on"), rules=rules)
class Event:
    """Brand, hosts, money spent, people present, intents and signatures."""

    id: uuid.UUID
    title: str = text("活动名称", required=True, max=200, listed=28, searched=True)
    kind: str | None = choice("类别", "event-kind", listed=8)
    brand: str | None = text("品牌", max=60, listed=12, searched=True, example="联百校转千果")
    held_on: dt.date | None = day("举办日期", required=True, listed=10)
    closed_on: dt.date | None = day("结束日期")
    place: str | None = text("地点", max=200, listed=16)
    region: str | None = choice("所在地区", "region")
    host: str | None = text("主办单位", max=200)
    co_hosts: str | None = text("承办单位", max=300)
    is_international: bool = flag("国际活动")
    budget: decimal.Decimal | None = money("预算", unit="money")
    spend: decimal.Decimal | None = money("支出", unit="money")
    attendants: decimal.Decimal | None = number("参加人数", low=0, listed=6)
    projects_shown: decimal.Decimal | None = number("展示项目数", low=0)
    intents: decimal.Decimal | None = number("意向数", low=0, listed=6)
    intent_amount: decimal.Decimal | None = money("意向金额")
    signed: decimal.Decimal | None = number("签约数", low=0, listed=6)
    press: str | None = note("媒体报道", max=1000)
    remark: str | None = note("备注", max=1000)
