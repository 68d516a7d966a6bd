"""The program's door: read the command line, then import only what the chosen way needs."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import faulthandler
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import ModuleType

VERSION: Final = "0.1.0"
SELF_TEST_MS: Final = 10_000
CALCULATIONS: Final = (
    "credit_code",
    "citizen_id",
    "patent_number",
    "amount_in_capitals",
    "natural_days",
    "working_days",
    "share",
    "growth",
    "premium",
    "sum_check",
    "growth_reachable",
)


def parser() -> argparse.ArgumentParser:
    """Return the whole command line; no command opens the window."""
    top = argparse.ArgumentParser(prog="transfer-desk", description="技转工作台：离线优先的技术转移工作台")
    top.add_argument("--version", action="version", version=f"transfer-desk {VERSION}")
    top.add_argument("--data-dir", type=Path, metavar="DIR", help="工作区文件夹（可放在移动盘上）")
    top.add_argument("--self-test", type=Path, metavar="PNG", help="打开窗口，十秒后截图并退出")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="命令（不写命令则打开窗口）")

    demo = commands.add_parser("demo", help="新建工作区，导入真实公开名录，生成全部文件")
    demo.add_argument("--out", type=Path, required=True, metavar="DIR")

    take = commands.add_parser("import", help="导入 XLSX 或 CSV")
    take.add_argument("file", type=Path, metavar="FILE")
    take.add_argument(
        "--as", dest="record_type", required=True, metavar="TYPE", help="记录类型，例如 achievement"
    )
    take.add_argument("--dry-run", action="store_true", help="只检查，不写入")
    take.add_argument("--mapping", type=Path, metavar="FILE", help="列对应关系（JSON：表头 → 字段名）")
    take.add_argument(
        "--rejects-dir", type=Path, metavar="DIR", help="退回清单所在文件夹，默认与导入文件同处"
    )
    take.add_argument("--json", action="store_true")

    give = commands.add_parser("export", help="导出为 XLSX 或 CSV")
    give.add_argument("record_type", metavar="TYPE")
    give.add_argument("--out", type=Path, required=True, metavar="FILE")
    give.add_argument("--unmasked", action="store_true", help="个人信息不打码")
    give.add_argument("--json", action="store_true")

    search = commands.add_parser("search", help="在所有记录中查找")
    search.add_argument("text", metavar="TEXT")
    search.add_argument("--json", action="store_true")

    _add_papers(commands)
    _add_certificates(commands)
    _add_sync(commands)

    check = commands.add_parser("check", help="检查记录中的问题，并检查库文件")
    check.add_argument("record_type", nargs="?", metavar="TYPE")
    check.add_argument("record_id", nargs="?", metavar="ID")
    check.add_argument("--json", action="store_true")

    calc = commands.add_parser("calc", help="纯规则计算：标准输入每行一个 JSON，逐行输出结果")
    calc.add_argument("kind", choices=CALCULATIONS, metavar="KIND")
    return top


def _add_papers(commands: Any) -> None:
    """Add the commands that print."""
    for name, metavar, words in (
        ("certificate", "NUMBER", "打印证书（编号或姓名；不写则全部已签发的）"),
        ("evaluation", "AGENCY", "打印绩效数据表、报告、证据册或汇总表（机构名称）"),
        ("dossier", "DEAL", "打印交易案卷（项目名称、合同编号或登记编号）"),
    ):
        paper = commands.add_parser(name, help=words)
        paper.add_argument("which", nargs="?", metavar=metavar)
        paper.add_argument("--out", type=Path, required=True, metavar="FILE")
        paper.add_argument("--json", action="store_true")
        if name == "evaluation":
            choices = ("form", "report", "binder", "summary")
            paper.add_argument(
                "--paper", choices=choices, default="form", help="数据表、报告、证据册或年度汇总表"
            )


def _add_certificates(commands: Any) -> None:
    """Add the commands that issue certificates and tell whether one is genuine."""
    batch = commands.add_parser(
        "certificates", help="给一个班签发证书、制作并导出全部文件；中断后再运行即续做"
    )
    batch.add_argument("which", metavar="CLASS", help="培训班名称")
    batch.add_argument("--out", type=Path, required=True, metavar="DIR")
    batch.add_argument("--issuer", metavar="NAME", help="发证单位，默认取培训班的")
    batch.add_argument("--date", type=dt.date.fromisoformat, metavar="DAY", help="发证日期，默认今天")
    batch.add_argument("--valid-to", type=dt.date.fromisoformat, metavar="DAY", help="有效期至，默认长期")
    batch.add_argument("--template", metavar="NAME", help="证书样式，例如 classic")
    batch.add_argument("--json", action="store_true")

    verify = commands.add_parser("verify", help="验证证书真伪：PDF、二维码图片或二维码文本")
    verify.add_argument("what", metavar="FILE|TEXT")
    verify.add_argument("--trust", type=Path, metavar="FILE", help="只用这份信任名单，不打开工作区")
    verify.add_argument("--json", action="store_true")

    trust = commands.add_parser("trust", help="导出本工作区的信任名单，或导入别人的")
    trust.add_argument("direction", choices=("export", "import"))
    trust.add_argument("file", type=Path, metavar="FILE")
    trust.add_argument("--json", action="store_true")


def _add_sync(commands: Any) -> None:
    """Add the commands that speak with a server, or write and read what is carried to it by hand."""
    join = commands.add_parser(
        "join", help="凭邀请文件加入服务器（密码取自环境变量或终端）；登录过期时重新登录"
    )
    join.add_argument(
        "invitation", type=Path, nargs="?", metavar="INVITATION", help="邀请文件 .tdinvite；重新登录时不写"
    )
    join.add_argument("--account", metavar="LOGIN", help="已有账号的登录名：在第二台设备上登录")
    join.add_argument("--label", metavar="NAME", help="本设备的名称，默认取计算机名")
    join.add_argument("--stick", type=Path, metavar="FILE", help="不联网：写出接入请求，由移动盘带给管理员")
    join.add_argument("--json", action="store_true")

    sync = commands.add_parser("sync", help="同步一次；sync status 只看状态，不联网")
    sync.add_argument("what", nargs="?", choices=("status",))
    sync.add_argument("--json", action="store_true")

    leave = commands.add_parser("leave", help="退出服务器，记录都留在本机")
    leave.add_argument("--json", action="store_true")

    bundle = commands.add_parser("bundle", help="不联网的同步：写出给服务器的包，或读入服务器的应答包")
    bundle.add_argument("direction", choices=("out", "in"))
    bundle.add_argument("file", type=Path, metavar="FILE")
    bundle.add_argument("--json", action="store_true")


def composition_root() -> ModuleType:
    """Return ``desktop.app``; called in a worker, because its imports take a second."""
    from desktop import app

    return app


def main(argv: list[str] | None = None) -> int:
    """Run the program; 0 is done, 1 refused with reasons on stderr, 2 wrong usage."""
    arguments = parser().parse_args(argv)
    logging.basicConfig(level=os.environ.get("TRANSFER_DESK_LOG", "WARNING"), format="%(name)s: %(message)s")
    with contextlib.suppress(OSError, ValueError, AttributeError):  # no console: nowhere to report a crash
        faulthandler.enable()
    passphrase = os.environ.get("TRANSFER_DESK_PASSPHRASE") or None
    if arguments.command is None:
        from desktop import paths
        from desktop.ui import start

        return start.run(
            paths.data_dir(arguments.data_dir),
            passphrase,
            compose=composition_root,
            quit_after_ms=SELF_TEST_MS if arguments.self_test else None,
            screenshot=arguments.self_test,
        )
    from desktop import cli

    try:
        return cli.run(arguments, passphrase)
    except BrokenPipeError:  # whoever read our output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
