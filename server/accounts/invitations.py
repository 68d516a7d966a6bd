"""Invitations: a file that lets one person's first device find the server, trust it and be let in once."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from domain import enrolment
from domain.problems import refuse
from server.accounts import audit

if TYPE_CHECKING:
    from uuid import UUID

    import psycopg

    from server.accounts.accounts import Account
    from server.accounts.server_keys import ServerKeys

DAYS: Final = 7
SUFFIX: Final = ".tdinvite"
_CODE_BYTES: Final = 15  # 120 bits: guessing is hopeless even without limits


@dataclass(frozen=True, slots=True)
class Door:
    """What every invitation says about the server: its address, its keys, the pin of its certificate."""

    url: str
    server_key: str
    pin: str = ""
    seal_key: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """An invitation the server knows, with the login and the number of the device that has used it."""

    code_hash: bytes
    login: str
    used_by: int | None


def remember_door(connection: psycopg.Connection, url: str, pin: str) -> None:
    """Keep what invitations are to say, wherever they are made."""
    connection.execute(
        "INSERT INTO door (url, pin) VALUES (%s, %s)"
        " ON CONFLICT (single) DO UPDATE SET url = excluded.url, pin = excluded.pin",
        (url.rstrip("/"), pin),
    )


def door(connection: psycopg.Connection, keys: ServerKeys) -> Door:
    """Return what invitations say about the server.

    Raises:
        Refusal: the server was never started, so nobody knows its address.
    """
    row = connection.execute("SELECT url, pin FROM door").fetchone()
    if row is None:
        raise refuse("邀请", "plain", why="服务器还没有启动过，不知道对外地址；请先运行 serve")
    return Door(row[0], keys.public_sign, row[1], keys.public_seal)


def invite(
    connection: psycopg.Connection,
    account: Account,
    door: Door,
    *,
    now: dt.datetime,
    days: int = DAYS,
    by: UUID | None = None,
) -> enrolment.Invitation:
    """Make an invitation; earlier ones of the account that nobody used are void from now on."""
    code = base64.b32encode(os.urandom(_CODE_BYTES)).decode()
    expires = now + dt.timedelta(days=days)
    connection.execute("DELETE FROM invitation WHERE account = %s AND used_at IS NULL", (account.id,))
    connection.execute(
        "INSERT INTO invitation (code_hash, account, expires_at) VALUES (%s, %s, %s)",
        (_hash(code), account.id, expires),
    )
    audit.note(connection, "invite", account.login, now=now, account=by)
    return enrolment.Invitation(
        server=door.url,
        organisation=account.organisation_name,
        code=code,
        name=account.name,
        expires=expires.isoformat(timespec="seconds"),
        pin=door.pin,
        server_key=door.server_key,
        seal_key=door.seal_key,
    )


def find(connection: psycopg.Connection, code: str, *, now: dt.datetime) -> Held | None:
    """Return the invitation of a code unless it has expired; a used one lives on for its own device."""
    row = connection.execute(
        "SELECT code_hash, login, used_by FROM invitation JOIN account ON account.id = invitation.account"
        " WHERE code_hash = %s AND expires_at > %s",
        (_hash(code), now),
    ).fetchone()
    return Held(bytes(row[0]), row[1], row[2]) if row else None


def use(connection: psycopg.Connection, held: Held, device: int, *, now: dt.datetime) -> bool:
    """Use an invitation up for a device; tell whether it belongs to that device now."""
    connection.execute(
        "UPDATE invitation SET used_at = %s, used_by = %s WHERE code_hash = %s AND used_at IS NULL",
        (now, device, held.code_hash),
    )
    row = connection.execute(
        "SELECT used_by FROM invitation WHERE code_hash = %s", (held.code_hash,)
    ).fetchone()
    return row == (device,)


def _hash(code: str) -> bytes:
    plain = code.strip().upper().replace("-", "").replace(" ", "")
    return hashlib.sha256(plain.encode()).digest()


def file(invitation: enrolment.Invitation) -> bytes:
    """Return the content of an invitation's file: JSON that a person can read."""
    return msgspec.json.format(msgspec.json.encode(invitation))
