"""The heart of the server as an application: the doors of sync, and what is answered when something fails."""

from __future__ import annotations

from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Final

import psycopg
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from domain.protocol import Trouble
from server.accounts.requests import answer_denied, json_answer
from server.denials import Denied
from server.postgres.database import OverloadedError
from server.records.snapshots import Snapshots
from server.sync import heads_api, openapi, sync_api
from server.sync.notices import Notices
from server.sync.turns import AT_ONCE, Turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from server.caller import Caller
    from server.postgres.database import Database
    from server.settings import Settings

COME_AGAIN_S: Final = 2
"""Seconds after which a device that found the server busy should try again; it adds a random part."""


def compose(
    database: Database,
    *,
    authenticate: Callable[[psycopg.Connection, str], Caller],
    settings: Settings,
    routes: Sequence[BaseRoute] = (),
    middleware: Sequence[Middleware] = (),
    closing: AbstractContextManager[object] | None = None,
) -> Starlette:
    """Return the application over an open database that has been brought up to date.

    ``authenticate`` says whose an ``Authorization`` header is, or raises ``Denied``. ``closing`` is left when
    the application ends.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        copies = Snapshots(database.url, settings.snapshot_dir)
        at_once = Turns(min(AT_ONCE, settings.pool))
        with closing or nullcontext(), Notices(database) as notices, copies, at_once as turns:
            app.state.notices = notices
            app.state.snapshots = copies
            app.state.turns = turns
            yield

    app = Starlette(
        routes=[
            *sync_api.routes(),
            *heads_api.routes(),
            Route("/healthz", healthz, methods=["GET"]),
            Route("/readyz", readyz, methods=["GET"]),
            Route(openapi.PATH, description, methods=["GET"]),
            *routes,
        ],
        middleware=list(middleware),
        lifespan=lifespan,
        exception_handlers={
            Denied: answer_denied,
            OverloadedError: answer_overloaded,
            psycopg.OperationalError: answer_overloaded,
            psycopg.DataError: answer_unwritable,
        },
    )
    app.state.database = database
    app.state.authenticate = authenticate
    app.state.settings = settings
    return app


def healthz(_request: Request) -> Response:
    """Tell that the process answers."""
    return Response("ok")


def readyz(request: Request) -> Response:
    """Tell whether the database answers."""
    ready = request.app.state.database.ready()
    return Response("ready" if ready else "no database", 200 if ready else 503)


def description(request: Request) -> Response:
    """Describe these doors in OpenAPI."""
    return json_answer(openapi.describe(request.app.routes))


def answer_overloaded(_request: Request, _error: Exception) -> Response:
    """Ask a device to come again when no connection was free, or the database is just not there."""
    trouble = Trouble("busy", "服务器繁忙，稍后自动重试", COME_AGAIN_S)
    return json_answer(trouble, 503, {"Retry-After": str(COME_AGAIN_S)})


def answer_unwritable(_request: Request, _error: Exception) -> Response:
    """Decline what no column of the database can hold, such as a text with NUL in it."""
    return json_answer(Trouble("malformed", "请求格式不正确"), 400)
