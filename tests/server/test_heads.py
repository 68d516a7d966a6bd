"""Devices that wait hear of changes soon, through any worker, and also when a word was lost on the way."""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
import threading

import psycopg
import pytest
from starlette.requests import Request

from server.denials import Denied
from server.postgres.database import Database, OverloadedError
from server.sync import heads_api, notices
from server.sync.notices import Notices, Waiter
from tests.server.talking import PARTY, new

ANYBODY = Request({"type": "http"})


def bearer(device):
    return {"Authorization": f"Bearer {device.caller.device}"}


def test_who_waits_is_told_the_heads_at_once_when_they_are_news(server, devices):
    me = devices()
    me.born("party", PARTY)
    told = server.get("/v1/heads?wait=30", headers=bearer(me)).json()
    assert told[me.agency] == 1
    assert set(told) == {me.agency, f"t:{me.caller.organisation}", f"u:{me.caller.account}", "p"}
    assert server.get("/v1/heads?wait=30&total=0", headers=bearer(me)).json() == told
    assert server.get("/v1/heads?wait=0.01&total=1", headers=bearer(me)).json() == told


@pytest.mark.parametrize("query", ["wait=soon", "wait=1&total=all", "wait="])
def test_a_wait_that_is_no_number_is_turned_away(server, devices, query):
    assert server.get(f"/v1/heads?{query}", headers=bearer(devices())).status_code == 400


def test_strangers_wait_for_nothing(server):
    assert server.get("/v1/heads?wait=0").status_code == 401


def test_a_push_through_one_worker_wakes_who_waits_at_another(database, devices):
    me = devices()
    heard = []

    async def wait(other, said):
        with other.waiter([me.agency]) as waiter:
            said.set()
            heard.append(await waiter.news(20) and waiter.heads)

    with Notices(database) as one, Notices(database) as other:
        said = threading.Event()
        waiting = threading.Thread(target=lambda: asyncio.run(wait(other, said)))
        waiting.start()
        said.wait(20)
        me.send([new("party", PARTY)])
        one.moved({me.agency: 1})
        one.moved({})
        waiting.join(30)
    assert heard == [{me.agency: 1}]


def test_the_look_at_the_heads_makes_up_for_a_lost_word(database, devices, monkeypatch):
    monkeypatch.setattr(notices, "LOOK_S", 0.3)
    me = devices()
    me.born("party", PARTY)

    async def wait(worker):
        with worker.waiter([me.agency]) as waiter:
            return await waiter.news(20)

    with Notices(database) as worker:
        assert asyncio.run(wait(worker))


def test_the_ear_opens_again_when_the_line_was_cut(database, devices, monkeypatch):
    monkeypatch.setattr(notices, "LOOK_S", 0.1)
    me = devices()
    me.born("party", PARTY)
    with Notices(database) as worker:
        with database.reading() as connection:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            while not connection.execute(cut).fetchall():
                pass

        async def wait():
            with worker.waiter([me.agency]) as waiter:
                return await waiter.news(20)

        assert asyncio.run(wait())


def test_a_word_that_cannot_be_said_is_let_go(database, devices):
    database._pool.timeout = 0.05
    busy = (database.reading(), database.reading(), database.reading(), database.reading())
    with Notices(database) as worker, busy[0], busy[1], busy[2], busy[3]:
        worker.moved({"x": 1})
        while worker._moved:
            pass


@pytest.fixture
def silent():
    """Return a database that takes calls and never says anything, and its URL."""
    with tempfile.TemporaryDirectory(prefix="td") as folder, socket.socket(socket.AF_UNIX) as line:
        line.settimeout(20)
        line.bind(f"{folder}/.s.PGSQL.5432")
        line.listen()
        yield line, f"host={folder} dbname=none"


def test_a_call_that_is_not_answered_is_given_up_for_another(silent, monkeypatch):
    monkeypatch.setattr(notices, "_CONNECT_S", 2)
    monkeypatch.setattr(notices, "LOOK_S", 0.1)
    line, url = silent
    with Notices(Database(url)):
        with line.accept()[0], line.accept()[0]:
            pass
        line.shutdown(socket.SHUT_RDWR)


def test_a_silent_database_does_not_hold_up_the_end(silent, monkeypatch):
    monkeypatch.setattr(notices, "_CONNECT_S", 60)
    monkeypatch.setattr(notices, "_LEAVE_S", 0.01)
    line, url = silent
    with Notices(Database(url)) as worker:
        call, _who = line.accept()
    (calling,) = (thread for thread in worker._threads if thread.name.endswith("listen"))
    assert calling.is_alive()
    call.close()
    line.shutdown(socket.SHUT_RDWR)
    calling.join(20)
    assert not calling.is_alive()


def test_the_stream_tells_heads_then_news_then_that_it_lives(database, devices, monkeypatch):
    monkeypatch.setattr(heads_api, "QUIET_S", 0.05)
    me = devices()
    me.born("party", PARTY)

    async def listen(worker):
        stream = heads_api._events(ANYBODY, worker, [me.agency])
        first = await anext(stream)
        quiet = await anext(stream)
        (waiter,) = worker._waiters
        waiter.hear({me.agency: 1, "other": 5})
        still = await anext(stream)
        waiter.hear({me.agency: 2})
        news = await anext(stream)
        return first, quiet, still, news

    with Notices(database) as worker:
        first, quiet, still, news = asyncio.run(listen(worker))
    assert [json.loads(event.removeprefix("data: ")) for event in (first, news)] == [
        {me.agency: 1},
        {me.agency: 2},
    ]
    assert quiet == still == ":\n\n"


def test_the_stream_ends_so_that_rights_are_looked_at_again(server, devices, monkeypatch):
    monkeypatch.setattr(heads_api, "STREAM_S", 0.0)
    me = devices()
    answer = server.get("/v1/heads", headers=bearer(me))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert json.loads(answer.text.removeprefix("data: "))[me.agency] == 0


def test_only_risen_heads_are_news():
    async def hear():
        waiter = Waiter({"a": 3})
        waiter.hear({"a": 3, "b": 9})
        quiet = await waiter.news(0.01)
        waiter.hear({"a": 4})
        return quiet, await waiter.news(1), waiter.heads

    assert asyncio.run(hear()) == (False, True, {"a": 4})


@pytest.mark.parametrize("why", ["revoked", "other scopes"])
def test_who_may_not_listen_any_more_hears_nothing_more(database, devices, monkeypatch, why):
    monkeypatch.setattr(heads_api, "LOOK_S", 0.0)
    me = devices()
    asked: list[list[str]] = []

    def keys(_request):
        asked.append([me.agency])
        if len(asked) > 2 and why == "revoked":
            raise Denied(401, "revoked")
        return [me.agency] if len(asked) <= 2 else ["p"]

    monkeypatch.setattr(heads_api, "_keys", keys)
    monkeypatch.setattr(heads_api, "QUIET_S", 0.01)

    async def listen(worker):
        return [said async for said in heads_api._events(ANYBODY, worker, [me.agency])]

    me.born("party", PARTY)
    with Notices(database) as worker:
        said = asyncio.run(asyncio.wait_for(listen(worker), 20))
    assert said[0] == f'data: {{"{me.agency}": 1}}\n\n'
    assert said[1:] == [":\n\n"] * 2
    assert len(asked) == 3


@pytest.mark.parametrize("away", [OverloadedError(), psycopg.OperationalError()])
def test_a_database_that_is_away_ends_no_stream(monkeypatch, away):
    def keys(_request):
        raise away

    monkeypatch.setattr(heads_api, "_keys", keys)
    assert heads_api._is_still_for(ANYBODY, ["p"])
