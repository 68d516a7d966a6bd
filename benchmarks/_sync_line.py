"""A slow line on this machine: a relay with a delay each way and a limit of bits per second.

Usage: python -m benchmarks._sync_line LISTEN TARGET DELAY_MS MEGABITS
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Final

PIECE: Final = 16_384


class Line:
    """Relays connections from one port to another, later and slower."""

    def __init__(self, target: int, delay_s: float, bytes_per_s: float) -> None:
        self._target = target
        self._delay_s = delay_s
        self._rate = bytes_per_s

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.sleep(2 * self._delay_s)  # to connect is a round trip
        await asyncio.gather(self._relay(reader, far_writer), self._relay(far_reader, writer))

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(256)
        delivery = asyncio.create_task(self._deliver(waiting, writer))
        free = time.perf_counter()
        try:
            while piece := await reader.read(PIECE):
                free = max(free, time.perf_counter()) + len(piece) / self._rate
                await waiting.put((free + self._delay_s, piece))
        except ConnectionError:
            pass
        await waiting.put((time.perf_counter() + self._delay_s, b""))
        await delivery

    async def _deliver(
        self, waiting: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        try:
            while True:
                due, piece = await waiting.get()
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                if not piece:
                    break
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()


def main() -> None:
    listen, target, delay_ms, megabits = sys.argv[1:]
    line = Line(int(target), float(delay_ms) / 1000, float(megabits) * 1e6 / 8)
    asyncio.run(line.serve(int(listen)))


if __name__ == "__main__":
    main()
