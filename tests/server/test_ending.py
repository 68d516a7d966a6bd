"""A worker that is told to end answers whom it owes an answer, and lets go of who only listens."""

from __future__ import annotations

import asyncio
import socket

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from domain.protocol import HEADS_PATH
from server.cli.ending import EndingProtocol


async def ask(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    return reader, writer


@pytest.mark.loopback
def test_streams_of_notices_are_over_and_other_answers_are_finished():
    async def story():
        asked, ready = asyncio.Event(), asyncio.Event()
        sockets = [socket.create_server(("127.0.0.1", 0))]

        async def owed(_request):
            asked.set()
            await ready.wait()
            return Response("here you are")

        async def news():
            yield "data: {}\n\n"
            await asyncio.Event().wait()

        async def heads(_request):
            return StreamingResponse(news(), media_type="text/event-stream")

        app = Starlette(routes=[Route(HEADS_PATH, heads), Route("/owed", owed)])
        server = uvicorn.Server(uvicorn.Config(app, http=EndingProtocol, lifespan="off", log_config=None))
        serving = asyncio.create_task(server.serve(sockets))
        port = sockets[0].getsockname()[1]
        listening, listener = await ask(port, HEADS_PATH)
        await listening.readuntil(b"data: {}")
        waiting, waiter = await ask(port, "/owed")
        await asked.wait()
        server.should_exit = True
        heard = await asyncio.wait_for(listening.read(), 60)
        ready.set()
        told = await asyncio.wait_for(waiting.read(), 60)
        await asyncio.wait_for(serving, 60)
        for line in (listener, waiter):
            line.close()
        return heard, told

    heard, told = asyncio.run(story())
    assert heard.strip() == b""
    assert told.endswith(b"here you are")
