"""Sync without a network: the request goes out on a USB stick, the server's answer comes back on it.

A bundle may be read twice, late or not at all: what it says is either news or nothing. Only a gap, an answer
to a question whose predecessor was never read, is refused; the next bundle out closes it.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop.models.outgoing import freezing, outbox
from desktop.models.tables import now_text
from desktop.sync import frames, sealing, stick_files
from desktop.sync.exchange import Exchange, Taken
from desktop.sync.failpoints import failpoint
from desktop.sync.troubles import SignedOutError
from domain.bundles import (
    ANSWER,
    BUNDLE_VERSION,
    BYTES_OF_BATCHES,
    LARGEST_CONTENT,
    REQUEST,
    Bundle,
    Content,
    bundle_parts,
    read_bundle,
)
from domain.problems import refuse
from domain.protocol import SyncAnswer, encode

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.models.blobs import Blobs
    from desktop.models.outgoing.outbox import Flight
    from desktop.models.store import Store
    from desktop.sync.credentials import Credentials, Vault
    from domain.problems import Refusal
    from domain.protocol import Page, Want

EXTENSION: Final = ".tdsync"
BYTES_AT_MOST: Final = 512 << 20
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
    bundle = Bundle(BUNDLE_VERSION, REQUEST, credentials.device, now_ms, b"")
    bundle.sealed = sealing.seal(
        credentials.server_seal_key, frames.pack_parts(load.parts(blobs), size), bundle.about()
    )
    bundle.signature = sealing.sign(credentials.sign_key, bundle.words())
    write_file(path, *bundle_parts(bundle))
    failpoint("bundle-written")
    with store.read() as connection:
        left = outbox.counts(connection).waiting
    edits = sum(flight.ops for flight in flights)
    return Outgoing(len(flights), edits, left, len(load.files), load.too_large)


def read_in(store: Store, blobs: Blobs, vault: Vault, path: Path, *, build: str) -> Taken:
    """Take in the server's answer; one that was taken in before changes nothing.

    Raises:
        Refusal: the file cannot be read, was altered, is for another device, or one before it is missing.
    """
    credentials = _joined(vault)
    exchange, total = Exchange(store, build), Taken()
    content = _content(path, credentials)
    answers = [frames.decoded(body, SyncAnswer) for body in content.messages]
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


def _content(path: Path, credentials: Credentials) -> Content:
    """Return what the server sealed for this device.

    Raises:
        Refusal: it did not, or not for this device, or somebody has altered it.
    """
    bundle = read_file(path)
    if bundle.kind != ANSWER:
        raise refuse("bundle", "plain", why=f"“{path.name}”不是对传递包的回复，应读入服务器的应答包")
    if bundle.device != credentials.device:
        raise refuse("bundle", "plain", why=f"“{path.name}”是给另一台设备的，请读入给本设备的应答包")
    if not sealing.is_signed(credentials.server_key, bundle.words(), bundle.signature):
        raise altered(path)
    packed = sealing.opened(credentials.seal_key, bundle.sealed, bundle.about())
    del bundle  # it may be large: what has been read is let go of before more is made of it
    if packed is None:
        raise altered(path)
    body = frames.unpack(packed, limit=LARGEST_CONTENT)
    del packed
    return frames.decoded(body, Content)


def read_file(path: Path) -> Bundle:
    """Return the bundle in a file, of whatever kind, before anything of it is believed.

    Raises:
        Refusal: it cannot be read, or is no bundle this program knows.
    """
    try:
        if path.stat().st_size > BYTES_AT_MOST:
            raise refuse("bundle", "plain", why=f"“{path.name}”太大，不是传递包")
        bundle = read_bundle(path.read_bytes())
    except OSError as error:
        why = f"读不到传递包“{path.name}”，例如 回复{EXTENSION}"
        raise refuse("bundle", "plain", why=why) from error
    if bundle is None:
        raise refuse("bundle", "plain", why=f"“{path.name}”不是完整的传递包，请从服务器重新复制")
    if bundle.version != BUNDLE_VERSION:
        raise refuse("bundle", "plain", why=f"“{path.name}”由更新的服务器写出，请先升级程序")
    return bundle


def altered(path: Path) -> Refusal:
    """Return the words about a bundle that is not what the server wrote."""
    return refuse("bundle", "plain", why=f"“{path.name}”没有本服务器的有效签名或已被改动，请从服务器重新复制")


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


def write_file(path: Path, *parts: bytes) -> None:
    """Write a file whole or not at all: a torn bundle on a stick is found out far away.

    Raises:
        Refusal: it cannot be written.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("wb") as out:
            out.writelines(parts)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise refuse("out", "file-not-writable", name=path.name) from error
