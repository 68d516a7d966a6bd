"""A disk that can be filled and emptied: a real one in memory where this user may mount it.

Elsewhere no file of this process may grow while the disk is "full": writes fail in the same places.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB: Final = 1 << 20
SIZE_MIB: Final = 48
BALLAST: Final = "ballast"


class MountedDisk:
    """A file system of its own; what fills it is a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, leaving: int = 0) -> None:
        """Let there be room for so many bytes and no more."""
        free = shutil.disk_usage(self.folder).free
        with (self.folder / BALLAST).open("wb") as out:
            os.posix_fallocate(out.fileno(), 0, free - leaving)

    def empty(self) -> None:
        (self.folder / BALLAST).unlink(missing_ok=True)


class LimitedDisk:
    """A folder in which files cannot grow beyond a length, and nowhere else either."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self, leaving: int = 0) -> None:
        """Let files have so many bytes and no more."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (leaving, self._before[1]))

    def empty(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


SmallDisk = MountedDisk | LimitedDisk


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Lend a disk at a new folder, empty again at the end."""
    folder.mkdir()
    mounted = _mount(folder)
    disk = MountedDisk(folder) if mounted else LimitedDisk(folder)
    held = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails instead
    try:
        yield disk
    finally:
        disk.empty()
        signal.signal(signal.SIGXFSZ, held)
        if mounted:
            subprocess.run(["umount", "--lazy", folder], check=True)


def _mount(folder: Path) -> bool:
    """Mount a small file system, if this machine lets this user."""
    if shutil.which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
