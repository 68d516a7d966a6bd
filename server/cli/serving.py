"""``serve``: never in the clear beyond this machine, ready at the first start, gone cleanly at SIGTERM."""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import shutil
import signal
import sys
from typing import TYPE_CHECKING, Any, Final

from domain.problems import refuse
from server.accounts import invitations, server_keys
from server.accounts.requests import now
from server.cli import listening
from server.cli.ending import EndingProtocol
from server.operations import certificates, first_start, installation, logs, metrics
from server.settings import Settings

if TYPE_CHECKING:
    import argparse

    from server.postgres.database import Database

FIRST_ORGANISATION: Final = "我的机构"
_APPLICATION: Final = "server.app:from_environment"
_GRACE_S: Final = 10
_KEEP_ALIVE_S: Final = 75
_START_S: Final = 60
"""A new worker that is not ready by then is given up; at SIGHUP an old one stays until its successor is."""
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - named in order to be refused


def serve(arguments: argparse.Namespace) -> None:
    """Run the server until it is told to stop.

    Raises:
        Refusal: it would speak in the clear to other machines, or does not know its own address.
    """
    settings = settings_of(arguments)
    demand_privacy(settings)
    url = arguments.url or own_url(settings)
    # uvicorn raises the signal again when it is done; without a handler PostgreSQL would be left running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with installation.opened(settings, kept=True) as database:
        for line in prepare(database, settings, url, arguments.first_organisation):
            print(line, flush=True)
        print(f"技转工作台服务器在 {url}，管理页面 {url}/admin，按 Ctrl+C 停止", flush=True)
        settings = dataclasses.replace(settings, database=database.url)
        os.environ.update(settings.to_environment())
        listening.run(_APPLICATION, options(settings))


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Return the settings the arguments and the environment make together."""
    names = [known.name for known in dataclasses.fields(Settings)]
    told = {name: getattr(arguments, name) for name in names}
    return Settings(**{**told, "data_dir": arguments.data_dir.absolute()})


def demand_privacy(settings: Settings) -> None:
    """Demand TLS, or somebody before the server who does it, if other machines can reach it.

    Raises:
        Refusal: neither is there.
    """
    if bool(settings.tls_cert) != bool(settings.tls_key) and not settings.behind_proxy:
        raise refuse("TLS", "plain", why="--tls-cert 和 --tls-key 要一起给出")
    if settings.tls_key or settings.behind_proxy or is_loopback(settings.host):
        return
    why = (
        f"不会在 {settings.host} 上明文提供服务：请给出 --tls-cert 和 --tls-key"
        "（内部网络可用 transfer-desk-server certificate 自签），或由反向代理负责 TLS 时加 --behind-proxy"
    )
    raise refuse("TLS", "plain", why=why)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def own_url(settings: Settings) -> str:
    """Return the address devices are to use, as far as the settings tell.

    Raises:
        Refusal: the server listens on all addresses, or behind a proxy: neither is its name.
    """
    if settings.host in _EVERYWHERE or settings.behind_proxy:
        raise refuse("地址", "plain", why="请用 --url 给出对外地址，例如 --url https://sync.example.cn")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{'https' if settings.tls_cert else 'http'}://{host}:{settings.port}"


def prepare(database: Database, settings: Settings, url: str, organisation: str) -> list[str]:
    """Make ready what is made once, and return what there is to say about it."""
    pin = certificates.pin(settings.tls_cert) if settings.tls_cert else ""
    with database.connection() as connection:
        keys = server_keys.ensure(connection)
        invitations.remember_door(connection, url, pin)
        if not first_start.due(connection):
            return []
        if settings.database:
            return first_start.how_to()
        folder = settings.data_dir / first_start.FOLDER
        door = invitations.door(connection, keys)
        return first_start.set_up(connection, organisation, folder, door, now=now())


def options(settings: Settings) -> dict[str, Any]:
    """Return how uvicorn is to run, and give several workers one place for their figures."""
    if settings.workers > 1:
        shared = settings.data_dir / "metrics"
        shutil.rmtree(shared, ignore_errors=True)
        shared.mkdir(parents=True)
        os.environ[metrics.SHARED_FOLDER] = str(shared)
    return {
        "host": settings.host,
        "port": settings.port,
        "workers": settings.workers,
        "ssl_certfile": settings.tls_cert if settings.tls_key else None,
        "ssl_keyfile": settings.tls_key,
        "http": EndingProtocol,
        "proxy_headers": settings.behind_proxy,
        "server_header": False,
        "date_header": False,
        "access_log": False,
        "log_config": logs.configuration(),
        "timeout_graceful_shutdown": _GRACE_S,
        "timeout_keep_alive": _KEEP_ALIVE_S,
        "timeout_worker_healthcheck": _START_S,
    }
