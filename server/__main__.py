"""The server's command line: what there is to type, and nothing of what it does."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import platformdirs

from domain.scopes import ROLES
from server import cli
from server.accounts.invitations import DAYS as INVITATION_DAYS
from server.accounts.organisations import Kind
from server.cli.serving import FIRST_ORGANISATION
from server.operations.upkeep import DAYS as PRUNE_DAYS
from server.settings import PREFIX, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION: Final = "0.1.0"


def parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    """Return the whole command line; what it does not say is taken from the environment."""
    told = Settings.from_environment({f"{PREFIX}DATA_DIR": str(_own_folder()), **environment})
    top = argparse.ArgumentParser(
        prog="transfer-desk-server", description="技转工作台服务器：同步、账号、附件", allow_abbrev=False
    )
    top.add_argument("--version", action="version", version=f"transfer-desk-server {VERSION}")
    _add_places(top, told)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="命令", required=True)
    _add_serve(commands, told)
    _add_people(commands)
    _add_machines(commands)
    _add_upkeep(commands)
    return top


def _add_places(parser: argparse.ArgumentParser, told: Settings | None = None) -> None:
    """Let it be said where the data are; said again behind a command it counts there."""
    for name, kind, metavar, words in (
        ("data_dir", Path, "DIR", "数据文件夹"),
        ("database", str, "URL", "postgresql://…，默认用自带的 PostgreSQL"),
        ("blobs", str, "URL", "附件存放处，例如 s3://桶/前缀，默认在数据文件夹"),
    ):
        flag, default = f"--{name.replace('_', '-')}", getattr(told, name, argparse.SUPPRESS)
        parser.add_argument(flag, type=kind, metavar=metavar, default=default, help=words)


def _add_serve(commands: Any, told: Settings) -> None:
    serve = commands.add_parser("serve", help="启动服务器；首次启动会建好机构、账号和邀请文件")
    _add_places(serve)
    serve.add_argument("--host", default=told.host, help="监听地址，默认只供本机")
    serve.add_argument("--port", type=int, default=told.port)
    serve.add_argument("--workers", type=int, default=told.workers, metavar="N", help="进程数")
    serve.add_argument("--pool", type=int, default=told.pool, metavar="N", help="每个进程的数据库连接数")
    serve.add_argument("--tls-cert", type=Path, default=told.tls_cert, metavar="PEM", help="证书（含链）")
    serve.add_argument("--tls-key", type=Path, default=told.tls_key, metavar="PEM", help="证书的私钥")
    serve.add_argument(
        "--behind-proxy", action="store_true", default=told.behind_proxy, help="TLS 由前置的反向代理负责"
    )
    serve.add_argument("--url", metavar="URL", help="写进邀请文件的对外地址，例如 https://sync.example.cn")
    serve.add_argument(
        "--first-organisation", metavar="NAME", default=FIRST_ORGANISATION, help="首次启动时所建机构的名称"
    )


def _add_people(commands: Any) -> None:
    organisation = _group(commands, "organisation", "机构")
    add = organisation.add_parser("add", help="新建机构")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--kind", choices=get_args(Kind), default="agency", help="机构或主管部门")
    _listing(organisation)

    account = _group(commands, "account", "账号")
    add = account.add_parser("add", help="新建账号（没有密码，用 invite 邀请本人设定）")
    add.add_argument("login", metavar="LOGIN")
    add.add_argument("--organisation", required=True, metavar="NAME")
    add.add_argument("--name", required=True, metavar="NAME", help="姓名")
    add.add_argument("--role", required=True, choices=ROLES, metavar="ROLE", help="、".join(ROLES))
    _listing(account)
    for name, words in (
        ("disable", "停用"),
        ("enable", "恢复"),
        ("password", "更改密码（从终端或标准输入读取）"),
    ):
        account.add_parser(name, help=words).add_argument("login", metavar="LOGIN")

    invite = commands.add_parser("invite", help="写出邀请文件，交给账号本人")
    invite.add_argument("login", metavar="LOGIN")
    invite.add_argument("--out", type=Path, required=True, metavar="FILE", help="例如 zhang.wei.tdinvite")
    invite.add_argument("--days", type=_days, default=INVITATION_DAYS, metavar="N", help="有效天数")


def _add_machines(commands: Any) -> None:
    device = _group(commands, "device", "设备")
    _listing(device)
    revoke = device.add_parser("revoke", help="停用丢失或退役的设备")
    revoke.add_argument("number", type=int, metavar="NUMBER")
    revoke.add_argument("--wipe", action="store_true", help="下次联网时销毁其本机密钥，不可撤回")

    block = _group(commands, "block", "号段")
    _listing(block)
    grant = block.add_parser("grant", help="给设备发放下一个号段")
    grant.add_argument("number", type=int, metavar="DEVICE")
    grant.add_argument("series", metavar="SERIES", help="例如 JJ2026")
    back = block.add_parser("return", help="交回号段中未用的号码，供再次发放")
    back.add_argument("block", type=int, metavar="BLOCK")
    back.add_argument("--from", dest="first_unused", type=int, required=True, metavar="NUMBER")


def _add_upkeep(commands: Any) -> None:
    state = commands.add_parser("status", help="查看服务器的数据情况")
    state.add_argument("--json", action="store_true")

    bundle = _group(commands, "bundle", "离线传递包（移动盘）")
    answer = bundle.add_parser("answer", help="读入设备的传递包，写出回复")
    answer.add_argument("file", type=Path, metavar="FILE")
    answer.add_argument("out", type=Path, metavar="OUT")

    prune = commands.add_parser("prune", help="清除无人引用的附件和过期的痕迹，可每天运行")
    prune.add_argument("--days", type=int, default=PRUNE_DAYS, metavar="N", help="无人引用多少天后清除")

    commands.add_parser("restored", help="从备份恢复数据库之后、重新启动之前运行一次")

    certificate = commands.add_parser("certificate", help="为内部网络自签一张证书")
    certificate.add_argument("names", nargs="+", metavar="NAME", help="服务器的主机名或 IP 地址")
    certificate.add_argument("--out", type=Path, required=True, metavar="DIR")


def _group(commands: Any, name: str, words: str) -> Any:
    return commands.add_parser(name, help=words).add_subparsers(
        dest="action", metavar="ACTION", title=words, required=True
    )


def _listing(group: Any) -> None:
    group.add_parser("list", help="列出").add_argument("--json", action="store_true")


def _days(text: str) -> int:
    """Read for how long an invitation is good: at least a day, or it would only void the one before it."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"有效天数“{text}”不对，例如 7")
    return int(text)


def _own_folder() -> Path:
    """Return where the data are when nobody says otherwise."""
    return platformdirs.user_data_path("transfer-desk-server", appauthor=False)


def main(argv: list[str] | None = None) -> int:
    """Run a command; 0 is done, 1 refused with reasons on stderr, 2 wrong usage."""
    return cli.run(parser(os.environ).parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
