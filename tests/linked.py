"""A workspace that was joined to a server, without one: the line is told by the test what to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop.models.outgoing import outbox
from desktop.services.server_link import ServerLink
from desktop.sync.credentials import Credentials
from desktop.sync.status import Status
from domain.problems import refuse

if TYPE_CHECKING:
    from desktop.services.desk import Desk

MEMBER = Credentials(
    server="https://desk.example.cn",
    pin="",
    server_key="",
    server_seal_key="",
    device=7,
    account="account",
    name="高璟",
    role="staff",
    organisation="agency",
    organisation_name="示例转移中心",
    sign_key="",
    seal_key="",
    refresh="token",
    login="gaojing",
)
PASSWORD = "four unrelated Chinese words"
SCOPES = (
    (1, "a:agency", "本机构", 1),
    (2, "t:agency", "培训登记", 1),
    (3, "u:account", "仅本人", 1),
    (4, "p", "公共目录", 0),
)


class StillLink(ServerLink):
    """A line that is joined and says nothing by itself; ``calls`` are what the screens asked of it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, None, "test")
        self.calls: list[str] = []
        self.phase: Any = "idle"
        self.credentials = MEMBER

    def begin(self) -> Status:
        return self.status()

    def end(self) -> None:
        self.calls.append("end")

    def status(self) -> Status:
        with self.desk.store.read() as connection:
            return Status(self.phase, outbox.counts(connection))

    def poke(self) -> None:
        self.calls.append("poke")

    def sync_now(self) -> None:
        self.calls.append("now")

    def sign_in(self, *, password: str, account: str = "", **_: Any) -> Credentials:
        if password != PASSWORD:
            raise refuse("server", "plain", why="登录名或密码不对，或账号已停用")
        self.calls.append(f"sign in {account}")
        return MEMBER

    def hold(self, *, on: bool) -> None:
        self.calls.append(f"hold {on}")


def status(
    phase: Any = "idle",
    *,
    waiting: int = 0,
    flying: int = 0,
    refused: int = 0,
    conflicts: int = 0,
    **facts: Any,
) -> Status:
    """Return what a line may say."""
    return Status(phase, outbox.Counts(waiting, flying, refused, conflicts), **facts)


def grant(desk: Desk, *scopes: tuple[int, str, str, int]) -> None:
    """Let a store see scopes as a server's answer would."""
    with desk.store.write(applying=True) as connection:
        for number, key, label, writes in scopes or SCOPES:
            connection.exec_driver_sql(
                "INSERT INTO sync_scope"
                " (number, key, label, writes, granted, epoch, cursor, staged, head, total, loaded)"
                " VALUES (?, ?, ?, ?, 1, 1, 0, 0, 0, 0, 1)",
                (number, key, label, writes),
            )


def settle_all(desk: Desk, *, scope: int = 1) -> None:
    """Make everything known to the server: nothing waits."""
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
        for table in ("deal", "party", "achievement", "attachment", "payment"):
            connection.exec_driver_sql(f"UPDATE {table} SET row_ver = 5, sync_scope = ?", (scope,))
