"""The doors of sync: the one round trip, copies for new devices, and the history of a record."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from starlette.responses import FileResponse, Response
from starlette.routing import Route

from domain.protocol import HISTORY_PATH, LARGEST_MESSAGE, SNAPSHOT_PATH, SYNC_PATH, decode_request, encode
from domain.registry import wire_types
from server import frames
from server.accounts.requests import caller_by, caller_of, json_answer, now
from server.denials import Denied
from server.records import grants, history
from server.records.push import MalformedError
from server.sync.conversation import converse

if TYPE_CHECKING:
    from starlette.requests import Request

    from domain.protocol import SyncRequest
    from server.records.grants import Granted
    from server.sync.turns import Turns

_LARGEST_FRAME: Final = 32 << 20


def routes() -> list[Route]:
    """Return the doors."""
    return [
        Route(SYNC_PATH, sync, methods=["POST"], max_body_size=_LARGEST_FRAME),
        Route(SNAPSHOT_PATH + "/{scope}/{version:int}", snapshot, methods=["GET"]),
        Route(HISTORY_PATH + "/{record_type}/{record_id}", record_history, methods=["GET"]),
    ]


async def sync(request: Request) -> Response:
    """Take edits in and tell news: a frame of ``SyncRequest`` -> a frame of ``SyncAnswer``."""
    body = await request.body()
    turns: Turns = request.app.state.turns
    return await turns.run(_sync, request, body)


def _sync(request: Request, body: bytes) -> Response:
    state = request.app.state
    with state.database.reading() as connection:
        caller = caller_by(connection, request)
        asked = _read(body)
        try:
            answer, moved = converse(connection, caller, asked, now(), state.snapshots)
        except MalformedError as damaged:
            raise _malformed() from damaged
    state.notices.moved(moved)
    return Response(frames.pack(encode(answer)))


def _read(body: bytes) -> SyncRequest:
    try:
        return decode_request(frames.unpack(body, limit=LARGEST_MESSAGE))
    except (frames.FrameError, *frames.DAMAGES) as damaged:
        raise _malformed() from damaged


def _malformed() -> Denied:
    return Denied(400, "malformed", "请求格式不正确")


def snapshot(request: Request) -> Response:
    """Give a prepared copy of a scope, or a part of it by ``Range``; 404 when it is no longer there.

    The file is a row of zstd frames of one ``Page`` each, before each its length in four bytes.
    """
    scope = _scope_of(request)
    path = scope and request.app.state.snapshots.path(scope, request.path_params["version"])
    return FileResponse(path, media_type=frames.MEDIA_TYPE) if path else Response(status_code=404)


def _scope_of(request: Request) -> Granted | None:
    """Return the scope in the path of a request if it is the caller's."""
    caller = caller_of(request)
    with request.app.state.database.reading() as connection:
        granted = grants.scopes_of(connection, caller)
    return next((scope for scope in granted if scope.key == request.path_params["scope"]), None)


def record_history(request: Request) -> Response:
    """Give the changes of one record, as JSON; 404 to whoever may not read it."""
    caller = caller_of(request)
    known = wire_types().get(request.path_params["record_type"])
    try:
        record_id = uuid.UUID(request.path_params["record_id"])
    except ValueError:
        return Response(status_code=404)
    with request.app.state.database.reading() as connection:
        scopes = [scope.number for scope in grants.scopes_of(connection, caller)]
        lines = history.read(connection, scopes, known, record_id.bytes) if known else None
    return Response(status_code=404) if lines is None else json_answer(lines)
