"""Lets in as many syncs at a time as a worker carries well; the others wait in line, and not for ever.

Threads that wait for a connection take the interpreter from those that have one; waiting here costs nothing.
"""

from __future__ import annotations

import asyncio
from typing import Final

from server.postgres.database import WAIT_S, OverloadedError

AT_ONCE: Final = 4
"""Syncs of one worker that run side by side: while one computes, others wait for the database."""


class Turns:
    """The line before the door, first come first served; an asynchronous context is one turn."""

    def __init__(self, at_once: int = AT_ONCE, wait: float = WAIT_S) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._wait = wait

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(self._wait):
                await self._free.acquire()
        except TimeoutError as too_long:
            raise OverloadedError from too_long

    async def __aexit__(self, *_error: object) -> None:
        self._free.release()
