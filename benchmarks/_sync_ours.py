"""One step of our own: a real workspace with the real engine, in a process of its own.

Usage: python -m benchmarks._sync_ours join FOLDER INVITATION [LOGIN]
       ... add FOLDER COUNT | change FOLDER COUNT | capture FOLDER COUNT
       ... sync FOLDER [PORT] | quiet FOLDER [PORT]
"""

from __future__ import annotations

import datetime as dt
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks._sync_data import records
from benchmarks._sync_meter import Meter
from desktop.models.blobs import Blobs
from desktop.models.outgoing import capture
from desktop.models.store import Store
from desktop.models.work import Work, new_id
from desktop.sync import registration
from desktop.sync.conversation import Conversation
from desktop.sync.credentials import Vault
from desktop.sync.transport import Transport

if TYPE_CHECKING:
    from desktop.sync.exchange import Taken

KEY: Final = b"b" * 32
PASSWORD: Final = "four unrelated words"  # noqa: S105 - of a server that lives as long as the benchmark
TYPE: Final = "achievement"


class Desk:
    """One workspace that has joined a server."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder, KEY)
        self.blobs = Blobs.open(folder, KEY)
        self.vault = Vault(self.store, None)
        self.shown = 0.0

    def join(self, invitation: Path, login: str) -> None:
        registration.register(
            self.store,
            self.vault,
            registration.read_invitation(invitation),
            label=self.store.path.parent.name,
            password=PASSWORD,
            account=login,
        )

    def talk(self, port: str) -> Conversation:
        """Begin a conversation; ``port`` is that of a relay before the server."""
        credentials = self.vault.read()
        if credentials is None:
            raise SystemExit("not joined")
        return Conversation.open(
            self.store,
            self.blobs,
            self.vault,
            credentials,
            build="benchmark",
            on_taken=self._taken,
            on_trust=lambda _text: None,
            stopped=lambda: False,
            rows_wait=lambda: False,
            now=_now,
            connect=lambda server, pin: Transport.to(f"http://127.0.0.1:{port}" if port else server, pin),
        )

    def _taken(self, taken: Taken) -> None:
        if taken.received:
            self.shown = time.perf_counter()

    def add(self, count: int) -> float:
        """Write new records as one import does; return the seconds."""
        started = time.perf_counter()
        with self.store.write() as connection:
            work = Work(connection, _now(), "基准", "device", "导入")
            work.add(TYPE, ((new_id(), record) for record in records(count)))
            work.finish()
        return time.perf_counter() - started

    def change(self, count: int) -> float:
        """Change one text of records spread over the store by bare SQL; return the processor's seconds."""
        with self.store.read() as connection:
            ids = [
                row[0]
                for row in connection.exec_driver_sql(
                    f"SELECT id FROM {TYPE} WHERE deleted_at IS NULL ORDER BY id"
                )
            ]
        chosen = ids[:: max(1, len(ids) // count)][:count]
        started = time.process_time()
        with self.store.write() as connection:
            connection.exec_driver_sql(
                f"UPDATE {TYPE} SET price_note = price_note || '改', updated_at = ? WHERE id = ?",
                [(_now().isoformat(), key) for key in chosen],
            )
        return time.process_time() - started

    def save(self, count: int) -> float:
        """Change one text of records as a command of the program does; return the processor's seconds."""
        with self.store.read() as connection:
            found = connection.exec_driver_sql(f"SELECT id FROM {TYPE} ORDER BY id LIMIT ?", (count,))
            keys = [uuid.UUID(bytes=key) for (key,) in found]
        text = f"改{time.perf_counter_ns()}"
        started = time.process_time()
        with self.store.write() as connection:
            work = Work(connection, _now(), "基准", "device", "修改")
            for key in keys:
                work.change(TYPE, key, price_note=text)
            work.finish()
        return time.process_time() - started

    def captured(self) -> int:
        """Return how many records wait to be sent, and forget that they do."""
        with self.store.write(applying=True) as connection:
            found = connection.exec_driver_sql("SELECT count(*) FROM (SELECT DISTINCT type, pk FROM outbox)")
            held = int(found.scalar_one())
            connection.exec_driver_sql("DELETE FROM outbox")
        return held

    def without_triggers(self) -> None:
        with self.store.write(applying=True) as connection:
            found = connection.exec_driver_sql(
                "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'outbox_%'"
            )
            for (name,) in found.all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")

    def with_triggers(self) -> None:
        with self.store.write(applying=True) as connection:
            capture.install(connection)


def sync(desk: Desk, port: str, *, times: int = 1) -> None:
    """Sync so many times on one connection and tell of the last."""
    conversation = desk.talk(port)
    line = conversation.transport
    for _ in range(times):
        started = time.perf_counter()
        desk.shown, before = started, line.bytes_up + line.bytes_down
        with Meter() as meter:
            taken = conversation.engine.run()
    shown = desk.shown - started
    http = line.bytes_up + line.bytes_down - before
    conversation.close()
    meter.tell(sent=taken.sent, received=taken.received, shown=shown, http=http)


def measure_capture(desk: Desk, count: int) -> None:
    """Tell what the triggers cost records that the server has, in alternation, and what they missed."""
    figures: dict[str, list[float]] = {"missed": [0]}
    desk.add(count)
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql(f"UPDATE {TYPE} SET row_ver = row")
    desk.captured()
    for _ in range(5):
        for name, prepare in (("with", desk.with_triggers), ("without", desk.without_triggers)):
            prepare()
            for how, write in (("raw", desk.change), ("command", desk.save)):
                figures.setdefault(f"{how} {name}", []).append(write(count))
                figures["missed"][0] += (count if name == "with" else 0) - desk.captured()
    with Meter() as meter:
        pass
    meter.tell(**figures)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def main() -> None:
    step, folder, *more = sys.argv[1:]
    argument = more[0] if more else ""
    desk = Desk(Path(folder))
    steps: dict[str, Any] = {
        "join": lambda: desk.join(Path(argument), more[1] if len(more) > 1 else ""),
        "sync": lambda: sync(desk, argument),
        "quiet": lambda: sync(desk, argument, times=2),
        "add": lambda: desk.add(int(argument)),
        "change": lambda: desk.change(int(argument)),
        "capture": lambda: measure_capture(desk, int(argument)),
    }
    steps[step]()
    desk.store.close()


if __name__ == "__main__":
    main()
