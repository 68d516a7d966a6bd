"""The peak memory of a child process, which on Linux begins with that of the parent it was forked from."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Final

STATUS: Final = Path("/proc/self/status")


def peak_megabytes() -> float:
    """Return the most memory this process has held since its program was started."""
    if STATUS.exists():
        line = next(line for line in STATUS.read_text("ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
