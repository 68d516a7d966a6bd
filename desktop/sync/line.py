"""Waits for the network in a thread of its own, so that the sync thread can go on writing meanwhile."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

T = TypeVar("T")


class Line:
    """Carries out one call after the other; use as a context manager.

    Unlike the threads of an executor this one is a daemon: a resolver that does not answer may take a
    minute, and the program must end at once.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="sync-line", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._calls.put(None)

    def call(self, function: Callable[[], T]) -> Future[T]:
        """Carry out a call; the future has what it returned or raised."""
        future: Future[T] = Future()
        self._calls.put((function, future))
        return future

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            function, future = call
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001 - whoever waits for the result gets it
                future.set_exception(error)
