"""走访: what a broker saw and heard at a client (企业走访记录)."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Iterator

from domain.fields import Values, choice, day, flag, note, number, record, ref, text
from domain.problems import Problem, ordered


def rules(values: Values) -> Iterator[Problem]:
    """Check the order of the visit's days."""
    yield from ordered(values, "visited_on", "left_on", "走访日期")


@record("site_visit", "走访记录", group="clients", identity=("title", "visited_on"), rules=rules)
class SiteVisit:
    """Place, people, needs heard, promise made and the next step."""

    id: uuid.UUID
    title: str = text("主题", required=True, max=200, listed=26, searched=True)
    party: uuid.UUID | None = ref("走访单位", "party", listed=18)
    kind: str | None = choice("走访类别", "visit-kind", listed=8)
    visited_on: dt.date | None = day("走访日期", required=True, listed=10)
    left_on: dt.date | None = day("结束日期")
    place: str | None = text("地点", max=200, listed=18)
    region: str | None = choice("所在地区", "region")
    longitude: decimal.Decimal | None = number("经度", places=6, low=-180, high=180, unit="place")
    latitude: decimal.Decimal | None = number("纬度", places=6, low=-90, high=90, unit="place")
    datum: str | None = choice("坐标系", "coordinate-datum", unit="place")
    visitors: str | None = text("走访人", max=200)
    hosts: str | None = text("接待人", max=200)
    purpose: str | None = note("目的", max=500)
    facts: str | None = note("企业情况", searched=True)
    needs: str | None = note("听到的需求", searched=True)
    shown: str | None = note("介绍的成果", max=1000)
    promise: str | None = note("承诺事项", max=500)
    next_step: str | None = text("下一步", max=200, listed=20)
    next_on: dt.date | None = day("下一步日期", listed=10)
    consents_to_record: bool = flag("同意录音拍照", policy="protected")
