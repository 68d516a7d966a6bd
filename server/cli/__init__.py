"""The server's commands: each opens the installation, does one thing in one transaction, and says so."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import psycopg

from domain.problems import Refusal
from server.cli import bundles, machines, people, serving, upkeeping
from server.postgres.migrate import NewerDatabaseError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

DONE, REFUSED = 0, 1

COMMANDS: dict[tuple[str, str | None], Callable[[argparse.Namespace], None]] = {
    ("serve", None): serving.serve,
    ("organisation", "add"): people.add_organisation,
    ("organisation", "list"): people.list_organisations,
    ("account", "add"): people.add_account,
    ("account", "list"): people.list_accounts,
    ("account", "disable"): people.disable,
    ("account", "enable"): people.enable,
    ("account", "password"): people.password,
    ("invite", None): people.invite,
    ("device", "list"): machines.list_devices,
    ("device", "revoke"): machines.revoke,
    ("block", "list"): machines.list_blocks,
    ("block", "grant"): machines.grant,
    ("block", "return"): machines.take_back,
    ("bundle", "answer"): bundles.answer,
    ("status", None): upkeeping.status,
    ("prune", None): upkeeping.prune,
    ("restored", None): upkeeping.restored,
    ("certificate", None): upkeeping.certificate,
}


def run(arguments: argparse.Namespace) -> int:
    """Carry out a command; 0 is done, 1 refused with the reasons on stderr."""
    try:
        COMMANDS[arguments.command, getattr(arguments, "action", None)](arguments)
    except Refusal as refused:
        return _refused(refused.messages())
    except psycopg.OperationalError as error:
        return _refused(
            [f"连不上数据库：{str(error).splitlines()[0]}", "请检查 --database 和 PostgreSQL 是否在运行"]
        )
    except NewerDatabaseError:
        return _refused(["数据库已由更新版本的服务器升级，请安装新版本；本版本没有改动任何数据"])
    return DONE


def _refused(lines: list[str]) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return REFUSED
