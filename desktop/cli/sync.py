"""Commands of sync: join a server, sync once, see how things stand, leave, and carry bundles by hand."""

from __future__ import annotations

import dataclasses
import getpass
import os
import platform
import sys
from typing import TYPE_CHECKING, Any, Final

from desktop.cli.workspace import refusal, tell

if TYPE_CHECKING:
    import argparse

    from desktop.services.desk import Desk
    from desktop.services.server_link import ServerLink
    from desktop.sync.credentials import Credentials

PASSWORD: Final = "TRANSFER_DESK_PASSWORD"  # noqa: S105 - the name of a variable
SIGNED_OUT: Final = "登录已过期，请执行 transfer-desk join 重新登录；本机的修改都还在"
TROUBLE: Final = "连不上服务器，或服务器没有接受；本机的修改都还在，稍后再试"


def join(desk: Desk, arguments: argparse.Namespace) -> None:
    """Make the workspace a device of the invitation's server; without one, sign in again where it is one.

    Raises:
        Refusal: the invitation or the password is not good, or the server declines.
    """
    from desktop.sync import registration, stick_joining

    link = _link(desk)
    invitation = registration.read_invitation(arguments.invitation) if arguments.invitation else None
    told: dict[str, Any] = {
        "label": arguments.label or platform.node() or "工作台",
        "password": _password(new=not (arguments.account or invitation is None)),
        "account": arguments.account or "",
    }
    if invitation is None:
        if arguments.stick:
            raise refusal(
                "写出接入请求要有邀请文件，例如 transfer-desk join 张三.tdinvite --stick 请求.tdsync"
            )
        _tell_joined(arguments, registration.sign_in(desk.store, link.vault, **told))
        return
    if arguments.stick:
        stick_joining.ask(desk.store, link.vault, invitation, arguments.stick, **told)
        words = f"已写出接入请求：{arguments.stick}；请管理员用 bundle answer 处理，再用 bundle in 读入回复"
        tell(arguments, {"request": str(arguments.stick)}, words)
        return
    made = registration.register(desk.store, link.vault, invitation, **told)
    _tell_joined(arguments, made)


def sync(desk: Desk, arguments: argparse.Namespace) -> None:
    """Sync once, or with ``status`` say how things stand without asking the server.

    Raises:
        Refusal: no server was joined, it cannot be reached, or it takes nothing from so old a program.
    """
    link = _link(desk)
    if arguments.what == "status":
        _status(desk, link, arguments)
    else:
        _sync(desk, link, arguments)


def leave(desk: Desk, arguments: argparse.Namespace) -> None:
    """Leave the server; every record stays.

    Raises:
        Refusal: no server was joined, or it cannot be reached.
    """
    from desktop.sync import registration

    registration.leave(_link(desk).vault)
    tell(arguments, {"left": True}, "已退出服务器，记录都留在本机")


def bundle(desk: Desk, arguments: argparse.Namespace) -> None:
    """Write what waits into a file for the server, or read the server's answer.

    Raises:
        Refusal: the file cannot be written, read or trusted.
    """
    from desktop.sync import stick_joining

    link = _link(desk)
    if arguments.direction == "out":
        out = link.carry_out(arguments.file)
        facts: dict[str, Any] = dataclasses.asdict(out)
        rest = f"，还有 {out.left} 条记录待下一包" if out.left else ""
        rest += f"，{out.too_large} 个附件太大，联网后上传" if out.too_large else ""
        tell(arguments, facts, f"已写出 {out.edits} 处修改、{out.files} 个附件{rest}：{arguments.file}")
    elif stick_joining.is_welcome(arguments.file):
        _tell_joined(arguments, stick_joining.read_welcome(desk.store, link.vault, arguments.file))
    else:
        taken = link.carry_in(arguments.file)
        facts = {"received": taken.received, "sent": taken.sent, "conflicts": taken.conflicts}
        sentence = f"已读入：服务器收下 {taken.sent} 处修改，新到 {taken.received} 条记录"
        tell(arguments, facts, f"{sentence}{_disputed(taken.conflicts)}")


