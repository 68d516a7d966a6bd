"""The first start of a server that brings its own PostgreSQL: everything a newcomer needs to sync two desks.

Whoever runs ``make server`` gets an organisation, an administrator with a password, and two invitations. A
server on a database of its owner makes nothing by itself and says which commands do.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from server.accounts import accounts, invitations, organisations
from server.operations.private_files import write_private

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    import psycopg

    from domain.scopes import Role
    from server.accounts.invitations import Door

FOLDER: Final = "invitations"
ADMINISTRATOR: Final = "admin"
PEOPLE: Final[tuple[tuple[str, str, Role], ...]] = (
    ("head", "负责人", "head"),
    ("broker", "经纪人", "broker"),
)
DAYS: Final = 30


def due(connection: psycopg.Connection) -> bool:
    """Tell whether nobody has an account yet."""
    return connection.execute("SELECT 1 FROM account LIMIT 1").fetchone() is None


def set_up(
    connection: psycopg.Connection, organisation: str, folder: Path, door: Door, *, now: dt.datetime
) -> list[str]:
    """Make the first organisation, accounts and invitations; return the lines that tell the newcomer."""
    home = organisations.add(connection, organisation, "agency", now=now)
    administrator = accounts.add(
        connection, home.id, login=ADMINISTRATOR, name="系统管理员", role="administrator", now=now
    )
    password = secrets.token_urlsafe(12)
    accounts.change_password(connection, administrator, password, now=now)
    told = folder / "administrator.txt"
    write_private(told, f"管理页面：{door.url}/admin\n登录名：{ADMINISTRATOR}\n密码：{password}\n".encode())
    lines = [f"首次启动：已建立机构“{organisation}”。"]
    for login, name, role in PEOPLE:
        account = accounts.add(connection, home.id, login=login, name=name, role=role, now=now)
        path = folder / f"{login}{invitations.SUFFIX}"
        invitation = invitations.invite(connection, account, door, now=now, days=DAYS)
        write_private(path, invitations.file(invitation))
        lines.append(f"  {name}的邀请文件：{path}")
    return [
        *lines,
        f"  管理员的密码：{told}（记下后请删除）",
        "在技转工作台的“同步中心”选择邀请文件即可接入；也可用命令：",
        f"  transfer-desk --data-dir 文件夹 join {folder / PEOPLE[0][0]}{invitations.SUFFIX}",
    ]


def how_to() -> list[str]:
    """Return the lines for an empty database that is not the server's own."""
    return [
        "数据库中还没有账号。请运行：",
        "  transfer-desk-server organisation add 机构名称",
        "  transfer-desk-server account add admin --organisation 机构名称 --name 姓名 --role administrator",
        "  transfer-desk-server account password admin",
    ]
