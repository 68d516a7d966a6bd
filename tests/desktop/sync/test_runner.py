"""The background thread: it wakes, waits, holds, tells the truth and stops at once."""

from __future__ import annotations

import datetime as dt
import errno
import threading
from typing import TYPE_CHECKING

import pytest

from desktop.models import number_series
from desktop.sync.files import Files
from desktop.sync.runner import Runner
from desktop.sync.transport import Transport
from desktop.sync.troubles import (
    BrokenError,
    BusyError,
    ExpiredError,
    OfflineError,
    RevokedError,
    SignedOutError,
    TooOldError,
    WrongServerError,
)
from tests.offices import now

if TYPE_CHECKING:
    from desktop.sync.status import Status

PATIENCE = 20.0


class Watch:
    """Remembers what a runner tells, and waits for what a test expects."""

    def __init__(self, desk, **options):
        self.told: list[Status] = []
        self.touched: set[str] = set()
        self.trust: list[str] = []
        self.wiped: list[bool] = []
        self._news = threading.Condition()
        self.failing: Exception | None = None
        self.asked = 0
        self.cuts = 0
        watch = self

        class Line(Transport):
            def ask(self, *arguments, **more):
                watch.asked += 1
                if watch.failing:
                    raise watch.failing
                return super().ask(*arguments, **more)

            def pieces(self, *arguments, **more):
                if watch.cuts:
                    watch.cuts -= 1
                    raise OfflineError("the line broke under a file")
                return super().pieces(*arguments, **more)

        options.setdefault("connect", lambda _server, _pin: Line(desk.office.line()))
        options.setdefault("listens", False)
        self.runner = Runner(
            desk.store,
            desk.blobs,
            desk.vault,
            desk.keys,
            build="test",
            on_change=self._changed,
            on_trust=self.trust.append,
            on_wipe=lambda: self.wiped.append(True),
            now=now,
            **options,
        )

    def _changed(self, status, touched):
        with self._news:
            self.told.append(status)
            self.touched |= touched
            self._news.notify_all()

    def until(self, expected):
        """Wait until a status is told for which ``expected`` holds, and return it."""
        with self._news:
            assert self._news.wait_for(lambda: any(map(expected, self.told)), PATIENCE), self.told[-3:]
            found = next(status for status in self.told if expected(status))
            self.told.clear()
            return found

    def __enter__(self):
        self.runner.start()
        return self

    def __exit__(self, *_):
        assert self.runner.stop(5.0)


def idle(status):
    return status.phase == "idle"


def test_it_syncs_at_once_and_says_so(office):
    desk, other = office.desk(), office.desk()
    other.put("party", name="甲公司", kind="organisation")
    other.sync()
    with Watch(desk) as watch:
        status = watch.until(idle)
        assert status.last_success is not None
        assert status.counts.waiting == 0
        assert watch.touched == {"party"}


def test_a_commit_wakes_it(office):
    desk, other = office.desk(), office.desk()
    with Watch(desk) as watch:
        watch.until(idle)
        party = desk.put("party", name="甲公司", kind="organisation")
        watch.runner.poke()
        watch.until(idle)
    other.sync()
    assert other.get("party", party)


def test_without_a_server_it_is_off(office):
    desk = office.alone()
    with Watch(desk) as watch:
        watch.runner.sync_now()
        assert watch.runner.status().phase == "off"
        desk.join(office.invite())
        watch.runner.sync_now()
        watch.until(idle)


def test_held_it_asks_nobody(office):
    desk = office.desk()
    with Watch(desk) as watch:
        watch.until(idle)
        watch.runner.hold(True)
        watch.until(lambda status: status.phase == "held")
        asked = watch.asked
        desk.put("party", name="甲公司", kind="organisation")
        watch.runner.poke()
        watch.runner.sync_now()
        assert watch.asked == asked
        watch.runner.hold(False)
        assert watch.until(idle).counts.waiting == 0


