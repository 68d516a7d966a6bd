"""A workspace that carries its files as a program of its own, so that its memory can be measured (on Linux).

Usage: python -m tests.carrying FOLDER ADDRESS [SHA256 ...]     carries what there is to carry over a line
that may break, these files fetched as well; prints how often it broke and the most memory it had, in KiB.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from desktop.models import file_copies
from desktop.models.blobs import Blobs
from desktop.models.tables import now_text
from desktop.sync.troubles import OfflineError
from tests import offices
from tests.sync.syncer import KEY, Workspace


def carry(workspace: Workspace, address: str) -> int:
    """Carry all files; return how often the line broke."""
    cuts = 0
    while True:
        conversation = workspace.talk(address)
        try:
            while conversation.files.turn():
                pass
        except OfflineError:
            cuts += 1
        else:
            return cuts
        finally:
            conversation.close()


def peak_kib(process: int) -> int:
    """Return the most memory a process has had; what the system tells of children counts the parent's."""
    told = Path(f"/proc/{process}/status").read_text("ascii", "ignore")
    return int(told.split("VmHWM:")[1].split()[0])


def main() -> None:
    folder, address = Path(sys.argv[1]), sys.argv[2]
    workspace = Workspace(folder)
    blobs = Blobs.open(folder, KEY)
    with workspace.store.write() as connection:
        for sha256 in sys.argv[3:]:
            file_copies.want(connection, blobs, sha256, now_text(offices.now()))
    cuts = carry(workspace, address)
    workspace.close()
    print(cuts, peak_kib(os.getpid()))


if __name__ == "__main__":
    main()
