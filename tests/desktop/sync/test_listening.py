"""A real server on this machine: what one desk writes is on the other without anybody asking for it."""

from __future__ import annotations

import threading

import pytest

from desktop.sync import ears
from desktop.sync import runner as runner_module
from desktop.sync.ears import Ears
from desktop.sync.runner import Runner
from desktop.sync.transport import Transport
from desktop.sync.troubles import OfflineError, RevokedError
from server.accounts import devices
from server.sync import heads_api
from tests import offices
from tests.offices import Office, now

PATIENCE = 20.0


@pytest.fixture
def near(server_app, tmp_path, store_template):
    """Return an office whose desks reach the server over a socket of this machine."""
    with offices.listening(server_app, lifespan="off") as port:
        office = Office(server_app, tmp_path, store_template)
        office.connect = lambda _server="", _pin="": Transport.to(f"http://127.0.0.1:{port}", "")  # type: ignore[method-assign]  # a socket for the in-process line
        yield office


def listening(near, desk, changed, on_wipe=lambda: None):
    """Return the runner of a desk that listens to the server."""
    return Runner(
        desk.store,
        desk.blobs,
        desk.vault,
        desk.keys,
        build="test",
        on_change=changed,
        on_trust=desk.trust.append,
        on_wipe=on_wipe,
        now=now,
        connect=near.connect,
    )


@pytest.mark.loopback
def test_news_arrive_without_waiting_for_the_timer(near):
    desk, other = near.desk(), near.desk()
    arrived, live = threading.Event(), threading.Event()

    def changed(status, touched):
        if "party" in touched:
            arrived.set()
        if status.phase == "idle" and status.live:
            live.set()

    runner = listening(near, desk, changed)
    runner.start()
    assert live.wait(PATIENCE)
    party = other.put("party", name="甲公司", kind="organisation")
    other.sync()
    assert arrived.wait(PATIENCE)
    assert desk.get("party", party)
    assert runner.stop(2.0)
    desk.close()
    other.close()


@pytest.mark.loopback
def test_a_lost_device_that_listens_is_wiped_without_waiting_for_the_timer(near, monkeypatch):
    monkeypatch.setattr(heads_api, "LOOK_S", 0.2)
    monkeypatch.setattr(heads_api, "QUIET_S", 0.2)
    monkeypatch.setattr(ears, "PAUSE_S", (0.01, 0.02))
    monkeypatch.setattr(runner_module, "PERIOD_S", 10 * PATIENCE)
    desk = near.desk()
    desk.keys.unlock(None)
    live, wiped = threading.Event(), threading.Event()

    def changed(status, _touched):
        if status.phase == "idle" and status.live:
            live.set()

    runner = listening(near, desk, changed, on_wipe=wiped.set)
    runner.start()
    assert live.wait(PATIENCE)
    with near.app.state.database.connection() as connection:
        devices.revoke(connection, desk.mine.device, wipe=True, now=now())
    assert wiped.wait(PATIENCE)
    assert runner.stop(2.0)
    desk.close()


@pytest.mark.loopback
def test_nothing_new_is_600_bytes_on_a_real_line(near):
    desk = near.desk()
    desk.put("party", name="甲公司", kind="organisation")
    conversation = desk.talk()
    conversation.engine.run()
    conversation.engine.run()
    line = conversation.transport
    before = line.bytes_up + line.bytes_down
    conversation.engine.run()
    conversation.close()
    assert line.bytes_up + line.bytes_down - before <= 600
    desk.close()


def test_who_is_told_to_stop_hears_nothing_more():
    heard: list[bool] = []

    def words():
        yield
        open_ears.stop()
        yield

    open_ears = Ears(words, heard.append, lambda: None)
    open_ears.start()
    open_ears._thread.join(10)
    assert heard == [True]


def test_a_line_that_breaks_while_ears_are_closed_is_no_news():
    heard: list[bool] = []

    def broken():
        open_ears.stop()
        raise OfflineError("cut")
        yield

    open_ears = Ears(broken, heard.append, lambda: None)
    open_ears.start()
    open_ears._thread.join(10)
    assert heard == []


def test_a_line_that_ends_because_the_device_was_revoked_is_said_at_once():
    said: list[str] = []

    def declined():
        open_ears.stop()
        raise RevokedError("revoked", None)
        yield

    open_ears = Ears(declined, lambda _live: said.append("heard"), lambda: said.append("revoked"))
    open_ears.start()
    open_ears._thread.join(10)
    assert said == ["revoked"]
