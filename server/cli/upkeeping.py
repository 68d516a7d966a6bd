"""Commands for whoever looks after the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from server.accounts import server_keys
from server.accounts.requests import now
from server.attachments.blob_store import open_store
from server.attachments.blobs import Blobs
from server.cli.installation import connected, database_of, settings_of, show
from server.operations import certificates, upkeep
from server.operations import status as state
from server.operations.private_files import write_private

if TYPE_CHECKING:
    import argparse

_MB: Final = 1_000_000


def status(arguments: argparse.Namespace) -> None:
    """Say how the server is."""
    with connected(arguments) as connection:
        show(arguments, ("项目", "数值"), state.facts(connection))


def prune(arguments: argparse.Namespace) -> None:
    """Clear out."""
    with database_of(arguments) as database:
        with database.connection() as connection:
            keys = server_keys.ensure(connection)
        blobs = Blobs(database, open_store(settings_of(arguments)), keys)
        gone = upkeep.prune(database, blobs, days=arguments.days, now=now())
    print(f"已清除 {gone.attachments} 个无人引用的附件，共 {gone.size / _MB:.1f} MB")


def restored(arguments: argparse.Namespace) -> None:
    """Tell devices that the database comes from a backup."""
    with connected(arguments) as connection:
        scopes = upkeep.restored(connection, now=now())
    print(f"{scopes} 个范围已换新纪元；设备下次同步时会核对，并补送备份之后的修改")


def certificate(arguments: argparse.Namespace) -> None:
    """Make a self-signed certificate."""
    public, private = certificates.self_signed(arguments.names, now())
    paths = arguments.out / "server.crt", arguments.out / "server.key"
    for path, content in zip(paths, (public, private), strict=True):
        write_private(path, content)
    print(f"已写出“{paths[0]}”和“{paths[1]}”；邀请文件会带上它的指纹：")
    print(f"  {certificates.pin(paths[0])}")
    print(f"  transfer-desk-server serve --host 0.0.0.0 --tls-cert {paths[0]} --tls-key {paths[1]} …")