@pytest.mark.parametrize(
    ("failing", "phase", "trouble"),
    [
        (OfflineError("gone"), "offline", None),
        (BusyError("503", 60.0), "trouble", "busy"),
        (SignedOutError("signed-out"), "trouble", "signed-out"),
        (TooOldError("426"), "trouble", "too-old"),
        (WrongServerError("pin"), "trouble", "wrong-server"),
        (BrokenError("400"), "trouble", "broken"),
        (RevokedError("revoked", None), "trouble", "revoked"),
        (OSError(errno.ENOSPC, "full"), "trouble", "disk-full"),
    ],
)
def test_every_trouble_has_its_name_and_ends_when_its_cause_does(office, failing, phase, trouble):
    desk = office.desk()
    with Watch(desk) as watch:
        watch.until(idle)
        desk.put("party", name="甲公司", kind="organisation")
        watch.failing = failing
        watch.runner.sync_now()
        status = watch.until(lambda status: status.phase == phase)
        assert status.trouble == trouble
        assert status.counts.waiting + status.counts.in_flight == 1
        watch.failing = None
        watch.runner.sync_now()
        status = watch.until(idle)
        assert (status.trouble, status.retry_at, status.counts.waiting) == (None, None, 0)


def test_after_days_without_a_network_it_still_tries(office):
    desk = office.desk()
    with Watch(desk) as watch:
        watch.until(idle)
        watch.failing = OfflineError("gone")
        watch.runner._failures = 5_000
        watch.runner.sync_now()
        assert watch.until(lambda status: status.phase == "offline").retry_at is not None
        watch.failing = None
        watch.runner.sync_now()
        watch.until(idle)


def test_room_on_the_disk_is_noticed_within_a_minute_however_long_it_was_full(office, monkeypatch):
    desk = office.desk()
    with Watch(desk) as watch:
        watch.until(idle)
        monkeypatch.setattr(watch.runner._chance, "uniform", lambda _low, high: high)
        watch.failing = OSError(errno.ENOSPC, "full")
        watch.runner._failures = 5_000
        watch.runner.sync_now()
        due = watch.until(lambda status: status.trouble == "disk-full").retry_at
        assert due is not None
        assert due - now() <= dt.timedelta(minutes=1)


def test_a_token_that_runs_out_in_the_middle_of_a_file_does_not_end_the_thread(office, monkeypatch):
    desk = office.desk()
    with Watch(desk) as watch:
        watch.until(idle)

        def asleep(_files):
            raise ExpiredError("401 expired")

        with monkeypatch.context() as patched:
            patched.setattr(Files, "turn", asleep)
            watch.runner.sync_now()
            assert watch.until(lambda status: status.phase == "trouble").trouble == "broken"
        watch.runner.sync_now()
        watch.until(idle)


@pytest.mark.expects_warning("sync stopped by a bug")
def test_a_bug_is_told_and_does_not_end_the_thread(office):
    desk = office.desk()
    with Watch(desk) as watch:
        watch.until(idle)
        watch.failing = ZeroDivisionError("bug")
        watch.runner.sync_now()
        assert watch.until(lambda status: status.trouble == "broken").detail == "ZeroDivisionError"
        watch.failing = None
        watch.runner.sync_now()
        watch.until(idle)


@pytest.mark.expects_warning("a listener of sync failed")
def test_a_screen_that_fails_does_not_end_the_thread(office):
    desk, other = office.desk(), office.desk()
    watch = Watch(desk)
    heard = watch._changed

    def changed(status, touched):
        heard(status, touched)
        if status.phase == "syncing":
            raise ZeroDivisionError

    watch.runner._on_change = changed
    with watch:
        watch.until(idle)
        party = other.put("party", name="甲公司", kind="organisation")
        other.sync()
        watch.runner.sync_now()
        watch.until(idle)
    assert desk.get("party", party)


def test_after_a_failure_an_edit_does_not_hurry_it_but_the_user_does(office):
    desk = office.desk()
    with Watch(desk) as watch:
        watch.until(idle)
        watch.failing = BusyError("503", 3_600.0)
        watch.runner.sync_now()
        watch.until(lambda status: status.trouble == "busy")
        asked = watch.asked
        watch.runner.poke()
        watch.runner._thread.join(0.3)
        assert watch.asked == asked
        watch.failing = None
        watch.runner.sync_now()
        watch.until(idle)


