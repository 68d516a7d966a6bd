"""Tells waiting devices at once that something moved, without holding up those who moved it.

PostgreSQL carries the word between the workers: each listens on one connection of its own, and says what its
requests moved only after their commit, gathered for a moment, because NOTIFY inside a transaction makes all
commits wait for one another. A look at the heads every few seconds makes up for a word that was lost.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

import psycopg

from server.postgres.database import OverloadedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from server.postgres.database import Database

CHANNEL: Final = "moved"
GATHER_S: Final = 0.05
LOOK_S: Final = 2.0
_SLICE_S: Final = 0.25
"""How often the listening thread looks whether it shall stop."""
_CONNECT_S: Final = 5
_LEAVE_S: Final = 6.0
"""How long the threads are waited for in the end: a silent database may hold them, but not the end."""
_PAYLOAD_KEYS: Final = 100
"""A notice of PostgreSQL has at most 8,000 bytes."""
_HEADS: Final = "SELECT key, head FROM scope WHERE key = ANY(%s)"
_NOTIFY: Final = "SELECT set_config('synchronous_commit', 'off', true), pg_notify(%s, %s)"
"""Nobody's data depend on a notice, so nothing waits until the disk has it."""
_log = logging.getLogger(__name__)


class Waiter:
    """One device that waits for news of its scopes."""

    def __init__(self, heads: Mapping[str, int]) -> None:
        self.heads = dict(heads)
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()

    async def news(self, seconds: float) -> bool:
        """Wait for news; tell whether there were any within the time."""
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def hear(self, heads: Mapping[str, int]) -> None:
        """Take in new heads, from any thread."""
        risen = {key: head for key, head in heads.items() if head > self.heads.get(key, head)}
        if risen:
            self.heads.update(risen)
            self._loop.call_soon_threadsafe(self._news.set)


class Notices:
    """One worker's ear and mouth."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiters: set[Waiter] = set()
        self._moved: dict[str, int] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        for work in (self._listen, self._tell):
            self._threads.append(threading.Thread(target=work, name=f"notices{work.__name__}", daemon=True))
            self._threads[-1].start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._wake.set()
        until = time.monotonic() + _LEAVE_S
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))

    def moved(self, heads: Mapping[str, int]) -> None:
        """Say that scopes have new heads; returns at once."""
        with self._lock:
            for key, head in heads.items():
                self._moved[key] = max(head, self._moved.get(key, 0))
            if self._moved:
                self._wake.set()

    @contextmanager
    def waiter(self, keys: Iterable[str]) -> Iterator[Waiter]:
        """Let a device wait for scopes; called in the event loop."""
        waiter = Waiter(dict.fromkeys(keys, 0))
        with self._lock:
            self._waiters.add(waiter)
        try:
            yield waiter
        finally:
            with self._lock:
                self._waiters.discard(waiter)

    def heads(self, keys: Iterable[str]) -> dict[str, int]:
        """Return the heads of scopes as they are now."""
        with self._database.reading() as connection:
            return dict(connection.execute(_HEADS, (sorted(keys),)).fetchall())

    # --- threads -------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._stop.wait(GATHER_S)
            with self._lock:
                heads, self._moved = sorted(self._moved.items()), {}
                self._wake.clear()
            try:
                self._notify(heads)
            except (OverloadedError, psycopg.Error):
                _log.info("a notice was lost; the next look makes up for it")

    def _notify(self, heads: list[tuple[str, int]]) -> None:
        if not heads:  # woken in order to end
            return
        with self._database.reading() as connection:
            for first in range(0, len(heads), _PAYLOAD_KEYS):
                told = json.dumps(dict(heads[first : first + _PAYLOAD_KEYS]))
                connection.execute(_NOTIFY, (CHANNEL, told))

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(
                    self._database.url, autocommit=True, connect_timeout=_CONNECT_S
                ) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._hear(connection)
            except psycopg.Error:
                _log.info("the database does not answer; listening again soon")
                self._stop.wait(LOOK_S)

    def _hear(self, connection: psycopg.Connection) -> None:
        look_at = time.monotonic() + LOOK_S
        while not self._stop.is_set():
            for notice in connection.notifies(timeout=_SLICE_S, stop_after=1):
                self._spread(json.loads(notice.payload))
            if time.monotonic() >= look_at:
                look_at = time.monotonic() + LOOK_S
                wanted = {key for waiter in self._waiting() for key in waiter.heads}
                if wanted:
                    self._spread(dict(connection.execute(_HEADS, (sorted(wanted),)).fetchall()))

    def _spread(self, heads: Mapping[str, int]) -> None:
        for waiter in self._waiting():
            waiter.hear(heads)

    def _waiting(self) -> list[Waiter]:
        with self._lock:
            return list(self._waiters)
