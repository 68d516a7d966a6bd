"""Commands about devices and the number blocks they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.problems import refuse
from server.accounts import blocks, devices
from server.accounts.requests import now
from server.cli.installation import connected, show

if TYPE_CHECKING:
    import argparse


def list_devices(arguments: argparse.Namespace) -> None:
    """List the devices."""
    with connected(arguments) as connection:
        found = devices.listed(connection)
    titles = ("编号", "设备", "登录名", "机构", "版本", "最近同步", "停用", "擦除送达")
    rows = [
        (
            one.number,
            one.label,
            one.login,
            one.organisation,
            one.build,
            one.seen_at,
            one.revoked_at,
            one.wipe_told_at or ("待送达" if one.wipe_at else None),
        )
        for one in found
    ]
    show(arguments, titles, rows)


def revoke(arguments: argparse.Namespace) -> None:
    """Shut a device out."""
    with connected(arguments) as connection:
        devices.revoke(connection, arguments.number, wipe=arguments.wipe, now=now())
    print(f"已停用设备 {arguments.number}" + "；下次联网时擦除" * arguments.wipe)


def list_blocks(arguments: argparse.Namespace) -> None:
    """List the number blocks."""
    with connected(arguments) as connection:
        found = blocks.listed(connection)
    titles = ("号段", "机构", "系列", "起", "止", "设备", "状态", "发放时间")
    rows = [
        (b.id, b.organisation, b.series, b.first, b.last, b.device, blocks.STATES[b.state], b.granted_at)
        for b in found
    ]
    show(arguments, titles, rows)


def grant(arguments: argparse.Namespace) -> None:
    """Give a device the next block of a series; it fetches it at its next sync."""
    with connected(arguments) as connection:
        owner = connection.execute(
            "SELECT organisation FROM device JOIN account ON account.id = device.account"
            " WHERE number = %s AND revoked_at IS NULL",
            (arguments.number,),
        ).fetchone()
        if owner is None or not blocks.SERIES.fullmatch(arguments.series):
            raise refuse("号段", "plain", why="没有这台设备，或系列名称不对，例如 block grant 3 JJ2026")
        made = blocks.give(connection, owner[0], arguments.number, arguments.series, now=now())
    print(f"已发放 {made.series} 号段 {made.id}：{made.first} 至 {made.last}")


def take_back(arguments: argparse.Namespace) -> None:
    """Take back what a device did not use of a block."""
    with connected(arguments) as connection:
        blocks.take_back(connection, arguments.block, arguments.first_unused, now=now())
    print(f"号段 {arguments.block} 自 {arguments.first_unused} 起已交回")
