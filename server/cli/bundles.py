"""The command that answers a device without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.accounts import server_keys
from server.accounts.requests import now
from server.attachments.blob_store import open_store
from server.attachments.blobs import Blobs
from server.attachments.carried import Carrier
from server.cli.installation import database_of, settings_of
from server.sync import bundles

if TYPE_CHECKING:
    import argparse


def answer(arguments: argparse.Namespace) -> None:
    """Take in a device's bundle and write the answer to carry back."""
    with database_of(arguments) as database:
        with database.connection() as connection:
            keys = server_keys.ensure(connection)
        files = Carrier(Blobs(database, open_store(settings_of(arguments)), keys))
        caller = bundles.answer_file(database, keys, files, arguments.file, arguments.out, now=now())
    print(f"已处理设备 {caller.device}（{caller.label}）的传递包，回复在“{arguments.out}”")
