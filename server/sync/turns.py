"""Lets in as many syncs at a time as a worker carries well; the others wait in line, and not for ever.

Threads that wait for a connection take the interpreter from those that have one; waiting here costs nothing.
"""

from __future__ import annotations

import asyncio
from concurrent import futures
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from server.postgres.database import WAIT_S, OverloadedError

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE: Final = 4
"""Syncs of one worker that run side by side: while one computes, others wait for the database."""
_LEAVE_S: Final = 5.0
"""How long those inside are waited for in the end; then the database is closed, which ends them."""
T = TypeVar("T")


class Turns:
    """The line before the door, first come first served, and a thread for each of those inside."""

    def __init__(self, at_once: int = AT_ONCE, wait: float = WAIT_S) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._threads = futures.ThreadPoolExecutor(at_once, "turn")
        self._wait = wait
        self._inside: set[futures.Future[Any]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._threads.shutdown(wait=False)
        futures.wait(self._inside, _LEAVE_S)

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """Return what a piece of work returns, done in a thread when its turn has come.

        Raises:
            OverloadedError: it did not come in time.
        """
        if self._free.locked():
            try:
                async with asyncio.timeout(self._wait):
                    await self._free.acquire()
            except TimeoutError as too_long:
                raise OverloadedError from too_long
        else:
            await self._free.acquire()
        try:
            done = self._threads.submit(work, *arguments)
            self._inside.add(done)
            done.add_done_callback(self._inside.discard)
            return await asyncio.wrap_future(done)
        finally:
            self._free.release()
