"""What the buttons of the administrators' pages do; each is a form with the token of its session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.problems import Refusal, refuse
from server.accounts import accounts, devices, invitations, organisations
from server.accounts.requests import now
from server.admin import sessions, views
from server.denials import Denied

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from uuid import UUID

    import psycopg
    from starlette.requests import Request

    Deed = Callable[[psycopg.Connection, Request, Mapping[str, str], UUID], Response | None]

_SMALL: Final = 16 << 10


def routes() -> list[Route]:
    """Return the doors of the buttons."""
    deeds: dict[str, Deed] = {
        "/admin/accounts": add_account,
        "/admin/accounts/{login}/invite": invite,
        "/admin/accounts/{login}/disable": disable,
        "/admin/accounts/{login}/enable": enable,
        "/admin/devices/{number:int}/revoke": revoke,
        "/admin/devices/{number:int}/wipe": wipe,
    }
    return [Route(path, _door(deed), methods=["POST"], max_body_size=_SMALL) for path, deed in deeds.items()]


def _door(deed: Deed) -> Callable[[Request], Awaitable[Response]]:
    async def press(request: Request) -> Response:
        fields = await sessions.form(request)
        return await run_in_threadpool(_press, request, deed, fields)

    return press


def _press(request: Request, deed: Deed, fields: Mapping[str, str]) -> Response:
    session = sessions.current(request)
    if session is None:
        return RedirectResponse("/admin/login", 303)
    back = "/".join(request.url.path.split("/")[:3])
    try:
        sessions.demand_change(session, fields)
        with request.app.state.database.connection() as connection:
            answer = deed(connection, request, fields, session.account)
    except Refusal as refused:
        return views.page("refused.html", session, status=400, path=back, problems=refused.messages())
    except Denied as denied:
        told = [denied.trouble.text]
        return views.page("refused.html", session, status=denied.status, path=back, problems=told)
    return answer or RedirectResponse(back, 303)


def add_account(
    connection: psycopg.Connection, _request: Request, fields: Mapping[str, str], by: UUID
) -> None:
    """Add an account to an organisation, a new one if its name is new."""
    name, moment = fields.get("organisation", ""), now()
    known = {one.name: one for one in organisations.listed(connection)}
    kind: organisations.Kind = "authority" if fields.get("kind") == "authority" else "agency"
    organisation = known.get(name) or organisations.add(connection, name, kind, now=moment)
    accounts.add(
        connection,
        organisation.id,
        login=fields.get("login", ""),
        name=fields.get("name", ""),
        role=fields.get("role", ""),  # type: ignore[arg-type]  # add() refuses what is no role
        now=moment,
        by=by,
    )


def invite(
    connection: psycopg.Connection, request: Request, _fields: Mapping[str, str], by: UUID
) -> Response:
    """Make an invitation and give it as a file; it is shown to nobody again."""
    account = accounts.with_login(connection, request.path_params["login"])
    door = invitations.door(connection, request.app.state.keys)
    made = invitations.invite(connection, account, door, now=now(), by=by)
    name = f"{account.login}{invitations.SUFFIX}"
    headers = {**views.HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(invitations.file(made), 200, headers, "application/json")


def disable(connection: psycopg.Connection, request: Request, _fields: Mapping[str, str], by: UUID) -> None:
    """Shut an account out."""
    account = accounts.with_login(connection, request.path_params["login"])
    accounts.disable(connection, account, now=now(), by=by)


def enable(connection: psycopg.Connection, request: Request, _fields: Mapping[str, str], by: UUID) -> None:
    """Let an account in again."""
    account = accounts.with_login(connection, request.path_params["login"])
    accounts.disable(connection, account, disabled=False, now=now(), by=by)


def revoke(connection: psycopg.Connection, request: Request, _fields: Mapping[str, str], by: UUID) -> None:
    """Shut a device out."""
    devices.revoke(connection, request.path_params["number"], now=now(), by=by)


def wipe(connection: psycopg.Connection, request: Request, fields: Mapping[str, str], by: UUID) -> None:
    """Shut a device out and order it to destroy its key: its number must be typed, there is no way back."""
    number = request.path_params["number"]
    if fields.get("confirm") != str(number):
        raise refuse("设备", "plain", why=f"没有擦除：请输入设备编号 {number} 确认")
    devices.revoke(connection, number, wipe=True, now=now(), by=by)
