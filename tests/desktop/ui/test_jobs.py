"""The job runner on real threads, and its synchronous twin."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import shiboken6
from PySide6.QtCore import QObject, QThread

from desktop.models.work import Changes, Touch
from desktop.sync.exchange import Taken
from desktop.ui.jobs import InstantJobs, Jobs
from domain.problems import Refusal, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


@pytest.fixture
def running(qapp: object) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


def written(*touched: Touch) -> Changes:
    return Changes(uuid.uuid4(), "written", touched)


def test_a_result_comes_back_on_the_thread_of_the_interface(running: Jobs, qtbot: QtBot) -> None:
    seen: list[Any] = []
    running.read(QThread.currentThread, lambda worker: seen.extend((worker, QThread.currentThread())))
    qtbot.waitUntil(lambda: running.idle)
    worker, here = seen
    assert worker is not here
    assert here is running.thread()


def test_writes_keep_their_order_even_if_the_first_is_slow(running: Jobs, qtbot: QtBot) -> None:
    gate, order = threading.Event(), list[str]()
    running.write(lambda: gate.wait(5), lambda _: order.append("first"))
    running.write(lambda: None, lambda _: order.append("second"))
    gate.set()
    qtbot.waitUntil(lambda: running.idle)
    assert order == ["first", "second"]


def test_reads_run_beside_a_slow_write(running: Jobs, qtbot: QtBot) -> None:
    gate, seen = threading.Event(), list[Any]()
    running.write(lambda: gate.wait(5))
    running.read(lambda: 7, seen.append)
    qtbot.waitUntil(lambda: seen == [7])
    gate.set()
    qtbot.waitUntil(lambda: running.idle)


def test_every_write_that_changed_something_is_told_with_its_initiator(running: Jobs, qtbot: QtBot) -> None:
    told: list[tuple[Any, Any]] = []
    running.changed.connect(lambda changes, by: told.append((changes, by)))
    change = written(Touch("party", uuid.uuid4(), "changed"))
    running.write(written, initiator="nobody")
    running.write(lambda: Taken(touched={"party"}), initiator="a stick")
    running.write(lambda: change, initiator="me")
    qtbot.waitUntil(lambda: running.idle)
    assert told == [(change, "me")]


def test_a_refusal_goes_to_whoever_asked_and_else_to_the_window(running: Jobs, qtbot: QtBot) -> None:
    asked: list[Refusal] = []
    unasked: list[Refusal] = []
    running.refused.connect(unasked.append)

    def work() -> None:
        raise refuse("title", "required")

    running.write(work, refused=asked.append)
    running.write(work)
    qtbot.waitUntil(lambda: running.idle)
    assert [len(asked), len(unasked)] == [1, 1]


@pytest.mark.expects_warning("a job failed")
def test_any_other_error_is_a_fault_and_is_reported_once(running: Jobs, qtbot: QtBot) -> None:
    faults: list[Exception] = []
    running.crashed.connect(faults.append)
    running.read(lambda: 1 / 0)
    qtbot.waitUntil(lambda: running.idle)
    assert [type(fault) for fault in faults] == [ZeroDivisionError]


def test_long_work_tells_its_progress_and_can_be_stopped(running: Jobs, qtbot: QtBot) -> None:
    steps: list[tuple[str, int, int]] = []
    running.progressed.connect(lambda *told: steps.append(told))
    done: list[Any] = []

    def work(job: Any) -> str:
        job.step(1, 3)
        while True:
            job.step(2, 3)

    running.long("签发证书", work, done.append)
    qtbot.waitUntil(lambda: bool(steps))
    running.cancel_long()
    qtbot.waitUntil(lambda: running.idle)
    assert steps[0] == ("签发证书", 1, 3)
    assert steps[-1] == ("签发证书", 0, 0)
    assert done == []


def test_a_result_for_a_deleted_widget_is_dropped(running: Jobs, qtbot: QtBot) -> None:
    gate, seen, owner = threading.Event(), list[Any](), QObject()
    running.read(lambda: gate.wait(5), seen.append, owner=owner)
    owner.deleteLater()
    qtbot.waitUntil(lambda: not is_valid(owner))
    gate.set()
    qtbot.waitUntil(lambda: running.idle)
    assert seen == []


def is_valid(owner: QObject) -> bool:
    return shiboken6.isValid(owner)


def test_closing_waits_for_what_is_being_written(qapp: object) -> None:
    jobs, written = Jobs(), list[int]()
    jobs.write(lambda: written.append(1))
    jobs.write(lambda: written.append(2))
    jobs.close()
    assert written == [1, 2]


def test_the_twin_is_done_before_the_call_returns(qapp: object) -> None:
    jobs, seen = InstantJobs(), list[Any]()
    jobs.write(lambda: 5, seen.append)
    jobs.close()
    assert seen == [5]
    assert jobs.idle
