"""People's accounts: one person, one organisation, one role; what the role may see is domain/scopes.py."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args
from uuid import UUID

import psycopg
import uuid_utils.compat
from psycopg.rows import class_row

from domain.problems import refuse
from domain.scopes import Role
from server.accounts import audit, passwords

if TYPE_CHECKING:
    import datetime as dt


LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_COLUMNS: Final = (
    "account.id, account.organisation, organisation.name AS organisation_name, login, account.name, role,"
    " password, disabled_at"
)
_FROM: Final = "account JOIN organisation ON organisation.id = account.organisation"


@dataclass(frozen=True, slots=True)
class Account:
    """One account; ``password`` is its Argon2id hash, None until an invitation was taken up."""

    id: UUID
    organisation: UUID
    organisation_name: str
    login: str
    name: str
    role: Role
    password: str | None = None
    disabled_at: dt.datetime | None = None


def add(
    connection: psycopg.Connection,
    organisation: UUID,
    *,
    login: str,
    name: str,
    role: Role,
    now: dt.datetime,
    by: UUID | None = None,
) -> Account:
    """Add an account without a password: whoever it belongs to chooses one with his invitation.

    Raises:
        Refusal: the login is taken or malformed, the name empty.
    """
    login, name = login.strip().lower(), name.strip()
    if not LOGIN.fullmatch(login):
        raise refuse("登录名", "plain", why="登录名用小写字母、数字和 . _ @ -，至少 2 个字符，例如 zhang.wei")
    if not name or role not in get_args(Role):
        raise refuse("账号", "plain", why="姓名和角色必填，例如 张伟、broker")
    made = UUID(str(uuid_utils.compat.uuid7()))
    try:
        with connection.transaction():
            connection.execute(
                "INSERT INTO account (id, organisation, login, name, role, created_at)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                (made, organisation, login, name, role, now),
            )
    except psycopg.errors.UniqueViolation as error:
        raise refuse("登录名", "plain", why=f"登录名“{login}”已有人使用，请换一个") from error
    audit.note(connection, "account-add", login, now=now, account=by)
    return with_login(connection, login)


def listed(connection: psycopg.Connection) -> list[Account]:
    """Return all accounts by organisation and login."""
    with connection.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(
            f"SELECT {_COLUMNS} FROM {_FROM} ORDER BY organisation.name, login"  # noqa: S608 - constants
        ).fetchall()


def find(connection: psycopg.Connection, login: str) -> Account | None:
    """Return the account of a login, if there is one."""
    with connection.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(
            f"SELECT {_COLUMNS} FROM {_FROM} WHERE login = %s",  # noqa: S608 - constants
            (login.strip().lower(),),
        ).fetchone()


def of_device(connection: psycopg.Connection, device: int) -> Account:
    """Return the account a device belongs to.

    Raises:
        LookupError: there is no such device.
    """
    with connection.cursor(row_factory=class_row(Account)) as cursor:
        found = cursor.execute(
            f"SELECT {_COLUMNS} FROM {_FROM}"  # noqa: S608 - constants
            " WHERE account.id = (SELECT device.account FROM device WHERE number = %s)",
            (device,),
        ).fetchone()
    if found is None:
        raise LookupError(device)
    return found


def with_login(connection: psycopg.Connection, login: str) -> Account:
    """Return the account of a login.

    Raises:
        Refusal: there is none.
    """
    found = find(connection, login)
    if found is None:
        raise refuse("登录名", "plain", why=f"没有登录名为“{login}”的账号，可用 account list 查看")
    return found


def set_password(connection: psycopg.Connection, account: UUID, stored: str) -> None:
    """Keep the hash of an account's new password."""
    connection.execute("UPDATE account SET password = %s WHERE id = %s", (stored, account))


def change_password(
    connection: psycopg.Connection,
    account: Account,
    password: str,
    *,
    now: dt.datetime,
    by: UUID | None = None,
) -> None:
    """Give an account a new password; its devices stay signed in, sessions of the admin page end.

    Raises:
        Refusal: it is too weak.
    """
    passwords.demand_strong(password, account.login)
    set_password(connection, account.id, passwords.hashed(password))
    connection.execute("DELETE FROM admin_session WHERE account = %s", (account.id,))
    audit.note(connection, "password", account.login, now=now, account=by)


def disable(
    connection: psycopg.Connection,
    account: Account,
    *,
    now: dt.datetime,
    disabled: bool = True,
    by: UUID | None = None,
) -> None:
    """Shut an account out, or let it in again; its devices keep their unsent edits and may not sync."""
    connection.execute(
        "UPDATE account SET disabled_at = %s WHERE id = %s", (now if disabled else None, account.id)
    )
    connection.execute("DELETE FROM admin_session WHERE account = %s", (account.id,))
    audit.note(connection, "disable" if disabled else "enable", account.login, now=now, account=by)
