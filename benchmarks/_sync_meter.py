"""Time, processor, memory and bytes on the loopback of one step; standard library only, for any Python.

In a network namespace of their own the loopback's counters count the benchmark's bytes and nobody else's.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, Self

DEVICES = Path("/proc/net/dev")
STATUS = Path("/proc/self/status")


def loopback_bytes() -> int:
    """Return the bytes that have gone over the loopback, each counted once; 0 where nobody counts."""
    if not DEVICES.exists():
        return 0
    line = next(line for line in DEVICES.read_text("ascii").splitlines() if line.strip().startswith("lo:"))
    return int(line.split(":")[1].split()[0])


def peak_megabytes() -> float:
    """Return the most memory this process has held."""
    line = next(line for line in STATUS.read_text("ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


class Meter:
    """Measures what happens inside its ``with``."""

    def __enter__(self) -> Self:
        self._bytes, self._cpu, self._started = loopback_bytes(), _cpu(), time.perf_counter()
        return self

    def __exit__(self, *_error: object) -> None:
        self.seconds = time.perf_counter() - self._started
        self.cpu = _cpu() - self._cpu
        self.bytes = loopback_bytes() - self._bytes

    def tell(self, **more: Any) -> None:
        """Print the figures as a line of JSON."""
        figures = {"seconds": self.seconds, "bytes": self.bytes, "cpu": self.cpu, "peak": peak_megabytes()}
        print(json.dumps({**figures, **more}), flush=True)


def _cpu() -> float:
    times = os.times()
    return times.user + times.system
