"""An answer leaves in one piece, a large one is not gathered first, and nothing is left behind."""

from __future__ import annotations

import asyncio

import uvicorn
from starlette.responses import Response
from uvicorn.server import ServerState

from server.cli.gathering import AT_MOST, Gathering, GatheringProtocol


class Line(asyncio.Transport):
    """A transport that remembers what it was told."""

    def __init__(self):
        super().__init__({"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 6)})
        self.told = []

    def write(self, data):
        self.told.append(bytes(data))

    def close(self):
        self.told.append("close")

    def is_closing(self):
        return False


def test_head_and_body_of_an_answer_leave_together():
    async def story():
        config = uvicorn.Config(Response("four"), http=GatheringProtocol, log_config=None)
        config.load()
        line, state = Line(), ServerState()
        protocol = GatheringProtocol(config, state, {})
        protocol.connection_made(line)
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        await asyncio.gather(*state.tasks)
        await asyncio.sleep(0)
        protocol.connection_lost(None)
        return line.told

    told = asyncio.run(story())
    assert len(told) == 2
    assert told[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert told[0].endswith(b"\r\n\r\nfour")
    assert told[1] == "close"


def test_more_than_a_few_packets_is_not_held():
    async def story():
        line = Line()
        gathering = Gathering(line, asyncio.get_running_loop())
        gathering.write(b"head")
        gathering.write(b"x" * AT_MOST)
        at_once = [len(piece) for piece in line.told]
        await asyncio.sleep(0)
        return at_once, len(line.told)

    assert asyncio.run(story()) == ([AT_MOST + 4], 1)


def test_what_was_said_before_the_end_is_heard():
    async def story():
        line = Line()
        gathering = Gathering(line, asyncio.get_running_loop())
        gathering.write(b"last words")
        gathering.close()
        await asyncio.sleep(0)
        return line.told

    assert asyncio.run(story()) == [b"last words", "close"]
