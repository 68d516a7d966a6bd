"""知识产权: a right that covers an achievement."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

from domain import identifiers
from domain.fields import Values, choice, day, flag, note, record, ref, text
from domain.problems import Problem, ordered

PATENT_KINDS = frozenset({"patent-invention", "patent-utility", "patent-design"})


def rules(values: Values) -> Iterator[Problem]:
    """Check the order of dates and, for patents, the number by the rule of the patent office."""
    yield from ordered(values, "applied_on", "granted_on", "申请日")
    yield from ordered(values, "granted_on", "expires_on", "授权日")
    if values.get("kind") in PATENT_KINDS and values.get("right_no"):
        verdict = identifiers.patent_number(values["right_no"])
        if not verdict.valid:
            yield Problem("right_no", "patent-number", {"why": verdict.problem or "不是有效的专利号"})


@record(
    "ip_right",
    "知识产权",
    group="parts",
    title="right_no",
    identity=("right_no",),
    rules=rules,
    dated_by="applied_on",
)
class IpRight:
    """A patent, software copyright, plant variety or other right, with its status and fees."""

    id: uuid.UUID
    achievement: uuid.UUID | None = ref("所属成果", "achievement", listed=20)
    kind: str = choice("类别", "ip-kind", required=True, listed=8)
    right_no: str | None = text(
        "号码", max=60, required=True, listed=20, searched=True, example="ZL201910603565.1"
    )
    name: str | None = text("名称", max=200, listed=20, searched=True)
    holder: uuid.UUID | None = ref("权利人", "party", listed=16)
    status: str | None = choice("状态", "ip-status", listed=8, unit="status", policy="protected")
    applied_on: dt.date | None = day("申请日")
    granted_on: dt.date | None = day("授权日", unit="status", policy="protected")
    expires_on: dt.date | None = day("届满日", unit="status", policy="protected")
    fee_paid_to: dt.date | None = day("年费缴至", listed=10)
    pledged: bool = flag("已质押")
    co_owners: str | None = text("共有人", max=200)
    remark: str | None = note("备注", max=1000)
