"""What the server says of one answer leaves in one packet: uvicorn writes its head and its body one by one.

The second packet would cost a short answer more than its body, and wake whoever reads it twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

AT_MOST: Final = 64 << 10
"""Bytes that are gathered; with more the operating system fills its packets by itself."""


class GatheringProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, through a ``Gathering`` transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begin to speak."""
        super().connection_made(Gathering(transport, self.loop))  # type: ignore[arg-type]  # stands for one


class Gathering:
    """A transport that hands on at once what was written within one turn of the event loop."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Hold bytes until all that is ready to run in the event loop has run."""
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > AT_MOST:
            self._flush()

    def close(self) -> None:
        """Close when everything has gone."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held:
            data, self._held, self._size = b"".join(self._held), [], 0
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
