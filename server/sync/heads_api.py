"""The door at which devices wait for news: a stream of events, or a request that is answered late."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

import psycopg
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from domain.protocol import HEADS_PATH
from server.accounts.requests import caller_of, json_answer
from server.denials import Denied
from server.postgres.database import OverloadedError
from server.records import grants

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from server.sync.notices import Notices

STREAM_S: Final = 600.0
"""After this time the device asks anew."""
LOOK_S: Final = 20.0
"""How often it is looked whether a device that listens still may: a revoked one hears nothing more."""
QUIET_S: Final = 20.0
"""A sign of life after so long without news keeps proxies from closing the line."""
LONGEST_WAIT_S: Final = 60


def routes() -> list[Route]:
    """Return the door."""
    return [Route(HEADS_PATH, heads, methods=["GET"])]


async def heads(request: Request) -> Response:
    """Tell the heads of the caller's scopes when they move.

    A stream of events; with ``?wait=<seconds>`` one JSON object instead, at once when the sum of the heads is
    not that of ``&total=``, else when something moves or the time is over.
    """
    keys = await run_in_threadpool(_keys, request)
    notices: Notices = request.app.state.notices
    if "wait" in request.query_params:
        return json_answer(await _next(notices, keys, *_asked(request)))
    return StreamingResponse(_events(request, notices, keys), media_type="text/event-stream")


def _keys(request: Request) -> list[str]:
    caller = caller_of(request)
    with request.app.state.database.reading() as connection:
        return [scope.key for scope in grants.scopes_of(connection, caller)]


def _asked(request: Request) -> tuple[float, int]:
    try:
        wait = float(request.query_params["wait"])
        total = int(request.query_params.get("total", "-1"))
    except ValueError as no_number:
        raise Denied(400, "malformed", "请求格式不正确") from no_number
    return min(max(wait, 0.0), LONGEST_WAIT_S), total


async def _next(notices: Notices, keys: list[str], wait: float, total: int) -> dict[str, int]:
    with notices.waiter(keys) as waiter:
        waiter.heads.update(await run_in_threadpool(notices.heads, keys))
        if total == sum(waiter.heads.values()):
            await waiter.news(wait)
        return waiter.heads


async def _events(request: Request, notices: Notices, keys: list[str]) -> AsyncIterator[str]:
    looked = time.monotonic()
    ends = looked + STREAM_S
    with notices.waiter(keys) as waiter:
        waiter.heads.update(await run_in_threadpool(notices.heads, keys))
        yield _event(waiter.heads)
        while time.monotonic() < ends:
            moved = await waiter.news(QUIET_S)
            if time.monotonic() - looked >= LOOK_S:
                looked = time.monotonic()
                if not await run_in_threadpool(_is_still_for, request, keys):
                    return  # whoever may listen asks anew, and is told of other scopes
            yield _event(waiter.heads) if moved else ":\n\n"


def _is_still_for(request: Request, keys: list[str]) -> bool:
    """Tell whether the caller may hear of just these scopes; a database that is away leaves it as it was."""
    try:
        return _keys(request) == keys
    except Denied:
        return False
    except (OverloadedError, psycopg.OperationalError):
        return True


def _event(told: dict[str, int]) -> str:
    return f"data: {json.dumps(told)}\n\n"
