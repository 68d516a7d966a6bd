"""Puts the whole server together, for whatever runs it: every door, and what stands behind them."""

from __future__ import annotations

import datetime as dt
import gc
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from server import doors
from server.accounts import server_keys, tokens
from server.attachments.blob_store import open_store
from server.attachments.blobs import Blobs
from server.core import compose
from server.operations.installation import opened
from server.operations.logs import RequestLog
from server.settings import Settings

if TYPE_CHECKING:
    import psycopg
    from starlette.applications import Starlette

    from server.caller import Caller


def from_environment() -> Starlette:
    """Return the server that the environment describes, for uvicorn's ``--factory``.

    What a worker has loaded by now stays as long as it lives: the garbage collector passes it by.
    """
    app = build(Settings.from_environment(os.environ))
    gc.collect()
    gc.freeze()
    return app


def build(settings: Settings) -> Starlette:
    """Return the server of an installation; its database is open from now until the application ends."""
    held = ExitStack()
    database = held.enter_context(opened(settings))
    with database.connection() as connection:
        keys = server_keys.ensure(connection)

    def authenticate(connection: psycopg.Connection, header: str) -> Caller:
        return tokens.authenticate(connection, keys, header, dt.datetime.now(dt.UTC))

    app = compose(
        database,
        authenticate=authenticate,
        settings=settings,
        routes=doors.routes(),
        middleware=[Middleware(RequestLog)],
        closing=held,
    )
    app.state.keys = keys
    app.state.blobs = Blobs(database, open_store(settings), keys)
    return app
