"""Listens to the server in a light thread, so that what others did is here within a second."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Final

from desktop.sync.troubles import RevokedError, SyncError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAUSE_S: Final = (5.0, 30.0)
"""After a broken line the ears rest by chance between these; the timer goes on meanwhile."""


class Ears:
    """One listening thread; ``heard`` is called with True at each word, with False when the line breaks.

    ``revoked`` is called when the server wants to hear of this device no more: it may have to be wiped.
    """

    def __init__(
        self,
        notices: Callable[[], Iterator[None]],
        heard: Callable[[bool], None],
        revoked: Callable[[], None],
    ) -> None:
        self._notices = notices
        self._heard = heard
        self._revoked = revoked
        self.live = False
        """Whether the line to hear by is open."""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sync-ears", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; the line itself is closed by who opened it."""
        self._stopped.set()

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                for _ in self._notices():
                    if self._stopped.is_set():
                        return
                    self.live = True
                    self._heard(True)
            except RevokedError:
                self._revoked()
            except SyncError:
                pass  # whatever it is, the next sync meets it and tells
            self.live = False
            if not self._stopped.is_set():
                self._heard(False)
            self._stopped.wait(random.SystemRandom().uniform(*PAUSE_S))
