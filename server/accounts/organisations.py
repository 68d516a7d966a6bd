"""The organisations that share a server: each has its own accounts, scopes, numbers and files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

import psycopg
import uuid_utils.compat

from domain.problems import refuse
from server.accounts import audit

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping


Kind = Literal["agency", "authority"]
KIND_LABELS: Final[Mapping[Kind, str]] = {"agency": "技术转移机构", "authority": "主管部门"}


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation with the number of its accounts and of the devices that are not revoked."""

    id: UUID
    name: str
    kind: Kind
    accounts: int = 0
    devices: int = 0


def add(connection: psycopg.Connection, name: str, kind: Kind, *, now: dt.datetime) -> Organisation:
    """Add an organisation.

    Raises:
        Refusal: there is one of this name, or the name is empty.
    """
    name = name.strip()
    if not name:
        raise refuse("机构名称", "required")
    made = Organisation(UUID(str(uuid_utils.compat.uuid7())), name, kind)
    try:
        with connection.transaction():
            connection.execute(
                "INSERT INTO organisation (id, name, kind, created_at) VALUES (%s, %s, %s, %s)",
                (made.id, name, kind, now),
            )
    except psycopg.errors.UniqueViolation as error:
        raise refuse("机构名称", "plain", why=f"已有机构“{name}”，请换一个名称") from error
    audit.note(connection, "organisation-add", name, now=now)
    return made


def listed(connection: psycopg.Connection) -> list[Organisation]:
    """Return all organisations by name."""
    rows = connection.execute(
        "SELECT organisation.id, organisation.name, kind, count(DISTINCT account.id),"
        " count(device.number) FILTER (WHERE revoked_at IS NULL)"
        " FROM organisation LEFT JOIN account ON account.organisation = organisation.id"
        " LEFT JOIN device ON device.account = account.id"
        " GROUP BY organisation.id ORDER BY organisation.name"
    )
    return [Organisation(*row) for row in rows]


def named(connection: psycopg.Connection, name: str) -> Organisation:
    """Return the organisation of a name.

    Raises:
        Refusal: there is none.
    """
    found = next((one for one in listed(connection) if one.name == name.strip()), None)
    if found is None:
        names = "、".join(one.name for one in listed(connection)) or "还没有机构"
        raise refuse("机构名称", "plain", why=f"找不到机构“{name}”；现有：{names}")
    return found
