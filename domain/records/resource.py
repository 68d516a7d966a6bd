"""服务资源: pilot bases, instruments, funds and service bodies (资源目录)."""

from __future__ import annotations

import decimal
import uuid

from domain.fields import choice, choices, flag, money, note, record, ref, text


@record("resource", "服务资源", group="library", title="name", identity=("name", "owner"))
class Resource:
    """What a deal may need beside the technology: place, device, money or service."""

    id: uuid.UUID
    name: str = text("资源名称", required=True, max=200, listed=28, searched=True)
    kind: str = choice("类别", "resource-kind", required=True, listed=10)
    owner: uuid.UUID | None = ref("所属单位", "party", listed=18)
    fields: tuple[str, ...] = choices("服务领域", "technical-field", listed=12)
    region: str | None = choice("所在地区", "region", listed=10)
    description: str | None = note("能力说明", searched=True)
    price: decimal.Decimal | None = money("收费标准", unit="price")
    price_note: str | None = text("收费说明", max=200, unit="price")
    is_open: bool = flag("对外开放", listed=6)
    contact_name: str | None = text("联系人", max=60)
    phone: str | None = text("电话", max=40, format="phone", personal=True)
    remark: str | None = note("备注", max=1000)
