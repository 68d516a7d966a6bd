"""Coming to the administrators' pages and leaving them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse
from starlette.routing import Route

from server.accounts import audit, registration
from server.accounts.requests import address_of, now
from server.admin import sessions, views
from server.denials import Denied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

_SMALL: Final = 16 << 10


def routes() -> list[Route]:
    """Return the doors."""
    return [
        Route("/admin/login", ask, methods=["GET"]),
        Route("/admin/login", enter, methods=["POST"], max_body_size=_SMALL),
        Route("/admin/logout", leave, methods=["POST"], max_body_size=_SMALL),
    ]


def ask(request: Request, problem: str = "", status: int = 200) -> Response:
    """Ask for login and password."""
    secret = secrets.token_urlsafe(24)
    answer = views.page("login.html", None, status=status, csrf=secret, problem=problem)
    sessions.hand_over(answer, request, sessions.LOGIN_COOKIE, secret, hours=1)
    return answer


async def enter(request: Request) -> Response:
    """Let an administrator or an auditor in."""
    try:
        fields = await sessions.form(request)
        sessions.demand_token(fields, request.cookies.get(sessions.LOGIN_COOKIE, ""))
        return await run_in_threadpool(_enter, request, fields)
    except Denied as denied:
        return ask(request, denied.trouble.text, denied.status)


def _enter(request: Request, fields: Mapping[str, str]) -> Response:
    state, moment = request.app.state, now()
    told = fields.get("login", ""), fields.get("password", "")
    account = registration.proven(state.database, state.keys, *told, address=address_of(request), now=moment)
    if account is None or account.role not in sessions.ROLES:
        raise Denied(403, "wrong-login", "登录名或密码不对，或不是系统管理员")
    with state.database.connection() as connection:
        secret = sessions.open_session(connection, account.id, now=moment)
        audit.note(connection, "admin-login", account.login, now=moment, account=account.id)
    answer = RedirectResponse("/admin", 303, headers=dict(views.HEADERS))
    sessions.hand_over(answer, request, sessions.COOKIE, secret)
    return answer


async def leave(request: Request) -> Response:
    """End the session."""
    fields = await sessions.form(request)
    await run_in_threadpool(_leave, request, fields)
    return RedirectResponse("/admin/login", 303)


def _leave(request: Request, fields: Mapping[str, str]) -> None:
    session = sessions.current(request)
    if session:
        sessions.demand_token(fields, session.csrf)
        with request.app.state.database.connection() as connection:
            sessions.close(connection, request.cookies.get(sessions.COOKIE, ""))
