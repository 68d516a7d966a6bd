"""Commands about organisations, accounts and invitations."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

from domain.scopes import ROLE_LABELS
from server.accounts import accounts, invitations, organisations, server_keys
from server.accounts.organisations import KIND_LABELS
from server.accounts.requests import now
from server.cli.installation import connected, show
from server.operations.private_files import write_private

if TYPE_CHECKING:
    import argparse


def add_organisation(arguments: argparse.Namespace) -> None:
    """Add an organisation."""
    with connected(arguments) as connection:
        made = organisations.add(connection, arguments.name, arguments.kind, now=now())
    print(f"已新建机构“{made.name}”（{KIND_LABELS[made.kind]}）")


def list_organisations(arguments: argparse.Namespace) -> None:
    """List the organisations."""
    with connected(arguments) as connection:
        found = organisations.listed(connection)
    rows = [(one.name, KIND_LABELS[one.kind], one.accounts, one.devices) for one in found]
    show(arguments, ("机构", "类别", "账号", "设备"), rows)


def add_account(arguments: argparse.Namespace) -> None:
    """Add an account."""
    with connected(arguments) as connection:
        home = organisations.named(connection, arguments.organisation)
        made = accounts.add(
            connection,
            home.id,
            login=arguments.login,
            name=arguments.name,
            role=arguments.role,
            now=now(),
        )
    print(f"已新建账号“{made.login}”（{made.organisation_name}，{ROLE_LABELS[made.role]}）")


def list_accounts(arguments: argparse.Namespace) -> None:
    """List the accounts."""
    with connected(arguments) as connection:
        found = accounts.listed(connection)
    rows = [(one.organisation_name, one.login, one.name, ROLE_LABELS[one.role], _state(one)) for one in found]
    show(arguments, ("机构", "登录名", "姓名", "角色", "状态"), rows)


def disable(arguments: argparse.Namespace) -> None:
    """Shut an account out."""
    with connected(arguments) as connection:
        accounts.disable(connection, accounts.with_login(connection, arguments.login), now=now())
    print(f"已停用账号“{arguments.login}”")


def enable(arguments: argparse.Namespace) -> None:
    """Let an account in again."""
    with connected(arguments) as connection:
        account = accounts.with_login(connection, arguments.login)
        accounts.disable(connection, account, disabled=False, now=now())
    print(f"已恢复账号“{arguments.login}”")


def password(arguments: argparse.Namespace) -> None:
    """Give an account a new password: never an argument, for others could read it there."""
    new = getpass.getpass("新密码：") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    with connected(arguments) as connection:
        accounts.change_password(connection, accounts.with_login(connection, arguments.login), new, now=now())
    print(f"已更改“{arguments.login}”的密码")


def invite(arguments: argparse.Namespace) -> None:
    """Write an invitation."""
    with connected(arguments) as connection:
        account = accounts.with_login(connection, arguments.login)
        door = invitations.door(connection, server_keys.ensure(connection))
        made = invitations.invite(connection, account, door, now=now(), days=arguments.days)
        write_private(arguments.out, invitations.file(made))
    print(
        f"已写出邀请文件“{arguments.out}”，{arguments.days} 天内有效，只能用一次；请当面或用可信方式交给本人"
    )


def _state(account: accounts.Account) -> str:
    if account.disabled_at:
        return "已停用"
    return "使用中" if account.password else "待加入"
