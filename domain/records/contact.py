"""联系人: the people a broker talks to at a client."""

from __future__ import annotations

import uuid

from domain.fields import flag, note, record, ref, text


@record("contact", "联系人", group="parts", title="name", identity=("party", "name"))
class Contact:
    """One person at one client; telephone numbers are personal data (个人信息保护法)."""

    id: uuid.UUID
    party: uuid.UUID | None = ref("所属客户", "party", required=True, listed=20)
    name: str = text("姓名", required=True, max=60, listed=10, searched=True, pinyin=True, example="张三")
    position: str | None = text("职务", max=60, listed=12)
    mobile: str | None = text("手机", max=40, listed=14, format="phone", personal=True, unit="reach")
    phone: str | None = text("座机", max=40, format="phone", personal=True, unit="reach")
    email: str | None = text("邮箱", max=120, listed=18, format="email", unit="reach")
    is_main: bool = flag("主要联系人")
    remark: str | None = note("备注", max=1000)
