"""A desk that does what it is told, line by line, so that programs of different versions can meet.

Usage: python -m tests.sync.errands FOLDER   reads lines of JSON, [errand, arguments...], answers each in one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.models.work import Work, new_id
from desktop.sync.registration import read_invitation
from domain.fields import RECORD_TYPES
from domain.wire import from_wire, to_wire
from tests.sync.syncer import Workspace, _now

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class Desk:
    """What can be asked of a desk; records are named by their ids, their values are those of the log."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace(folder)

    def join(self, invitation: str) -> None:
        self.workspace.join(read_invitation(Path(invitation)))

    def sync(self) -> None:
        self.workspace.sync()

    def put(self, record_type: str, record_id: str | None, values: dict[str, Any]) -> str:
        """Write a new record, or some fields of one that is here; return its id."""
        key, known = uuid.UUID(record_id) if record_id else new_id(), RECORD_TYPES[record_type]
        with self.workspace.store.write() as connection:
            work = Work(connection, _now(), "高璟", "device", "测试")
            held = to_wire(known, work.get(record_type, key) or {})
            work.put(record_type, key, from_wire(known, {**held, **values}))
            work.finish()
        return str(key)

    def rows(self) -> dict[str, Any]:
        """Return all live records by type and id, without what each store notes for itself."""
        found = self.workspace.rows().items()
        return {f"{name} {uuid.UUID(bytes=pk)}": {**row, "id": ""} for (name, pk), row in found}

    def counts(self) -> list[int]:
        counted = self.workspace.counts()
        return [counted.waiting, counted.in_flight, counted.refused, counted.conflicts]

    def problems(self) -> list[str]:
        return self.workspace.store.integrity_problems()


class Errands:
    """A desk in a process of its own, of the program in ``tree``."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.sync.errands", str(folder)],
            cwd=tree,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def do(self, errand: str, *arguments: Any) -> Any:
        """Have something done and return what comes of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps([errand, *arguments])}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def main() -> None:
    desk = Desk(Path(sys.argv[1]))
    for line in sys.stdin:
        errand, *arguments = json.loads(line)
        print(json.dumps(getattr(desk, errand)(*arguments), default=bytes.hex), flush=True)
    desk.workspace.close()


if __name__ == "__main__":
    main()
