"""附件: a file kept with a record, named by the SHA-256 of its content."""

from __future__ import annotations

import decimal
import uuid

from domain.fields import choice, note, number, record, text


@record(
    "attachment", "附件", group="parts", title="name", identity=("owner_type", "owner_id", "sha256", "name")
)
class Attachment:
    """The file itself lies encrypted beside the store; the record says what it is and whose."""

    id: uuid.UUID
    owner_type: str | None = text("所属类型", max=40, kept=True)
    owner_id: str | None = text("所属记录", max=36, kept=True)
    name: str = text("文件名", required=True, max=200, listed=28, searched=True)
    kind: str | None = choice("类别", "attachment-kind", listed=8)
    media_type: str | None = text("格式", max=100, listed=12, kept=True)
    size: decimal.Decimal | None = number("字节数", low=0, listed=10, kept=True)
    sha256: str | None = text("SHA-256", max=64, format="sha256", kept=True)
    view_sha256: str | None = text("显示副本", max=64, format="sha256", kept=True)
    pages: decimal.Decimal | None = number("页数", low=0, listed=4, kept=True)
    remark: str | None = note("备注", max=500)
