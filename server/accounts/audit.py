"""Who did what with accounts, devices and numbers: an administrator's deeds must be open to an auditor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    import psycopg


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the audit trail; without an account it was done at the command line."""

    at: dt.datetime
    who: str
    device: int | None
    action: str
    target: str


def note(
    connection: psycopg.Connection,
    action: str,
    target: str = "",
    *,
    now: dt.datetime,
    account: UUID | str | None = None,
    device: int | None = None,
) -> None:
    """Write a deed in the transaction that does it; ``target`` is a login, a number or a name, no content."""
    connection.execute(
        "INSERT INTO audit (at, account, device, action, target) VALUES (%s, %s, %s, %s, %s)",
        (now, account, device, action, target),
    )


def newest(connection: psycopg.Connection, limit: int = 200) -> list[Deed]:
    """Return the last deeds, the newest first."""
    rows = connection.execute(
        "SELECT audit.at, coalesce(account.login, '命令行'), audit.device, audit.action, audit.target"
        " FROM audit LEFT JOIN account ON account.id = audit.account ORDER BY audit.id DESC LIMIT %s",
        (limit,),
    )
    return [Deed(*row) for row in rows]