def _tell_joined(arguments: argparse.Namespace, made: Credentials) -> None:
    facts = {"device": made.device, "name": made.name, "organisation": made.organisation_name}
    tell(arguments, facts, f"已加入 {made.organisation_name}：{made.name}，设备编号 {made.device}")


def _sync(desk: Desk, link: ServerLink, arguments: argparse.Namespace) -> None:
    from desktop.services.after_sync import settle_after_sync
    from desktop.sync.once import sync_once
    from desktop.sync.status import TOO_OLD
    from desktop.sync.troubles import SignedOutError, SyncError

    credentials = _credentials(link)
    try:
        taken = sync_once(
            desk.store,
            desk.blobs,
            link.vault,
            credentials,
            build=link.build,
            on_trust=link.trusted,
            own_trust=link.own_trust,
            now=desk.clock,
        )
    except SignedOutError as error:
        raise refusal(SIGNED_OUT) from error
    except SyncError as error:
        raise refusal(error.words or f"{TROUBLE}（{error}）") from error
    if taken.touched:
        settle_after_sync(desk, touched=taken.touched)
    facts = {"sent": taken.sent, "received": taken.received, "conflicts": taken.conflicts}
    sentence = f"上传 {taken.sent} 处修改，收到 {taken.received} 条记录{_disputed(taken.conflicts)}"
    warned = [notice.text for notice in taken.notices if notice.code == TOO_OLD]
    tell(arguments, facts, sentence if warned else f"同步完成：{sentence}")
    if warned:  # it has received, but nothing was sent: a script must not take that for done
        raise refusal(warned[0])


def _status(desk: Desk, link: ServerLink, arguments: argparse.Namespace) -> None:
    from desktop.models import sync_state
    from desktop.models.outgoing import outbox
    from desktop.sync.troubles import SignedOutError

    with desk.store.read() as connection:
        counts = outbox.counts(connection)
        runs = sync_state.runs(connection, 1)
    try:
        held = link.vault.read()
        place = f"{held.organisation_name}（{held.server}）" if held else "没有加入服务器"
    except SignedOutError:
        held, place = None, "登录已失效，请重新登录"
    facts = {
        "joined": held is not None,
        "server": held.server if held else "",
        "last": runs[0].at if runs else None,
        **dataclasses.asdict(counts),
    }
    words = (
        f"{place}；待上传 {counts.waiting}，上传中 {counts.in_flight}，"
        f"被退回 {counts.refused}，冲突 {counts.conflicts}"
    )
    tell(arguments, facts, words)


def _disputed(conflicts: int) -> str:
    return f"，{conflicts} 处冲突待处理" if conflicts else ""


def _link(desk: Desk) -> ServerLink:
    from desktop import app
    from desktop.models.keys import system_keyring
    from desktop.services.server_link import ServerLink

    return ServerLink(desk, system_keyring(), app.version())


def _credentials(link: ServerLink) -> Credentials:
    from desktop.sync.troubles import SignedOutError

    try:
        held = link.vault.read()
    except SignedOutError as error:
        raise refusal(
            "登录信息已不在系统钥匙串中，请执行 transfer-desk join 邀请文件 --account 账号 重新接入"
        ) from error
    if held is None:
        raise refusal("本工作区没有加入服务器，请先执行 transfer-desk join 邀请文件")
    return held


def _password(*, new: bool) -> str:
    """Return the password from the environment, or ask for it on a terminal.

    Raises:
        Refusal: there is neither.
    """
    told = os.environ.get(PASSWORD)
    if told:
        return told
    if not sys.stdin.isatty():
        raise refusal(f"需要密码：请在环境变量 {PASSWORD} 中给出")
    typed = getpass.getpass("新密码：" if new else "密码：")
    if new and getpass.getpass("再输一次：") != typed:
        raise refusal("两次输入的密码不同，请重来")
    return typed
