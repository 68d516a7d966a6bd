"""How far this machine's clock is from the server's, so that edits carry comparable times.

A wrong clock is corrected, and never a reason to stop.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

SAMPLES: Final = 8
WORTH_KEEPING_MS: Final = 50
"""A correction that differs by less than this from the kept one is noise."""


@dataclass(slots=True)
class Clocks:
    """The last comparisons of the two clocks; the one with the shortest way is the truest."""

    kept_ms: int | None = None
    _samples: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=SAMPLES))

    def compare(self, *, sent_ms: int, received_ms: int, way_ms: int, server_ms: int) -> int | None:
        """Take in one round trip; return the correction in milliseconds if it is news.

        ``way_ms`` is the round trip by a clock that nobody sets; the other two are this machine's time.
        """
        self._samples.append((way_ms, server_ms - (sent_ms + received_ms) // 2))
        best = min(self._samples)[1]
        if self.kept_ms is not None and abs(best - self.kept_ms) < WORTH_KEEPING_MS:
            return None
        self.kept_ms = best
        return best
