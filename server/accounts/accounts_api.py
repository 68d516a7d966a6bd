"""The doors through which devices come in, stay signed in, leave, and exchange the trust list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from domain import enrolment, protocol
from server.accounts import devices, limits, registration, tokens, trust_list
from server.accounts.requests import address_of, caller_of, json_answer, now, read_json
from server.failpoints import failpoint

if TYPE_CHECKING:
    from starlette.requests import Request

_SMALL: Final = 16 << 10
_TRUST: Final = 4 << 20


def routes() -> list[Route]:
    """Return the doors."""
    return [
        Route(protocol.DEVICES_PATH, register, methods=["POST"], max_body_size=_SMALL),
        Route(protocol.DEVICES_PATH, leave, methods=["DELETE"]),
        Route(protocol.SUCCESSOR_PATH, succeed, methods=["POST"], max_body_size=_SMALL),
        Route(protocol.TOKEN_PATH, token, methods=["POST"], max_body_size=_SMALL),
        Route(protocol.TRUST_PATH, trust, methods=["GET"]),
        Route(protocol.TRUST_PATH, publish_trust, methods=["PUT"], max_body_size=_TRUST),
    ]


async def register(request: Request) -> Response:
    """Let a device in: ``Registration`` -> ``Registered``."""
    asked = read_json(enrolment.Registration, await request.body())
    state = request.app.state
    registered = await run_in_threadpool(
        registration.register, state.database, state.keys, asked, address=address_of(request), now=now()
    )
    return json_answer(registered, 201)


def leave(request: Request) -> Response:
    """Sign the device out that asks."""
    caller = caller_of(request)
    with request.app.state.database.connection() as connection:
        devices.leave(connection, caller.device, now=now())
    return Response(status_code=204)


async def succeed(request: Request) -> Response:
    """Give a copied or restored store a device of its own: ``Succession`` -> ``Registered``."""
    asked = read_json(enrolment.Succession, await request.body())
    return await run_in_threadpool(_succeed, request, asked)


def _succeed(request: Request, asked: enrolment.Succession) -> Response:
    state, caller = request.app.state, caller_of(request)
    return json_answer(
        registration.succeed(state.database, state.keys, caller, asked.incarnation, now=now()), 201
    )


async def token(request: Request) -> Response:
    """Give new tokens: ``TokenRequest`` -> ``Tokens``."""
    asked = read_json(enrolment.TokenRequest, await request.body())
    return await run_in_threadpool(_token, request, asked)


def _token(request: Request, asked: enrolment.TokenRequest) -> Response:
    state, moment = request.app.state, now()
    tokens.demand_ours(state.keys, asked)
    with state.database.connection() as connection:
        limits.take(connection, state.keys, limits.DEVICE, str(asked.device), now=moment)
    with state.database.connection() as connection:
        given = tokens.refresh(connection, state.keys, asked, now=moment)
        failpoint("refreshing")
    failpoint("refreshed")
    if given is None:
        raise tokens.signed_out()
    return json_answer(given)


def trust(request: Request) -> Response:
    """Give the trust list of everybody, signed by the server over the bytes of the body."""
    caller_of(request)
    state = request.app.state
    with state.database.reading() as connection:
        body = trust_list.current(connection, now().date()).to_json().encode()
        version = trust_list.version(connection)
    headers = {"Signature": state.keys.sign(body), "ETag": f'"{version}"'}
    return Response(body, 200, headers, "application/json")


async def publish_trust(request: Request) -> Response:
    """Take the list of the caller's organisation."""
    body = await request.body()
    return await run_in_threadpool(_publish_trust, request, body.decode("utf-8", "replace"))


def _publish_trust(request: Request, text: str) -> Response:
    caller = caller_of(request)
    with request.app.state.database.connection() as connection:
        version = trust_list.publish(connection, caller, text, now=now())
    return json_answer({"version": version})
