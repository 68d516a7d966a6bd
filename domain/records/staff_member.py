"""机构人员: who works for an agency, full or part time (员工总数, 兼职专家数)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

from domain.fields import Values, choice, day, flag, record, ref, text
from domain.problems import Problem, ordered


def rules(values: Values) -> Iterator[Problem]:
    """Check the order of the employment's days."""
    yield from ordered(values, "joined_on", "left_on", "入职日期")


@record(
    "staff_member", "机构人员", group="agency", title="name", identity=("agency_name", "name"), rules=rules
)
class StaffMember:
    """Full-time staff and part-time experts, with the days that decide in which year they count."""

    id: uuid.UUID
    name: str = text("姓名", required=True, max=60, listed=10, searched=True, pinyin=True)
    agency_name: str = text("所在机构", required=True, max=120, listed=22)
    employment: str = choice("用工方式", "employment-mode", required=True, default="full", listed=8)
    is_expert: bool = flag("兼职专家", listed=6)
    is_technical: bool = flag("专业技术人员", listed=8)
    position: str | None = text("岗位", max=60, listed=12)
    education: str | None = choice("学历", "education")
    professional_title: str | None = choice("职称", "professional-title")
    broker: uuid.UUID | None = ref("经纪人登记", "broker")
    joined_on: dt.date | None = day("入职日期", listed=10)
    left_on: dt.date | None = day("离职日期", listed=10)
