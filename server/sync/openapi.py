"""Describes the server's doors in OpenAPI, made from the routes themselves, for tools that try them all.

What travels as msgpack is described as bytes: docs/protocol.md tells what is in them.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.routing import Route

from domain import enrolment, protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.routing import BaseRoute

PATH: Final = "/v1/openapi.json"
_OPEN: Final = frozenset({"/healthz", "/readyz", PATH, protocol.TOKEN_PATH})
"""Doors that ask nobody who he is."""
_JSON: Final[dict[tuple[str, str], type]] = {
    (protocol.DEVICES_PATH, "post"): enrolment.Registration,
    (protocol.TOKEN_PATH, "post"): enrolment.TokenRequest,
}
_QUERIES: Final = {
    protocol.HEADS_PATH: {"wait": {"type": "number"}, "total": {"type": "integer"}},
}
_PARAMETER: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")
_REFUSALS: Final = {
    "400": "the request makes no sense",
    "401": "nobody the server knows, or an access token that has expired",
    "403": "a device that was revoked",
    "404": "nothing there, or nothing the caller may see",
    "409": "the store is a copy of another one",
    "413": "longer than this door takes",
    "429": "too often; see Retry-After",
    "503": "busy; see Retry-After",
}


def describe(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Return the description of every route that is meant for devices."""
    bodies, components = msgspec.json.schema_components(
        [*_JSON.values(), protocol.Trouble], ref_template="#/components/schemas/{name}"
    )
    schemas = dict(zip(_JSON, bodies, strict=False))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if isinstance(route, Route) and route.include_in_schema:
            path = _PARAMETER.sub(r"{\1}", route.path)
            for method in sorted((route.methods or set()) - {"HEAD"}):
                key = (route.path, method.lower())
                paths.setdefault(path, {})[method.lower()] = _operation(route, schemas.get(key), method)
    return {
        "openapi": "3.1.0",
        "info": {"title": "技转工作台同步服务", "version": str(protocol.PROTOCOL_VERSION)},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"device": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, body: dict[str, Any] | None, method: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "summary": (inspect.getdoc(route.endpoint) or route.name).partition("\n")[0],
        "parameters": [*_path_parameters(route.path), *_query_parameters(route.path)],
        "responses": {"default": {"description": "done"}, **_refusals()},
        "security": [] if route.path in _OPEN else [{"device": []}],
    }
    if method in {"POST", "PUT"}:
        media = "application/json" if body else "application/octet-stream"
        told["requestBody"] = {"required": True, "content": {media: {"schema": body or {}}}}
    return told


def _refusals() -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Trouble"}}}
    return {
        status: {"description": why} | ({} if status in {"404", "413"} else {"content": content})
        for status, why in _REFUSALS.items()
    }


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 0} if kind == "int" else {"type": "string"},
        }
        for name, kind in _PARAMETER.findall(path)
    ]


def _query_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "schema": schema} for name, schema in _QUERIES.get(path, {}).items()
    ]
