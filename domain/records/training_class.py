"""培训班: one class of a training base (技术经纪人培训班)."""

from __future__ import annotations

import decimal
import uuid
from collections.abc import Iterator

from domain.fields import Values, choice, note, number, record, text
from domain.problems import Problem, ordered


def rules(values: Values) -> Iterator[Problem]:
    """Check the order of the class's days."""
    yield from ordered(values, "starts_on", "ends_on", "开班时间")


@record(
    "training_class", "培训班", group="training", title="name", identity=("name", "starts_on"), rules=rules
)
class TrainingClass:
    """Programme, level, hours, organiser and issuer of the certificate."""

    id: uuid.UUID
    name: str = text(
        "班次名称", required=True, max=200, listed=28, searched=True, aliases=("class_name", "培训班名称")
    )
    level: str | None = choice("等级", "broker-level", listed=6, fallback="level_note", aliases=("level",))
    level_note: str | None = text("等级原文", max=60)
    programme: str | None = text("培训项目", max=200, example="国家技术转移专业人员能力等级培训")
    organiser: str | None = text("主办单位", max=300, listed=20, searched=True, aliases=("organiser",))
    place: str | None = text("地点", max=200, listed=12, aliases=("place",))
    starts_on: str | None = text("开班时间", max=10, format="partial-day", listed=10, aliases=("start_date",))
    ends_on: str | None = text("结业时间", max=10, format="partial-day", listed=10, aliases=("end_date",))
    hours: decimal.Decimal | None = number("总学时", low=0, high=2000, places=1, listed=6, aliases=("hours",))
    trainees: decimal.Decimal | None = number("学员数", low=0, listed=6, aliases=("trainees",))
    exam_form: str | None = text("考核方式", max=60, aliases=("exam_form",))
    issuer: str | None = text("发证单位", max=120, aliases=("certificate_issuer",))
    state: str | None = choice("状态", "training-state", default="planned")
    source: str | None = text("来源", max=500, aliases=("source_url",))
    remark: str | None = note("备注", max=1000, aliases=("note",))
