"""The administrators' pages: what they show; what their buttons do is in buttons.py."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import Route

from server.accounts import accounts, audit, blocks, devices, organisations
from server.admin import buttons, login, sessions, views
from server.operations import status

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg
    from starlette.requests import Request
    from starlette.responses import Response

_STYLE: Final = Path(__file__).with_name("style.css")


def routes() -> list[Route]:
    """Return the doors of all pages and buttons."""
    shown = {
        "/admin": overview,
        "/admin/accounts": people,
        "/admin/devices": machines,
        "/admin/blocks": numbers,
        "/admin/audit": trail,
        "/admin/style.css": style,
    }
    pages = [Route(path, endpoint, methods=["GET"]) for path, endpoint in shown.items()]
    return [*login.routes(), *pages, *buttons.routes()]


def style(_request: Request) -> Response:
    """Give the style sheet."""
    return FileResponse(_STYLE, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


def overview(request: Request) -> Response:
    """Show how the server is."""
    return _shown(request, "overview.html", lambda connection: {"facts": status.facts(connection)})


def people(request: Request) -> Response:
    """Show organisations and accounts."""
    return _shown(request, "accounts.html", _people)


def machines(request: Request) -> Response:
    """Show devices."""
    return _shown(request, "devices.html", lambda connection: {"devices": devices.listed(connection)})


def numbers(request: Request) -> Response:
    """Show number blocks."""
    return _shown(request, "blocks.html", lambda connection: {"blocks": blocks.listed(connection)})


def trail(request: Request) -> Response:
    """Show the last deeds."""
    return _shown(request, "audit.html", lambda connection: {"trail": audit.newest(connection)})


def _people(connection: psycopg.Connection) -> dict[str, Any]:
    return {"organisations": organisations.listed(connection), "accounts": accounts.listed(connection)}


def _shown(
    request: Request, template: str, facts: Callable[[psycopg.Connection], dict[str, Any]]
) -> Response:
    session = sessions.current(request)
    if session is None:
        return RedirectResponse("/admin/login", 303)
    with request.app.state.database.reading() as connection:
        return views.page(template, session, path=request.url.path, **facts(connection))
