"""The log tells what an operator needs and nothing about a person."""

from __future__ import annotations

import asyncio
import json
import logging
from logging.config import dictConfig
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from server.operations import logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

SECRET = "张伟 13800138000"


def fail(request: Request) -> PlainTextResponse:
    raise ValueError(SECRET)


def answer(request: Request) -> PlainTextResponse:
    request.state.device = 7
    return PlainTextResponse("four")


@pytest.fixture
def client() -> TestClient:
    application = Starlette(routes=[Route("/v1/things/{name}", answer), Route("/fail", fail)])
    application.add_middleware(logs.RequestLog)
    return TestClient(application, raise_server_exceptions=False)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, Any]]]:
    """Return what is written, line by line, once a test has asked for it."""
    caplog.set_level(logging.INFO, "server.access")
    written: list[dict[str, Any]] = []
    formatter = logs.JsonLines()

    class Reader(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = formatter.format(record)
            assert "\n" not in text
            written.append(json.loads(text))

    reader = Reader()
    logs.ACCESS.addHandler(reader)
    yield written
    logs.ACCESS.removeHandler(reader)


def test_a_request_is_one_line_with_a_pattern_for_a_path(
    client: TestClient, lines: list[dict[str, Any]]
) -> None:
    client.get(f"/v1/things/{SECRET}?who={SECRET}", headers={"Authorization": "Bearer secret"})
    assert len(lines) == 1
    told = {key: lines[0][key] for key in ("door", "method", "status", "out", "device", "level")}
    assert told == {
        "door": "/v1/things/{name}",
        "method": "GET",
        "status": 200,
        "out": 4,
        "device": 7,
        "level": "INFO",
    }
    text = json.dumps(lines, ensure_ascii=False)
    assert not any(word in text for word in ("张伟", "138001", "secret", "testclient"))


def test_a_request_keeps_the_id_it_came_with_if_it_is_one(
    client: TestClient, lines: list[dict[str, Any]]
) -> None:
    given = client.get("/v1/things/x", headers={"X-Request-Id": "abc-12345678"})
    forged = client.get("/v1/things/x", headers={"X-Request-Id": 'x" , "status": 1'})
    assert given.headers["x-request-id"] == lines[0]["id"] == "abc-12345678"
    assert "x-request-id" not in forged.headers
    assert len(lines[1]["id"]) == 32


def test_who_is_told_of_a_trouble_is_told_the_id_of_the_request(
    client: TestClient, lines: list[dict[str, Any]]
) -> None:
    assert client.get("/nowhere").headers["x-request-id"] == lines[0]["id"]


def test_unknown_paths_and_methods_do_not_make_labels(
    client: TestClient, lines: list[dict[str, Any]]
) -> None:
    client.request("BREW", f"/{SECRET}")
    assert (lines[0]["door"], lines[0]["method"], lines[0]["status"]) == ("other", "other", 404)


def test_a_failure_is_its_kind_and_place_and_never_its_message(
    client: TestClient, lines: list[dict[str, Any]]
) -> None:
    assert client.get("/fail").status_code == 500
    assert lines[0]["status"] == 500
    with pytest.raises(ValueError, match="138") as caught:
        int(SECRET)
    record = logging.LogRecord("server", logging.ERROR, "x.py", 1, "failed", (), caught._excinfo)
    told = json.loads(logs.JsonLines().format(record))
    assert (told["event"], told["error"]) == ("failed", "ValueError")
    assert told["through"][0].startswith("test_logs.py:")
    assert SECRET not in json.dumps(told, ensure_ascii=False)


def test_other_traffic_passes_untouched() -> None:
    seen = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    nobody: Any = None
    asyncio.run(logs.RequestLog(application)({"type": "lifespan"}, nobody, nobody))
    assert seen == ["lifespan"]


def test_the_configuration_silences_lines_with_addresses() -> None:
    access = logging.getLogger("uvicorn.access")
    root = logging.getLogger()
    before = access.level, root.level, list(root.handlers)
    try:
        dictConfig(logs.configuration())
        assert not access.isEnabledFor(logging.INFO)
        assert isinstance(root.handlers[0].formatter, logs.JsonLines)
    finally:
        access.setLevel(before[0])
        root.setLevel(before[1])
        root.handlers[:] = before[2]
