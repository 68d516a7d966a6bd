"""专家: a person or team that can judge or solve (专家库)."""

from __future__ import annotations

import decimal
import uuid

from domain.fields import choice, choices, flag, money, note, record, ref, text


@record("expert", "专家", group="experts", title="name", identity=("name", "unit_name"))
class Expert:
    """Specialities, languages, availability, and the consent without which nothing is published."""

    id: uuid.UUID
    name: str = text(
        "姓名或团队", required=True, max=60, listed=12, searched=True, pinyin=True, aliases=("姓名", "专家")
    )
    is_team: bool = flag("团队", listed=4)
    unit_name: str | None = text("所在单位", max=120, listed=20, searched=True, aliases=("单位", "工作单位"))
    party: uuid.UUID | None = ref("关联客户", "party")
    professional_title: str | None = choice("职称", "professional-title", listed=8)
    fields: tuple[str, ...] = choices("技术领域", "technical-field", listed=14)
    ipc: str | None = text("IPC 分类", max=100, example="H01M 10/0525")
    achievements: str | None = note("代表成果", max=1000, searched=True)
    languages: str | None = text("语言", max=60)
    availability: str | None = text("可服务时间", max=100)
    fee: decimal.Decimal | None = money("咨询费")
    conflicts: str | None = note("利益冲突", max=500)
    phone: str | None = text("电话", max=40, format="phone", personal=True)
    email: str | None = text("邮箱", max=120, format="email")
    consents_to_publish: bool = flag("同意公开", listed=6, policy="protected")
    remark: str | None = note("备注", max=1000)
