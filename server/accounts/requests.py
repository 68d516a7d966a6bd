"""What the doors of the server have in common: who asks, when it is, and messages in JSON and msgpack."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeVar

import msgspec
from starlette.responses import Response

from server.accounts import devices
from server.denials import Denied

if TYPE_CHECKING:
    import psycopg
    from starlette.requests import Request

    from server.caller import Caller

T = TypeVar("T")


def now() -> dt.datetime:
    """Return the server's time, in UTC."""
    return dt.datetime.now(dt.UTC)


def caller_of(request: Request) -> Caller:
    """Return who asks; to be called in a worker thread.

    Raises:
        Denied: nobody the server knows.
    """
    with request.app.state.database.reading() as connection:
        return caller_by(connection, request)


def caller_by(connection: psycopg.Connection, request: Request) -> Caller:
    """Return who asks, by a connection that is there already.

    Raises:
        Denied: nobody the server knows.
    """
    caller: Caller = request.app.state.authenticate(connection, request.headers.get("authorization", ""))
    request.state.device = caller.device
    return caller


def address_of(request: Request) -> str:
    """Return where a request comes from; behind a proxy the server was told of, what that one says."""
    return request.client.host if request.client else ""


def read_json(kind: type[T], body: bytes) -> T:
    """Return the message in a body.

    Raises:
        Denied: 400, it is none of this kind.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Denied(400, "malformed", "请求格式不正确") from error


def read_packed(kind: type[T], body: bytes) -> T:
    """Return the msgpack message in a body.

    Raises:
        Denied: 400, it is none of this kind.
    """
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Denied(400, "malformed", "请求格式不正确") from error


def json_answer(message: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a message as JSON; no cache keeps it."""
    told = {"Cache-Control": "no-store", **(headers or {})}
    return Response(msgspec.json.encode(message), status, told, "application/json")


def answer_denied(request: Request, denied: Exception) -> Response:
    """Turn a ``Denied`` into its answer; an order to wipe that goes out with it is noted."""
    if not isinstance(denied, Denied):
        raise denied
    headers = {"WWW-Authenticate": "Bearer"} if denied.status == 401 else {}  # noqa: PLR2004 - HTTP
    if denied.trouble.retry_after:
        headers["Retry-After"] = str(denied.trouble.retry_after)
    if denied.trouble.wipe:
        with request.app.state.database.connection() as connection:
            devices.told_to_wipe(connection, denied.trouble.wipe.device, now=now())
    return json_answer(denied.trouble, denied.status, headers)