def test_it_stops_in_the_middle_of_a_request_that_hangs(office):
    desk, asked, closed = office.desk(), threading.Event(), threading.Event()

    class Hanging(Transport):
        def ask(self, *_arguments, **_options):
            asked.set()
            closed.wait(PATIENCE)
            raise OfflineError("closed")

        def close(self):
            closed.set()
            super().close()

    watch = Watch(desk, connect=lambda _server, _pin: Hanging(office.line()))
    watch.runner.start()
    assert asked.wait(PATIENCE)
    assert watch.runner.stop(2.0)


def test_stopped_before_it_began_it_is_stopped(office):
    watch = Watch(office.desk())
    assert watch.runner.stop()


@pytest.mark.parametrize("cuts", [0, 1])
def test_files_follow_the_records(office, monkeypatch, cuts):
    from desktop.models import file_copies, sync_state
    from desktop.models.tables import now_text

    monkeypatch.setattr("desktop.sync.runner.FILES_S", 0.0)
    desk, other = office.desk(), office.desk()
    body = b"contract" * 1_000
    sha256 = other.blobs.put(body)
    other.put("attachment", name="合同.pdf", sha256=sha256, size=len(body))
    other.sync()
    other.carry_files()
    with Watch(desk) as watch:
        watch.until(idle)
        watch.cuts = cuts
        with desk.store.write() as connection:
            file_copies.want(connection, desk.blobs, sha256, now_text(now()))
        watch.runner.poke()
        watch.until(lambda status: status.phase == "idle" and sha256 in desk.blobs)
    assert desk.blobs.get(sha256) == body
    with desk.store.read() as connection:
        logged = {run.kind: (run.sent, run.received, run.bytes_down) for run in sync_state.runs(connection)}
    assert logged["files"][:2] == (0, 1)
    assert logged["files"][2] >= len(body)


def test_a_run_that_did_something_is_logged_without_names(office):
    from desktop.models import sync_state

    desk = office.desk()
    desk.put("party", name="甲公司", kind="organisation")
    with Watch(desk) as watch:
        watch.until(idle)
    with desk.store.read() as connection:
        (run,) = sync_state.runs(connection)
    assert (run.kind, run.sent, run.detail) == ("sync", 1, "")
    assert run.bytes_up > 100
    assert run.bytes_down > 100


def test_a_lost_device_destroys_its_key_on_the_servers_word(office):
    from desktop.models.keys import KeyringMissingError
    from server.accounts import devices

    desk = office.desk()
    key = desk.keys.unlock(None)
    with Watch(desk) as watch:
        watch.until(idle)
        with office.app.state.database.connection() as connection:
            devices.revoke(connection, desk.mine.device, wipe=True, now=now())
        watch.runner.sync_now()
        watch.until(lambda status: status.trouble == "revoked")
    assert watch.wiped == [True]
    with pytest.raises(KeyringMissingError):
        desk.keys.unlock(None)
    assert key.hex() not in str(desk.keyring.held)
    assert desk.vault.read() is None


@pytest.mark.parametrize("wrong", ["device", "signature", "at"])
def test_an_order_to_wipe_that_is_not_the_servers_is_not_carried_out(office, wrong):
    from domain.protocol import WipeOrder

    desk = office.desk()
    key = desk.keys.unlock(None)
    device = desk.mine.device
    signature = office.app.state.keys.sign(f"wipe {device} 5".encode())
    order = {
        "device": WipeOrder(device + 1, 5, office.app.state.keys.sign(f"wipe {device + 1} 5".encode())),
        "signature": WipeOrder(device, 5, "no signature"),
        "at": WipeOrder(device, 6, signature),
    }[wrong]
    with Watch(desk) as watch:
        watch.until(idle)
        watch.failing = RevokedError("revoked", order)
        watch.runner.sync_now()
        watch.until(lambda status: status.trouble == "revoked")
    assert watch.wiped == []
    assert desk.keys.unlock(None) == key


def test_numbers_come_in_blocks(office):
    from desktop.models import sync_state

    desk = office.desk(office.invite(role="trainer"))
    with desk.store.write() as connection:
        number_series.wanted(connection, 2026)
    with Watch(desk) as watch:
        watch.until(idle)
    with desk.store.write() as connection:
        numbers = [sync_state.next_number(connection, "JJ2026") for _ in range(3)]
    assert numbers == [1, 2, 3]
