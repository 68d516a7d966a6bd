"""How a device comes in: with an invitation and a new password, or with a login and its password.

The answer may be lost on the way, so the same words with the same key give the same device again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain import enrolment
from domain.problems import Refusal
from domain.scopes import RIGHTS
from server.accounts import accounts, devices, invitations, limits, passwords, tokens
from server.accounts.server_keys import KEY_BYTES
from server.denials import Denied
from server.failpoints import failpoint

if TYPE_CHECKING:
    import datetime as dt

    import psycopg

    from server.accounts.accounts import Account
    from server.accounts.server_keys import ServerKeys
    from server.caller import Caller
    from server.postgres.database import Database

_LABEL: Final = 100


def register(
    database: Database, keys: ServerKeys, asked: enrolment.Registration, *, address: str, now: dt.datetime
) -> enrolment.Registered:
    """Let a device in and say who it is from now on.

    Raises:
        Denied: 400 malformed or weak password, 401 wrong words, 403 not permitted, 429 too many tries.
    """
    _demand_keys(asked)
    if asked.code:
        account, held, stored = _by_invitation(database, asked, now)
    else:
        found = proven(database, keys, asked.account, asked.password, address=address, now=now)
        if found is None:
            raise Denied(401, "wrong-login", "登录名或密码不对，或账号已停用")
        account, held, stored = found, None, ""
    if not RIGHTS[account.role]:
        raise Denied(403, "no-desk", "这个角色不使用工作台，请用浏览器打开服务器的管理页面")
    with database.connection() as connection:
        number = _device(connection, keys, account, asked, now)
        if held:
            belongs = invitations.use(connection, held, number, now=now)
            if not belongs or tokens.heard(connection, number):
                raise _no_invitation()
        if stored:
            accounts.set_password(connection, account.id, stored)
        given = tokens.begin(connection, keys, number, now=now)
        failpoint("registering")
    failpoint("registered")
    return _registered(keys, account, number, given)


def succeed(
    database: Database, keys: ServerKeys, caller: Caller, incarnation: int, *, now: dt.datetime
) -> enrolment.Registered:
    """Let a copied or restored store go on as a device of its own, with the same account and keys.

    Asking again for the same incarnation gives the same device and tokens.

    Raises:
        Denied: 400 the incarnation cannot be, 429 too often.
    """
    if not 0 < incarnation < 1 << 63:
        raise Denied(400, "malformed", "请求格式不正确")
    with database.connection() as connection:
        limits.take(connection, keys, limits.DEVICE, str(caller.device), now=now)
    with database.connection() as connection:
        number = devices.succeed(connection, caller.device, incarnation, now=now)
        account = accounts.of_device(connection, number)
        given = tokens.again(connection, keys, number, now=now)
        failpoint("succeeding")
    failpoint("succeeded")
    return _registered(keys, account, number, given)


def _registered(
    keys: ServerKeys, account: Account, number: int, given: enrolment.Tokens
) -> enrolment.Registered:
    return enrolment.Registered(
        device=number,
        account=str(account.id),
        name=account.name,
        role=account.role,
        organisation=str(account.organisation),
        organisation_name=account.organisation_name,
        refresh=given.refresh,
        access=given.access,
        access_seconds=given.access_seconds,
        server_key=keys.public_sign,
        seal_key=keys.public_seal,
        login=account.login,
    )


def proven(
    database: Database, keys: ServerKeys, login: str, password: str, *, address: str, now: dt.datetime
) -> Account | None:
    """Return the account of a login if the password is right and it is not disabled.

    No connection is held while the password is compared: that takes long on purpose.

    Raises:
        Denied: 429, this login was tried too often, or from this address.
    """
    with database.connection() as connection:
        limits.take(connection, keys, limits.ADDRESS, address, now=now)
        limits.take(connection, keys, limits.LOGIN, login.strip().lower(), now=now)
    with database.reading() as connection:
        account = accounts.find(connection, login)
    if not passwords.matches(account.password if account else None, password):
        return None
    if account is None or account.disabled_at:
        return None
    if account.password and passwords.dated(account.password):
        stored = passwords.hashed(password)
        with database.connection() as connection:
            accounts.set_password(connection, account.id, stored)
    return account


def _by_invitation(
    database: Database, asked: enrolment.Registration, now: dt.datetime
) -> tuple[Account, invitations.Held, str]:
    """Return the account invited, the invitation, and the hash of the new password ("" for a repetition)."""
    with database.reading() as connection:
        held = invitations.find(connection, asked.code, now=now)
        account = accounts.find(connection, held.login) if held else None
    if held is None or account is None or account.disabled_at:
        raise _no_invitation()
    if held.used_by is not None:
        if not passwords.matches(account.password, asked.password):
            raise _no_invitation()
        return account, held, ""
    try:
        passwords.demand_strong(asked.password, account.login)
    except Refusal as weak:
        raise Denied(400, "weak-password", weak.messages()[0]) from weak
    return account, held, passwords.hashed(asked.password)


def _device(
    connection: psycopg.Connection,
    keys: ServerKeys,
    account: Account,
    asked: enrolment.Registration,
    now: dt.datetime,
) -> int:
    """Return the number of the account's device with this key, added now if it is new."""
    sign_key = key(asked.sign_key)
    known = devices.known(connection, account.id, sign_key)
    if known:
        if known[1]:
            raise tokens.revoked(known[0], known[2], keys)
        return known[0]
    if devices.count(connection, account.id) >= devices.AT_MOST:
        raise Denied(403, "too-many-devices", f"一个账号最多 {devices.AT_MOST} 台设备，请先停用不用的")
    label = asked.label.strip()[:_LABEL] or "未命名设备"
    seal_key = key(asked.seal_key)
    return devices.add(connection, account.id, label=label, sign_key=sign_key, seal_key=seal_key, now=now)


def _demand_keys(asked: enrolment.Registration) -> None:
    """Demand two keys of the right form, before anything is counted or compared."""
    key(asked.sign_key)
    key(asked.seal_key)


def key(text: str) -> bytes:
    """Return a device's public key.

    Raises:
        Denied: 400, it has not the form of one.
    """
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != KEY_BYTES:
        raise Denied(400, "malformed", "设备公钥应为 64 位十六进制")
    return found


def _no_invitation() -> Denied:
    return Denied(401, "invitation", "邀请无效、已被使用或已过期，请向管理员索取新的邀请文件")
