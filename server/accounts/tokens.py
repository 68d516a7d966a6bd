"""Tokens: a short access token that needs no look-up to be recognised, and numbered refresh tokens.

Both are a few numbers with an HMAC. A refresh token is a device's *generation*: using one makes the next. A
repeated request gets the same next token as long as the device has not shown that it has it, so an answer
that was lost, or a request that came twice, locks nobody out. An older generation that turns up again was
stolen, or its thief is ahead: the sign-in ends and the person logs in anew. A refresh is signed by the
device's key. The device's clock is not judged: a request is good once because of its generation.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain import enrolment, protocol
from server.caller import Caller
from server.denials import Denied

if TYPE_CHECKING:
    from uuid import UUID

    import psycopg

    from domain.scopes import Role
    from server.accounts.server_keys import ServerKeys

ACCESS_SECONDS: Final = 15 * 60
SIGN_IN_DAYS: Final = 30
REPEAT_S: Final = 60
"""A request that was repeated on the way is not taken for a thief's within this time."""
_ACCESS: Final = struct.Struct(">III")  # device, generation, second of expiry
_REFRESH: Final = struct.Struct(">II")  # device, generation
_ACCESS_MAC: Final = 16
_REFRESH_MAC: Final = 32


@dataclass(frozen=True, slots=True)
class SignIn:
    """A device with its person and how far its tokens have come, in the order of ``_SELECT``."""

    number: int
    label: str
    sign_key: bytes
    revoked_at: dt.datetime | None
    wipe_at: int | None
    account: UUID
    name: str
    role: Role
    organisation: UUID
    disabled_at: dt.datetime | None
    first: int
    generation: int
    heard: int
    rotated_at: dt.datetime
    expires_at: dt.datetime
    ended_at: dt.datetime | None


_SELECT: Final = """
    SELECT device.number, device.label, device.sign_key, device.revoked_at, device.wipe_at,
        account.id, account.name, account.role, account.organisation, account.disabled_at,
        first, generation, heard, rotated_at, expires_at, ended_at
    FROM sign_in JOIN device ON device.number = sign_in.device JOIN account ON account.id = device.account
    WHERE sign_in.device = %s
"""
_LOCKED: Final = " FOR UPDATE OF sign_in"


def begin(
    connection: psycopg.Connection, keys: ServerKeys, device: int, *, now: dt.datetime
) -> enrolment.Tokens:
    """Sign a device in; tokens of an earlier sign-in end, unless the answer to that one never arrived."""
    row = connection.execute(
        "INSERT INTO sign_in AS held (device, first, generation, heard, rotated_at, expires_at)"
        " VALUES (%(device)s, 1, 1, 0, %(now)s, %(until)s)"
        " ON CONFLICT (device) DO UPDATE SET rotated_at = %(now)s, expires_at = %(until)s, ended_at = NULL,"
        " first = held.generation + step, generation = held.generation + step,"
        " heard = held.generation + step - 1"
        " RETURNING generation".replace(
            "step", "CASE WHEN held.heard < held.first AND held.ended_at IS NULL THEN 0 ELSE 2 END"
        ),
        {"device": device, "now": now, "until": now + dt.timedelta(days=SIGN_IN_DAYS)},
    ).fetchone()
    return _tokens(keys, device, row[0] if row else 1, now)


def again(
    connection: psycopg.Connection, keys: ServerKeys, device: int, *, now: dt.datetime
) -> enrolment.Tokens:
    """Return the newest tokens of a device that is signed in, or sign it in: asking twice changes nothing."""
    row = connection.execute(
        "SELECT generation FROM sign_in WHERE device = %s AND ended_at IS NULL", (device,)
    ).fetchone()
    return _tokens(keys, device, row[0], now) if row else begin(connection, keys, device, now=now)


def authenticate(connection: psycopg.Connection, keys: ServerKeys, header: str, now: dt.datetime) -> Caller:
    """Return who sends the ``Authorization`` header.

    A revoked device is stopped here at once: the token alone is never enough.

    Raises:
        Denied: 401 ``expired`` or ``signed-out``, 403 ``revoked`` with the order to wipe if there is one.
    """
    scheme, _, token = header.partition(" ")
    content = _opened(keys, b"access", token, _ACCESS, _ACCESS_MAC) if scheme.lower() == "bearer" else None
    if content is None:
        raise signed_out()
    device, generation, expiry = content
    if expiry <= now.timestamp():
        raise _expired()
    held = _sign_in(connection, device)
    _demand_welcome(held, keys)
    if generation < held.first:
        raise _expired()
    if generation > held.heard:
        connection.execute(
            "UPDATE sign_in SET heard = greatest(heard, %s) WHERE device = %s", (generation, device)
        )
    return Caller(device, held.label, str(held.account), held.name, held.role, str(held.organisation))


