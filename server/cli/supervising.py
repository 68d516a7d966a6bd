"""Keeps the workers at work so that none of them, dead or silent, holds up the others or the end.

uvicorn's own supervisor does not notice that a worker dies while it waits for its answer, and hears no signal
until that wait is over; in the end it waits for its workers for ever.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import SIGNALS, Process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SLICE_S: Final = 0.5
"""How long the word to end may have to wait while a worker owes an answer."""
_MOMENT_S: Final = 0.05
_WORDS_TO_END: Final = frozenset({"INT", "TERM", "BREAK"})
_log = logging.getLogger(__name__)


class Supervisor(Multiprocess):
    """uvicorn's supervisor without its long waits."""

    end_s: float = 30.0
    """A worker that was told to end and has not by then is killed; what it was doing PostgreSQL undoes."""

    def keep_subprocess_alive(self) -> None:
        """Replace workers that have died, or that have not answered for as long as the options allow."""
        for process in self.processes:
            if self._asked(process, process.ping) is False:
                _log.error("worker %s does not answer and is killed", process.pid)
                process.process.kill()
                process.process.join()
        if not self._told_to_end():
            super().keep_subprocess_alive()

    def restart_all(self) -> None:
        """Replace each worker by one that is ready; if that does not become ready, the others stay."""
        for number, old in enumerate(self.processes):
            new = Process(self.config, self.sockets)
            new.start()
            if not self._asked(new, new.is_ready):
                _log.error("a new worker did not become ready; worker %s stays", old.pid)
                new.kill()
                new.join()
                return
            old.terminate()
            self._see_off([old])
            self.processes[number] = new

    def join_all(self) -> None:
        """See off the workers, which have been told to end."""
        self._see_off(self.processes)

    def _asked(self, process: Process, ask: Callable[[float], bool]) -> bool | None:
        """Ask a worker until it says yes; no says its silence, and nothing its death or the word to end."""
        process.child_conn.close()  # the worker's end of the line: held by it alone, it is gone when it dies
        until = time.monotonic() + self.config.timeout_worker_healthcheck
        while not self._told_to_end():
            if ask(_SLICE_S):
                return True
            process.process.join(_MOMENT_S)
            if process.exitcode is not None:
                return None
            if time.monotonic() > until:
                return False
        return None

    def _told_to_end(self) -> bool:
        waiting = {SIGNALS[number] for number in tuple(self.signal_queue)}
        return self.should_exit.is_set() or bool(waiting & _WORDS_TO_END)

    def _see_off(self, processes: Iterable[Process]) -> None:
        until = time.monotonic() + self.end_s
        for process in processes:
            process.process.join(max(until - time.monotonic(), 0))
            if process.exitcode is None:
                _log.error("worker %s does not end and is killed", process.pid)
                process.kill()
                process.join()
