"""The sample workspace as if it belonged to a server, so that its screens can be drawn without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop.models import sync_state
from desktop.models.outgoing import outbox
from desktop.models.tables import RECORD_TABLES
from desktop.models.work import Work, new_id
from desktop.services import records
from desktop.services.server_link import ServerLink
from desktop.sync.credentials import Credentials
from desktop.sync.status import Status
from domain.conflicts import Item, Version, write_items
from tools import sample_data

if TYPE_CHECKING:
    import uuid

    from desktop.services.desk import Desk

DISPUTED: Final = "无氯氟聚氨酯发泡剂专利转让"
MEMBER: Final = Credentials(
    server="https://sync.example.cn",
    pin="",
    server_key="",
    server_seal_key="",
    device=7,
    account="",
    name="高璟",
    role="staff",
    organisation="",
    organisation_name="示例技术转移中心",
    sign_key="",
    seal_key="",
    refresh="",
)
SCOPES: Final = (
    ("a:sample", "本机构", 1),
    ("t:sample", "培训登记", 1),
    ("s:sample", "报送主管部门", 1),
    ("u:sample", "仅本人", 1),
    ("p", "公共目录", 0),
)
RUNS: Final = (
    ("2026-03-01T09:20:05.000000Z", 0, 1240, 540, 96_400),
    ("2026-03-02T00:31:12.000000Z", 14, 3, 2_310, 890),
    ("2026-03-02T01:39:40.000000Z", 2, 6, 640, 1_480),
)


class StillLink(ServerLink):
    """A line that has just synced and says nothing more."""

    def begin(self) -> Status:
        return self.status()

    def end(self) -> None:
        """There is nothing to end."""

    def poke(self) -> None:
        """There is nobody to tell."""

    def status(self) -> Status:
        with self.desk.store.read() as connection:
            counts = outbox.counts(connection)
        return Status("idle", counts, last_success=self.desk.clock(), live=True)


def join(desk: Desk) -> ServerLink:
    """Let the workspace stand as one that is joined: most is sent, some waits, one amount is in dispute."""
    with desk.store.write(applying=True) as connection:
        for number, (key, label, writes) in enumerate(SCOPES, start=1):
            connection.exec_driver_sql(
                "INSERT INTO sync_scope"
                " (number, key, label, writes, granted, epoch, cursor, staged, head, total, loaded)"
                " VALUES (?, ?, ?, ?, 1, 1, 9, 9, 9, 0, 1)",
                (number, key, label, writes),
            )
        connection.exec_driver_sql("DELETE FROM outbox")
        for table in RECORD_TABLES.values():
            connection.execute(table.update().values(row_ver=5, sync_scope=1))
        for at, sent, received, up, down in RUNS:
            sync_state.log_run(
                connection, at=at, kind="sync", sent=sent, received=received, bytes_up=up, bytes_down=down
            )
        _dispute(Work(connection, desk.clock(), "", "", "同步"))
    desk.user = MEMBER.name
    _edit(desk)
    return StillLink(desk, None, "dev", credentials=MEMBER)


def _dispute(work: Work) -> None:
    deal: uuid.UUID = sample_data.key("deal", DISPUTED)
    held = work.get("deal", deal)
    assert held
    versions = [
        Version(name, "amounts", was=f"{now - 200_000}", mine=f"{now + 100_000}", theirs=f"{now}")
        for name in ("deal_amount", "technical_amount")
        if (now := held[name])
    ]
    item = Item("deal", deal, DISPUTED, "set", "changed", tuple(versions))
    who: dict[str, Any] = {
        "mine_by": "高璟",
        "mine_device": "出差笔记本",
        "mine_at": "2026-03-02T01:02:00.000000Z",
        "theirs_by": "王芳",
        "theirs_device": "办公室台式机",
        "theirs_at": "2026-03-02T00:15:00.000000Z",
    }
    facts = {"title": DISPUTED, "record_type": "deal", "record_id": str(deal), "state": "open"}
    work.put("conflict", new_id(), {**facts, **who, "items": write_items([item])})


def _edit(desk: Desk) -> None:
    """Change a few records, so that something waits to be sent."""
    with desk.store.read() as connection:
        found = connection.exec_driver_sql("SELECT title FROM deal ORDER BY row LIMIT 4").scalars().all()
    for title in found:
        if title != DISPUTED:
            key = sample_data.key("deal", title)
            with desk.store.read() as connection:
                held = Work(connection, desk.clock(), "", "", "").get("deal", key)
            values = {**(held or {}), "remark": "已电话沟通，下周走访"}
            records.save(desk, record_type="deal", record_id=key, values=values)
