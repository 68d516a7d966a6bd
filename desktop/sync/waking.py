"""The alarm clock of the sync thread: it sleeps until time, news or the end of the program wakes it."""

from __future__ import annotations

import threading


class Waking:
    """Pokes from any thread, rests in one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._poked = False
        self._urgent = False
        self.stopped = False

    @property
    def awake(self) -> bool:
        """Tell whether somebody has asked for a sync since the last rest."""
        return self._poked

    def poke(self, *, urgent: bool = False) -> None:
        """Wake the sleeper; only an urgent poke cuts a patient rest short."""
        with self._changed:
            self._poked = True
            self._urgent |= urgent
            self._changed.notify_all()

    def stop(self) -> None:
        """Wake the sleeper for the last time."""
        with self._changed:
            self.stopped = True
            self._changed.notify_all()

    def rest(self, seconds: float | None, *, patient: bool) -> bool:
        """Sleep so long, for ever with None; tell whether a commit has cut it short.

        ``patient`` rests are those after a failure: an edit is no reason to ask a busy server again.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self.stopped or self._urgent or (self._poked and not patient), seconds
            )
            by_commit = self._poked and not self._urgent and not self.stopped
            self._poked = self._urgent = False
            return by_commit

    def settle(self, seconds: float) -> None:
        """Sleep a moment more, which only the end of the program cuts short."""
        with self._changed:
            self._changed.wait_for(lambda: self.stopped, seconds)
