"""The one way work leaves the UI thread: reads side by side, writes in order, results back on the UI thread.

Errors have one path: a ``Refusal`` goes to whoever asked, else to the message bar; ``Cancelled`` is silent;
anything else is a bug and is reported once, by ``crashed``.
"""

from __future__ import annotations

import concurrent.futures
import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import shiboken6
from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal

from domain.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

READERS: Final = 3
QUIET_MS: Final = 180
"""Longer than any search box waits for the next key."""
LONGEST_MS: Final = 10_000
log = logging.getLogger(__name__)


class Cancelled(Exception):  # noqa: N818 - the user's wish, not an error of the program
    """The user took the request back; nothing is said about it."""


@dataclass
class Job:
    """One piece of work on its way; the work itself may ask it whether to stop and tell how far it is."""

    work: Callable[[Job], Any]
    done: Callable[[Any], None] | None
    refused: Callable[[Refusal], None] | None
    owner: QObject | None
    initiator: object
    label: str = ""
    told: Callable[[Job, int, int], None] | None = None
    _cancelled: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask the work to stop, and forget its result."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Tell whether the result is no longer wanted."""
        return self._cancelled.is_set()

    def step(self, done: int, total: int) -> None:
        """Say how far the work is.

        Raises:
            Cancelled: the user asked to stop.
        """
        if self.cancelled:
            raise Cancelled
        if self.told:
            self.told(self, done, total)


class Jobs(QObject):
    """Runs work on threads of its own and hands results to the UI thread by queued signals."""

    changed = Signal(object, object)
    """(Changes, initiator): emitted after every write that changed something."""
    refused = Signal(object)
    """A Refusal that nobody asked to handle."""
    crashed = Signal(object)
    """An exception that is a bug."""
    progressed = Signal(str, int, int)
    """(label, done, total) of long work."""
    busy = Signal(bool)
    """Whether any work is on its way."""

    _finished = Signal(object, object, object)
    _stepped = Signal(object, int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = concurrent.futures.ThreadPoolExecutor(READERS, "read")
        self._writer = concurrent.futures.ThreadPoolExecutor(1, "write")
        self._running = 0
        self._long: list[Job] = []
        self._finished.connect(self._deliver)
        self._stepped.connect(self._tell)

    @property
    def idle(self) -> bool:
        """Tell whether every result has been delivered."""
        return not self._running

    def read(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None] | None = None,
        refused: Callable[[Refusal], None] | None = None,
        *,
        owner: QObject | None = None,
    ) -> Job:
        """Run something that changes nothing; reads run side by side, in no order.

        ``owner`` is the widget the callbacks belong to (found by itself for bound methods): once it is
        gone they are not called.
        """
        return self._start(self._readers, lambda _job: work(), done, refused, owner)

    def write(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None] | None = None,
        refused: Callable[[Refusal], None] | None = None,
        *,
        owner: QObject | None = None,
        initiator: object = None,
    ) -> Job:
        """Run a command after all commands given before it."""
        return self._start(self._writer, lambda _job: work(), done, refused, owner, initiator=initiator)

    def long(
        self,
        label: str,
        work: Callable[[Job], Any],
        done: Callable[[Any], None] | None = None,
        refused: Callable[[Refusal], None] | None = None,
        *,
        owner: QObject | None = None,
        initiator: object = None,
    ) -> Job:
        """Run long work that calls ``job.step(done, total)``; it is shown by its label and can be stopped."""
        return self._start(self._readers, work, done, refused, owner, initiator=initiator, label=label)

    def cancel_long(self) -> None:
        """Ask the long work that is running to stop."""
        for job in self._long:
            job.cancel()

    def close(self) -> None:
        """Finish what is being written, drop what is only read, and join every thread."""
        self._readers.shutdown(wait=True, cancel_futures=True)
        self._writer.shutdown(wait=True)

    def _start(
        self,
        executor: concurrent.futures.Executor,
        work: Callable[[Job], Any],
        done: Callable[[Any], None] | None,
        refused: Callable[[Refusal], None] | None,
        owner: QObject | None,
        *,
        initiator: object = None,
        label: str = "",
    ) -> Job:
        job = Job(work, done, refused, owner or _owner_of(done), initiator, label, self._stepped.emit)
        self._running += 1
        if self._running == 1:
            self.busy.emit(True)
        if label:
            self._long.append(job)
        self._submit(executor, job)
        return job

    def _submit(self, executor: concurrent.futures.Executor, job: Job) -> None:
        executor.submit(self._run, job)

    def _run(self, job: Job) -> None:
        """Do the work in its thread; whatever happens is sent, never raised here."""
        result: Any = None
        error: Exception | None = Cancelled() if job.cancelled else None
        try:
            result = None if error else job.work(job)
        except Exception as raised:  # noqa: BLE001 - the one place where every error of a job is caught
            error = raised
        self._finished.emit(job, result, error)

    def _deliver(self, job: Job, result: Any, error: Exception | None) -> None:
        self._running -= 1
        if job.label:
            self._long.remove(job)
            self.progressed.emit(job.label, 0, 0)
        try:
            if error is None:
                self._succeed(job, result)
            else:
                self._fail(job, error)
        finally:
            if not self._running:
                self.busy.emit(False)

    def _succeed(self, job: Job, result: Any) -> None:
        if job.done and not job.cancelled and _alive(job.owner):
            job.done(result)
        # Told by its command's id: the class itself would bring SQLAlchemy in before the first paint.
        if getattr(result, "command_id", None) and result.touched:
            self.changed.emit(result, job.initiator)

    def _fail(self, job: Job, error: Exception) -> None:
        if isinstance(error, Cancelled):
            return
        if not isinstance(error, Refusal):
            log.error("a job failed", exc_info=error)
            self.crashed.emit(error)
        elif job.refused and _alive(job.owner):
            job.refused(error)
        else:
            self.refused.emit(error)

    def _tell(self, job: Job, done: int, total: int) -> None:
        if not job.cancelled:
            self.progressed.emit(job.label, done, total)


class InstantJobs(Jobs):
    """The synchronous twin for tests: work is done, and its result delivered, before the call returns."""

    def _submit(self, _executor: concurrent.futures.Executor, job: Job) -> None:
        self._run(job)


def settle(jobs: Jobs) -> bool:
    """Run an event loop until no work has been on its way for a moment; for pictures of finished screens.

    Returns whether all was done; after ten seconds it gives up.
    """
    loop = QEventLoop()
    limit = QTimer(singleShot=True, interval=LONGEST_MS)
    limit.timeout.connect(loop.quit)
    limit.start()
    look = QTimer(interval=QUIET_MS)
    look.timeout.connect(lambda: loop.quit() if jobs.idle else None)
    look.start()
    loop.exec()
    limit.stop()
    look.stop()
    return jobs.idle


def _owner_of(callback: Callable[..., Any] | None) -> QObject | None:
    owner = getattr(callback, "__self__", None)
    return owner if isinstance(owner, QObject) else None


def _alive(owner: QObject | None) -> bool:
    return owner is None or shiboken6.isValid(owner)
