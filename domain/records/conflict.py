"""冲突: two people changed the same protected fact, each without having seen the other's change.

The server writes the record in the same transaction in which it declines the later change, so that no
version can be lost with a device; everybody who may see the records concerned sees it and may decide.
"""

from __future__ import annotations

import uuid

from domain.fields import choice, note, record, text


@record("conflict", "冲突", group="sync", identity=("title", "mine_at"))
class Conflict:
    """What the author had before (原值), wrote (我的) and what stood there by then (对方).

    ``items`` is JSON as ``domain.conflicts.write_items`` writes it: every record of the one user action,
    with the values of every field concerned. Moments are written as the store writes them, in UTC.
    """

    id: uuid.UUID
    title: str = text("记录", required=True, max=300, listed=28, searched=True, kept=True)
    record_type: str | None = text("记录类型", max=40, kept=True)
    record_id: str | None = text("记录编号", max=36, kept=True)
    items: str | None = note("内容", max=4_000_000, kept=True)
    mine_by: str | None = text("改动人", max=60, listed=8, kept=True)
    mine_device: str | None = text("改动设备", max=60, kept=True)
    mine_at: str | None = text("改动时间", max=40, listed=16, kept=True)
    theirs_by: str | None = text("对方", max=60, listed=8, kept=True)
    theirs_device: str | None = text("对方设备", max=60, kept=True)
    theirs_at: str | None = text("对方时间", max=40, kept=True)
    state: str = choice(
        "状态", "conflict-state", required=True, default="open", listed=8, unit="decision", kept=True
    )
    decision: str | None = note("决定", max=4_000_000, unit="decision", kept=True)
    decided_by: str | None = text("决定人", max=60, listed=8, unit="decision", kept=True)
    decided_at: str | None = text("决定时间", max=40, unit="decision", kept=True)
