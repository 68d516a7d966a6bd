"""The command that answers a device without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.accounts import server_keys
from server.accounts.requests import now
from server.cli.installation import database_of
from server.sync import bundles

if TYPE_CHECKING:
    import argparse


def answer(arguments: argparse.Namespace) -> None:
    """Take in a device's bundle and write the answer to carry back."""
    with database_of(arguments) as database:
        with database.connection() as connection:
            keys = server_keys.ensure(connection)
        caller = bundles.answer_file(database, keys, arguments.file, arguments.out, now=now())
    print(f"已处理设备 {caller.device}（{caller.label}）的数据包，回复在“{arguments.out}”")
