"""完成人: the people of an achievement in their signed order (成果登记表, 主要完成人)."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid

from domain.fields import choice, day, flag, note, number, record, ref, text


@record("team_member", "完成人", group="parts", title="name", identity=("achievement", "name"))
class TeamMember:
    """One contributor with rank, share and contribution."""

    id: uuid.UUID
    achievement: uuid.UUID | None = ref("所属成果", "achievement", required=True)
    rank: decimal.Decimal | None = number("排名", low=1, high=999, listed=4)
    name: str = text("姓名", required=True, max=60, listed=10, searched=True, pinyin=True)
    sex: str | None = choice("性别", "sex")
    born_on: dt.date | None = day("出生日期", personal=True)
    professional_title: str | None = text("职称", max=40, listed=8)
    education: str | None = choice("学历", "education")
    unit_name: str | None = text("所在单位", max=120, listed=18)
    contribution: str | None = note("贡献", max=500, listed=24)
    share: decimal.Decimal | None = number(
        "分配比例", places=2, unit_label="%", low=0, high=100, listed=8, policy="protected"
    )
    is_leader: bool = flag("单位正职领导")
