"""Figures for whoever watches the server: how many, how fast, how full; never about whom.

Workers are processes with a registry each. With several of them ``serve`` names a folder in the variable
``PROMETHEUS_MULTIPROC_DIR``, in which prometheus_client adds them up. Only this machine may ask.
"""

from __future__ import annotations

import functools
import ipaddress
import os
from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.routing import Route

from server.accounts.requests import address_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg
    from prometheus_client import Metric
    from starlette.requests import Request

    from server.postgres.database import Database

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped

PATH: Final = "/metrics"
SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
REGISTRY: Final = CollectorRegistry()
REQUESTS: Final = Counter(
    "transfer_desk_requests", "Requests answered.", ("door", "method", "status"), registry=REGISTRY
)
SECONDS: Final = Histogram(
    "transfer_desk_request_seconds",
    "Time from the first byte in to the last byte out.",
    ("door",),
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
RECEIVED: Final = Counter(
    "transfer_desk_received_bytes", "Bytes of bodies received.", ("door",), registry=REGISTRY
)
SENT: Final = Counter("transfer_desk_sent_bytes", "Bytes of bodies sent.", ("door",), registry=REGISTRY)

_STOCK: Final = {
    "transfer_desk_accounts": (
        "Accounts that are not disabled.",
        "SELECT count(*) FROM account WHERE disabled_at IS NULL",
    ),
    "transfer_desk_devices": (
        "Devices that are not revoked.",
        "SELECT count(*) FROM device WHERE revoked_at IS NULL",
    ),
    "transfer_desk_devices_seen_today": (
        "Devices that synced within a day.",
        "SELECT count(*) FROM device WHERE seen_at > now() - interval '1 day'",
    ),
    "transfer_desk_wipes_waiting": (
        "Orders to wipe that no device has fetched yet.",
        "SELECT count(*) FROM device WHERE wipe_at IS NOT NULL AND wipe_told_at IS NULL",
    ),
    "transfer_desk_records": ("Live records in all scopes.", "SELECT coalesce(sum(live), 0) FROM scope"),
    "transfer_desk_attachment_bytes": (
        "Bytes of whole attachments.",
        "SELECT coalesce(sum(size), 0) FROM blob WHERE complete_at IS NOT NULL",
    ),
    "transfer_desk_uploads_unfinished": (
        "Attachments of which chunks are missing.",
        "SELECT count(*) FROM blob WHERE complete_at IS NULL",
    ),
    "transfer_desk_database_bytes": ("Size of the database.", "SELECT pg_database_size(current_database())"),
}
"""What the database knows, counted when somebody asks."""


def routes() -> list[Route]:
    """Return the door for Prometheus."""
    return [Route(PATH, page, methods=["GET"])]


def page(request: Request) -> Response:
    """Give all figures in Prometheus' text format, to callers on this machine."""
    try:
        here = ipaddress.ip_address(address_of(request)).is_loopback
    except ValueError:
        here = False
    if not here:
        return Response(status_code=404)
    return Response(exposition(request.app.state.database), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def exposition(database: Database) -> bytes:
    """Return the figures of all workers and of the database."""
    stock = CollectorRegistry()
    with database.reading() as connection:
        stock.register(_Stock(connection))
        counted = generate_latest(stock)
    return generate_latest(_all_workers()) + counted


def note(door: str, method: str, status: int, *, seconds: float, received: int, sent: int) -> None:
    """Count one answered request; ``door`` is the pattern of its path, so that no id becomes a label."""
    _answered(door, method, status).inc()
    took, came, went = _of_door(door)
    took.observe(seconds)
    came.inc(received)
    went.inc(sent)


# To find a counter by its labels costs more than to count.
@functools.cache
def _answered(door: str, method: str, status: int) -> Counter:
    return REQUESTS.labels(door, method, str(status))


@functools.cache
def _of_door(door: str) -> tuple[Histogram, Counter, Counter]:
    return SECONDS.labels(door), RECEIVED.labels(door), SENT.labels(door)


def _all_workers() -> CollectorRegistry:
    if not os.environ.get(SHARED_FOLDER):
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # the library leaves it untyped
    return together


class _Stock(Collector):
    """Counts in the database, made into gauges."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def collect(self) -> Iterable[Metric]:
        for name, (words, question) in _STOCK.items():
            row = self._connection.execute(question.encode()).fetchone()
            yield GaugeMetricFamily(name, words, value=float(row[0]) if row else 0.0)
