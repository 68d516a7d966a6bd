"""待办: what is to be done next, by whom and until when."""

from __future__ import annotations

import datetime as dt
import uuid

from domain.fields import choice, day, note, record, text


@record("task", "待办", group="work", identity=("title", "due_on", "owner_id"))
class Task:
    """One next step, bound to the record it belongs to."""

    id: uuid.UUID
    title: str = text("事项", required=True, max=200, listed=30, searched=True)
    state: str = choice("状态", "task-state", required=True, default="planned", listed=6, unit="state")
    due_on: dt.date | None = day("截止日期", listed=10)
    assignee: str | None = text("负责人", max=60, listed=10)
    owner_type: str | None = text("所属类型", max=40)
    owner_id: str | None = text("所属记录", max=36)
    done_on: dt.date | None = day("完成日期", unit="state")
    remark: str | None = note("备注", max=1000)
