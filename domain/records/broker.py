"""技术经纪人: a person who brings technology and buyers together, with level and agency (经纪人登记)."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Iterator

from domain.fields import Values, choice, choices, day, note, number, record, ref, text
from domain.problems import Problem, ordered


def rules(values: Values) -> Iterator[Problem]:
    """Check the order of the signing with the agency."""
    yield from ordered(values, "engaged_from", "engaged_to", "签约起")


@record(
    "broker",
    "技术经纪人",
    group="training",
    title="name",
    identity=("name", "id_number"),
    rules=rules,
    aliases=("经纪人", "学员"),
)
class Broker:
    """One broker; signed with one agency at a time."""

    id: uuid.UUID
    name: str = text(
        "姓名",
        required=True,
        max=60,
        listed=12,
        searched=True,
        pinyin=True,
        aliases=("name", "学员姓名"),
        example="王喆",
    )
    sex: str | None = choice("性别", "sex", listed=4)
    id_kind: str | None = choice("证件类别", "id-document-kind", default="citizen-id")
    id_number: str | None = text(
        "证件号码",
        max=30,
        listed=18,
        personal=True,
        aliases=("身份证号", "身份证号码"),
        example="11010519491231002X",
        unit="identity",
        policy="protected",
    )
    unit_name: str | None = text("工作单位", max=120, listed=20, searched=True, aliases=("单位", "所在单位"))
    education: str | None = choice("学历", "education")
    professional_title: str | None = choice("职称", "professional-title")
    level: str | None = choice("等级", "broker-level", listed=8, unit="level", policy="protected")
    torch_no: str | None = text("国家备案编号", max=40, searched=True, unit="level", policy="protected")
    employment: str | None = choice("执业方式", "employment-mode", listed=6)
    agency: uuid.UUID | None = ref("签约机构", "party", listed=16, unit="engagement", policy="protected")
    engaged_from: dt.date | None = day("签约起", unit="engagement", policy="protected")
    engaged_to: dt.date | None = day("签约止", unit="engagement", policy="protected")
    specialities: tuple[str, ...] = choices("专长领域", "technical-field", listed=12)
    languages: str | None = text("语言", max=60)
    study_hours: decimal.Decimal | None = number("继续教育学时", low=0)
    mobile: str | None = text("手机", max=40, format="phone", personal=True, aliases=("联系电话", "电话"))
    email: str | None = text("邮箱", max=120, format="email")
    conduct_accepted_on: dt.date | None = day("行为准则签署日期")
    remark: str | None = note("备注", max=1000)
