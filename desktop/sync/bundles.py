"""Sync without a network: the request goes out on a USB stick, the server's answer comes back on it.

A bundle may be read twice, late or not at all: what it says is either news or nothing. Only a gap, an answer
to a question whose predecessor was never read, is refused; the next bundle out closes it.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop.models import sync_state
from desktop.models.outgoing import freezing, outbox
from desktop.models.tables import now_text
from desktop.sync import bundle_files, stick_files
from desktop.sync.exchange import Exchange, Taken
from desktop.sync.failpoints import failpoint
from desktop.sync.troubles import SignedOutError
from domain.bundles import BYTES_OF_BATCHES, Content
from domain.problems import refuse
from domain.protocol import encode

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.models.blobs import Blobs
    from desktop.models.outgoing.outbox import Flight
    from desktop.models.store import Store
    from desktop.sync.credentials import Credentials, Vault
    from domain.pages import Page
    from domain.protocol import SyncAnswer, Want

OLDEST_FIRST: Final = "请先读入之前的应答包，再读这一个；找不到时重新执行 bundle out 和服务器的 bundle answer"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a bundle took along; ``left`` edits wait for the next one, ``too_large`` files for a network."""

    batches: int
    edits: int
    left: int
    files: int = 0
    too_large: int = 0


def write_out(store: Store, blobs: Blobs, vault: Vault, path: Path, *, build: str) -> Outgoing:
    """Write what a sync would say now into a file that only the server can read.

    Raises:
        Refusal: no server was joined, or the file cannot be written.
    """
    credentials = _joined(vault)
    exchange = Exchange(store, build)
    flights = _frozen(store, exchange)
    failpoint("bundle-frozen")
    now_ms = time.time_ns() // 1_000_000
    request = exchange.request(flights, now_ms=now_ms)
    load = stick_files.load(store, blobs, Content([encode(request)]), _stamp())
    size = sum(map(len, load.parts(blobs)))
    written = bundle_files.write_request(path, credentials, load.parts(blobs), size, now_ms=now_ms)
    failpoint("bundle-written")
    edits = sum(flight.ops for flight in flights)
    with store.write(applying=True) as connection:
        left = outbox.counts(connection).waiting
        sync_state.log_run(connection, at=_stamp(), kind="bundle-out", sent=edits, bytes_up=written)
    return Outgoing(len(flights), edits, left, len(load.files), load.too_large)


def read_in(store: Store, blobs: Blobs, vault: Vault, path: Path, *, build: str) -> Taken:
    """Take in the server's answer; one that was taken in before changes nothing.

    Raises:
        Refusal: the file cannot be read, was altered, is for another device, or one before it is missing.
    """
    credentials = _joined(vault)
    exchange, total = Exchange(store, build), Taken()
    content, size = bundle_files.read_answer(path, credentials)
    answers = bundle_files.answers(content)
    reached = {(want.scope, want.epoch): max(want.cursor, want.staged) for want in exchange.wants()}
    for answer in answers:
        _demand_no_gap(answer, reached)
    for answer in answers:
        _only_news(answer, exchange)
        total.add(exchange.hear(answer, numbered=False))
        for page in answer.pages:
            total.add(exchange.show(page))
    while exchange.index():
        pass
    stick_files.take_out(store, blobs, content, _stamp())
    with store.write(applying=True) as connection:
        sync_state.log_run(
            connection, at=_stamp(), kind="bundle-in", received=total.received, bytes_down=size
        )
    failpoint("bundle-read")
    return total


def _joined(vault: Vault) -> Credentials:
    try:
        credentials = vault.read()
    except SignedOutError as error:
        raise refuse("server", "plain", why="登录信息已不在系统钥匙串中，请先重新登录服务器") from error
    if credentials is None:
        raise refuse("server", "plain", why="本工作区没有加入服务器，请先执行 transfer-desk join 邀请文件")
    return credentials


def _frozen(store: Store, exchange: Exchange) -> list[Flight]:
    """Put edits in flight until a bundle is full."""
    exchange.doubt()
    flights = exchange.flights()
    size = sum(len(flight.body) for flight in flights)
    while size < BYTES_OF_BATCHES:
        with store.write(applying=True) as connection:
            made = freezing.freeze(connection)
        if made is None:
            break
        flights.append(made)
        size += len(made.body)
    return flights


def _demand_no_gap(answer: SyncAnswer, reached: dict[tuple[str, int], int]) -> None:
    """Demand that each page follows on what is here or came before it in the bundle.

    Raises:
        Refusal: a page is missing in between.
    """
    for page in answer.pages:
        place = (page.scope, page.epoch)
        if page.since > reached.get(place, 0):
            raise refuse("bundle", "plain", why=OLDEST_FIRST)
        reached[place] = max(reached.get(place, 0), page.until)


def _only_news(answer: SyncAnswer, exchange: Exchange) -> None:
    """Leave out of an old answer what is here, and what would take this device back."""
    flying = {flight.number for flight in exchange.flights()}
    stale = bool(answer.batches) and not any(one.number in flying for one in answer.batches)
    if stale:
        answer.scopes = None
    held = {want.scope: want for want in exchange.wants()}
    answer.pages = [page for page in answer.pages if _is_news(page, held.get(page.scope))]


def _is_news(page: Page, held: Want | None) -> bool:
    """Tell whether a page goes beyond what is here, or begins a scope anew."""
    return held is None or held.epoch != page.epoch or page.until > max(held.cursor, held.staged)


def _stamp() -> str:
    return now_text(dt.datetime.now(dt.UTC))
