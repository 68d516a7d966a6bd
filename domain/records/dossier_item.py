"""卷内材料: one paper of a deal's dossier and the evidence that it is there."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid

from domain.fields import choice, day, flag, note, number, record, ref, text


@record("dossier_item", "卷内材料", group="parts", identity=("deal", "item_no", "title"))
class DossierItem:
    """Answers to one row of the checklist by its number; an attachment holds the file."""

    id: uuid.UUID
    deal: uuid.UUID | None = ref("所属交易", "deal", required=True)
    item_no: decimal.Decimal | None = number("清单序号", required=True, low=0, high=99, listed=4)
    title: str = text("题名", required=True, max=200, listed=28, searched=True)
    document_no: str | None = text("文号", max=60, listed=14)
    responsible: str | None = text("责任者", max=120, listed=14)
    dated_on: dt.date | None = day("日期", listed=10)
    state: str | None = choice(
        "状态", "dossier-item-state", default="collected", listed=8, unit="state", policy="protected"
    )
    pages: decimal.Decimal | None = number("页数", low=0, listed=4)
    signed: bool = flag("已签章", listed=6, policy="protected")
    attachment: uuid.UUID | None = ref("文件", "attachment")
    remark: str | None = note("备注", max=500)