def refresh(
    connection: psycopg.Connection, keys: ServerKeys, asked: enrolment.TokenRequest, *, now: dt.datetime
) -> enrolment.Tokens | None:
    """Return the next tokens; None if the refresh token was used before, which has ended the sign-in.

    Raises:
        Denied: 401 ``signed-out`` or 403 ``revoked``.
    """
    content = _opened(keys, b"refresh", asked.refresh, _REFRESH, _REFRESH_MAC)
    if content is None or content[0] != asked.device:
        raise signed_out()
    device, generation = content
    held = _sign_in(connection, device, locked=True)
    if not _signed(held.sign_key, asked):
        raise signed_out()
    _demand_welcome(held, keys)
    if generation < held.first or held.expires_at <= now:
        raise signed_out()
    fresh = now - held.rotated_at < dt.timedelta(seconds=REPEAT_S)
    if generation >= held.generation:  # above it only where the database came back from a backup
        connection.execute(
            "UPDATE sign_in SET generation = %s, heard = %s, rotated_at = %s, expires_at = %s"
            " WHERE device = %s",
            (generation + 1, generation, now, now + dt.timedelta(days=SIGN_IN_DAYS), device),
        )
    elif generation < held.generation - 1 or (held.heard >= held.generation and not fresh):
        end(connection, device, now=now)
        return None
    return _tokens(keys, device, generation + 1, now)


def demand_ours(keys: ServerKeys, asked: enrolment.TokenRequest) -> None:
    """Demand a refresh token that this server made for the device, which needs no look-up.

    Raises:
        Denied: 401 ``signed-out``.
    """
    content = _opened(keys, b"refresh", asked.refresh, _REFRESH, _REFRESH_MAC)
    if content is None or content[0] != asked.device:
        raise signed_out()


def end(connection: psycopg.Connection, device: int, *, now: dt.datetime) -> None:
    """End a device's sign-in; its tokens are worth nothing from now on."""
    connection.execute(
        "UPDATE sign_in SET ended_at = %s WHERE device = %s AND ended_at IS NULL", (now, device)
    )


def heard(connection: psycopg.Connection, device: int) -> bool:
    """Tell whether the device has shown that it received the tokens of its sign-in."""
    row = connection.execute("SELECT heard >= first FROM sign_in WHERE device = %s", (device,)).fetchone()
    return bool(row and row[0])


def revoked(device: int, wipe_at: int | None, keys: ServerKeys) -> Denied:
    """Build the answer to a revoked device, with the signed order to wipe if it was given."""
    order = wipe_at and protocol.WipeOrder(device, wipe_at, keys.sign(f"wipe {device} {wipe_at}".encode()))
    text = "这台设备已被停用，请联系管理员"
    return Denied(403, "revoked", text, wipe=order or None)


def signed_out() -> Denied:
    """Build the answer to somebody the server does not know, or knows no longer."""
    return Denied(401, "signed-out", "登录已失效，请重新登录；本机的修改都还在")


def _expired() -> Denied:
    return Denied(401, "expired")


def _sign_in(connection: psycopg.Connection, device: int, *, locked: bool = False) -> SignIn:
    row = connection.execute(_SELECT + _LOCKED * locked, (device,)).fetchone()
    if row is None:
        raise signed_out()
    return SignIn(*row)


def _demand_welcome(held: SignIn, keys: ServerKeys) -> None:
    if held.revoked_at:
        raise revoked(held.number, held.wipe_at, keys)
    if held.disabled_at or held.ended_at:
        raise signed_out()


def _signed(sign_key: bytes, asked: enrolment.TokenRequest) -> bool:
    message = f"{asked.device} {asked.refresh} {asked.now}".encode()
    try:
        Ed25519PublicKey.from_public_bytes(sign_key).verify(bytes.fromhex(asked.signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _tokens(keys: ServerKeys, device: int, generation: int, now: dt.datetime) -> enrolment.Tokens:
    expiry = int(now.timestamp()) + ACCESS_SECONDS
    access = _sealed(keys, b"access", _ACCESS.pack(device, generation, expiry), _ACCESS_MAC)
    refresh_token = _sealed(keys, b"refresh", _REFRESH.pack(device, generation), _REFRESH_MAC)
    return enrolment.Tokens(refresh_token, access, ACCESS_SECONDS)


def _sealed(keys: ServerKeys, purpose: bytes, content: bytes, length: int) -> str:
    sealed = content + hmac.digest(keys.token, purpose + content, hashlib.sha256)[:length]
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _opened(
    keys: ServerKeys, purpose: bytes, token: str, form: struct.Struct, length: int
) -> tuple[int, ...] | None:
    """Return the numbers in a token, or None if this server did not make it in exactly this form."""
    try:
        content = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))[: form.size]
    except (binascii.Error, ValueError):
        return None
    if len(content) != form.size or not hmac.compare_digest(
        _sealed(keys, purpose, content, length).encode(), token.encode()
    ):
        return None
    return form.unpack(content)
