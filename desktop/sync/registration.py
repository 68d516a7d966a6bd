"""Joining a server and leaving it: how a workspace that worked alone becomes one of an agency's.

What the workspace has is simply sent afterwards; nobody is asked which side to keep.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from desktop.models import settings
from desktop.models.outgoing import outbox
from desktop.sync import frames, late, sealing
from desktop.sync.credentials import JOINED, Credentials
from desktop.sync.failpoints import failpoint
from desktop.sync.session import JSON_HEADERS, Session, registered
from desktop.sync.troubles import (
    BusyError,
    MissingError,
    OfflineError,
    RevokedError,
    SignedOutError,
    SyncError,
    TooOldError,
    WrongServerError,
)
from domain.enrolment import Invitation, Registered, Registration
from domain.problems import Problem, Refusal, refuse
from domain.protocol import DEVICES_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop.models.store import Store
    from desktop.sync.credentials import Vault
    from desktop.sync.transport import Transport

EXTENSION: Final = ".tdinvite"
BYTES_AT_MOST: Final = 64 * 1024
SHORTEST_PASSWORD: Final = 12
"""Characters; GB/T 39786-2021 leaves the length to the operator, 12 is the usual least today."""
PIN_DIGITS: Final = 64

WORDS: Final[dict[type[SyncError], str]] = {
    OfflineError: "连不上服务器，请检查网络后再试",
    BusyError: "服务器正忙，请几分钟后再试",
    SignedOutError: "邀请码、账号或密码不对，或邀请已用过、已过期；请向管理员索取新的邀请",
    RevokedError: "这台设备已被管理员停用，请联系管理员",
    TooOldError: "程序版本太旧，服务器已不再接受，请先升级",
    WrongServerError: "对方不是邀请中的服务器（证书不符或地址不是 https），请向管理员核实邀请文件",
    MissingError: "这个地址没有技转工作台的服务，请向管理员核实邀请文件",
}
"""What a person reads when joining or leaving did not succeed."""


def read_invitation(path: Path) -> Invitation:
    """Read the file an administrator hands to a new user.

    Raises:
        Refusal: it cannot be read, or is no invitation; with everything that is wrong with it.
    """
    try:
        if path.stat().st_size > BYTES_AT_MOST:
            raise refuse("invitation", "plain", why=f"“{path.name}”太大，不是邀请文件，例如 张三{EXTENSION}")
        invitation = msgspec.json.decode(path.read_bytes(), type=Invitation)
    except OSError as error:
        raise refuse(
            "invitation", "plain", why=f"读不到邀请文件“{path.name}”，例如 张三{EXTENSION}"
        ) from error
    except frames.MALFORMED as error:
        why = f"“{path.name}”不是完整的邀请文件，请向管理员重新索取，例如 张三{EXTENSION}"
        raise refuse("invitation", "plain", why=why) from error
    found = list(_unfit(invitation))
    if found:
        raise Refusal(found)
    return invitation


def _unfit(invitation: Invitation) -> list[Problem]:
    wrong = {
        "server": (
            not invitation.server.startswith(("https://", "http://")),
            "邀请中的服务器地址不完整，例如 https://desk.example.cn",
        ),
        "code": (not invitation.code, "邀请中没有邀请码，例如 K7PQ-9XMD-2R4T"),
        "pin": (
            bool(invitation.pin) and not _is_hex(invitation.pin, PIN_DIGITS),
            "邀请中的证书指纹应为 64 位十六进制数字，例如 9f86d081…",
        ),
        **{
            field: (
                bool(key) and not _is_hex(key, PIN_DIGITS),
                "邀请中的服务器公钥应为 64 位十六进制数字，例如 d75a9801…",
            )
            for field, key in (("server_key", invitation.server_key), ("seal_key", invitation.seal_key))
        },
    }
    return [Problem(field, "plain", {"why": why}) for field, (bad, why) in wrong.items() if bad]


def _is_hex(text: str, digits: int) -> bool:
    return len(text) == digits and all(digit in "0123456789abcdefABCDEF" for digit in text)


def register(
    store: Store,
    vault: Vault,
    invitation: Invitation,
    *,
    label: str,
    password: str,
    account: str = "",
    connect: Callable[[str, str], Transport] = late.connect,
) -> Credentials:
    """Make this workspace a device of the invitation's server.

    With ``account`` an existing account logs in with its password; without, the invitation's code is used
    up and the password becomes the account's. Asking again after a lost answer gives the same device.

    Raises:
        Refusal: the password is too short, the server says no or is not there, the workspace belongs to
            another organisation.
    """
    keys, asked = words(store, vault, invitation, label=label, password=password, account=account)
    told = _asked(connect, invitation, asked)
    failpoint("registered")
    if invitation.server_key and told.server_key.lower() != invitation.server_key.lower():
        raise refuse("server", "plain", why=WORDS[WrongServerError])
    return keep(store, vault, keys, told, until=time.time() + told.access_seconds)


def sign_in(
    store: Store,
    vault: Vault,
    *,
    label: str,
    password: str,
    account: str = "",
    connect: Callable[[str, str], Transport] = late.connect,
) -> Credentials:
    """Let a device in again whose sign-in has run out; it stays the device it was, and sends what waits.

    The server is the one it knows, so no invitation is needed. ``account`` is a login; without, the one that
    the server told.

    Raises:
        Refusal: the login or the password is missing, the device has no keys any more, or as ``register``.
    """
    held = None
    with contextlib.suppress(SignedOutError):
        held = vault.read()
    if held is None:
        raise refuse(
            "invitation", "plain", why=f"本机没有登录过服务器，请用邀请文件接入，例如 张三{EXTENSION}"
        )
    account = account or held.login
    missing = [
        Problem(field, "plain", {"why": why})
        for field, given, why in (
            ("account", account, "请填写账号的登录名，例如 zhangsan"),
            ("password", password, "请填写账号的密码；忘记了请向管理员索取新的邀请"),
        )
        if not given
    ]
    if missing:
        raise Refusal(missing)
    known = Invitation(
        server=held.server,
        organisation=held.organisation_name,
        code="",
        name=held.name,
        expires="",
        pin=held.pin,
        server_key=held.server_key,
        seal_key=held.server_seal_key,
    )
    return register(store, vault, known, label=label, password=password, account=account, connect=connect)


def words(
    store: Store, vault: Vault, invitation: Invitation, *, label: str, password: str, account: str
) -> tuple[Credentials, Registration]:
    """Return the device's keys, which are kept already, and what it says to be let in.

    Raises:
        Refusal: the password is too short, or the workspace belongs to another organisation.
    """
    if not account and len(password) < SHORTEST_PASSWORD:
        why = f"密码至少 {SHORTEST_PASSWORD} 位，现有 {len(password)} 位，例如四个不相干的词"
        raise refuse("password", "plain", why=why)
    if not account:  # before the invitation is used up; it knows the organisation by name only
        _demand_same_organisation(store, "name", invitation.organisation)
    keys = _keys(vault, invitation, again=bool(account))
    return keys, Registration(
        sign_key=sealing.public_sign_key(keys.sign_key),
        seal_key=sealing.public_seal_key(keys.seal_key),
        label=label,
        code="" if account else invitation.code,
        account=account,
        password=password,
    )


def _keys(vault: Vault, invitation: Invitation, *, again: bool) -> Credentials:
    """Return the keys to register with, kept before they are sent: a lost answer must not lose them."""
    with contextlib.suppress(SignedOutError):
        held = vault.held()
        # A device that logs in again stays the device it was.
        if held and held.server == invitation.server and (again or not held.finished):
            return replace(held, pin=invitation.pin)
    made = Credentials(
        server=invitation.server,
        pin=invitation.pin,
        server_key="",
        server_seal_key="",
        device=0,
        account="",
        name="",
        role="",
        organisation="",
        organisation_name=invitation.organisation,
        sign_key=sealing.new_sign_key(),
        seal_key=sealing.new_seal_key(),
        refresh="",
    )
    vault.write(made)
    return made


def _asked(
    connect: Callable[[str, str], Transport], invitation: Invitation, asked: Registration
) -> Registered:
    with _refusing():
        transport = connect(invitation.server, invitation.pin)
        try:
            answer = transport.ask("POST", DEVICES_PATH, msgspec.json.encode(asked), headers=JSON_HEADERS)
        finally:
            transport.close()
        return registered(answer.content)


def keep(
    store: Store, vault: Vault, keys: Credentials, told: Registered, *, until: float = 0.0
) -> Credentials:
    """Keep who the device is now; a new device's batches are numbered from the beginning.

    The access token is good ``until`` then; one that came on a stick has run out.

    Raises:
        Refusal: the workspace belongs to another organisation.
    """
    _demand_same_organisation(store, "organisation", told.organisation)
    with store.write(applying=True) as connection:
        joined = settings.read(connection, JOINED) or {}
        if joined.get("device") != told.device:
            outbox.renumber(connection, 0)
        facts = {
            "organisation": told.organisation,
            "name": told.organisation_name,
            "device": told.device,
        }
        settings.write(connection, JOINED, facts)
        settings.write(connection, "user", told.name)  # histories name people as the server does
    credentials = replace(
        keys,
        server_key=told.server_key,
        server_seal_key=told.seal_key,
        device=told.device,
        account=told.account,
        name=told.name,
        role=told.role,
        organisation=told.organisation,
        organisation_name=told.organisation_name,
        refresh=told.refresh,
        access=told.access,
        access_until=until,
        login=told.login,
    )
    vault.write(credentials)
    return credentials


def _demand_same_organisation(store: Store, fact: str, told: str) -> None:
    with store.read() as connection:
        joined: dict[str, Any] | None = settings.read(connection, JOINED)
    if joined and told and joined[fact] != told:
        why = (
            f"本工作区的记录属于“{joined['name']}”，不能加入另一个机构；"
            "请为新机构新建工作区，例如 transfer-desk --data-dir 新文件夹 join 邀请文件"
        )
        raise refuse("organisation", "plain", why=why)


def leave(vault: Vault, *, connect: Callable[[str, str], Transport] = late.connect) -> None:
    """Take this device out of the server's list and forget the credentials; every record stays here.

    Raises:
        Refusal: no server was joined, or it cannot be reached.
    """
    credentials = None
    with contextlib.suppress(SignedOutError):
        credentials = vault.read()
        if credentials is None:
            raise refuse("server", "plain", why="本工作区没有加入服务器")
    if credentials is not None:
        with _refusing():
            transport = connect(credentials.server, credentials.pin)
            try:
                with contextlib.suppress(SignedOutError, RevokedError):  # it has forgotten us already
                    Session(transport, vault, credentials).ask("DELETE", DEVICES_PATH)
            finally:
                transport.close()
    vault.drop()


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """Turn what went wrong with the server into words for the user."""
    try:
        yield
    except SyncError as error:
        why = error.words or WORDS.get(type(error))
        if why is None:
            raise
        raise refuse("server", "plain", why=why) from error
