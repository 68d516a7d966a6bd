"""Two hundred devices of forty agencies at once: each sends five changed records and takes what is new.

They speak the protocol by hand, for two hundred stores would measure SQLite, over plain sockets, for a pool
of connections costs more than the server's whole answer. Server, database and the fleet share this machine.
Beside the times it tells the processor time of one sync, which other work on the machine changes less.

Usage: python -m benchmarks._sync_fleet SERVER_FOLDER PORT [DEVICES CYCLES_PER_S SECONDS]
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks._sync_data import bodies
from benchmarks._sync_meter import Meter
from domain import protocol
from domain.protocol import Batch, Group, New, Op, Set, SyncRequest, Want
from domain.registry import wire_types
from server import frames
from server.accounts import accounts, organisations, server_keys, tokens
from server.operations import installation
from server.settings import Settings

AGENCIES: Final = 40
EDITS: Final = 5
OK: Final = b"200"
BUSY: Final = frozenset({b"429", b"503"})
OUTLASTING: Final = dt.timedelta(days=1)
"""The devices never renew their access tokens; those they get are good for longer than any run."""
PATIENCE_S: Final = 0.2
KNOWN: Final = wire_types()["achievement"]


class Line:
    """A kept-alive connection that speaks as much HTTP as this needs, and says the same again until heard."""

    def __init__(self, port: int, access: str) -> None:
        self.declined = self.broken = 0
        self._port = port
        self._head = (
            f"POST {protocol.SYNC_PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {access}\r\nContent-Length: "
        ).encode()

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def post(self, body: bytes) -> bytes:
        """Return the body of the answer.

        Raises:
            RuntimeError: the server said neither yes nor to wait a moment.
        """
        while True:
            try:
                status, answer = await self._say(body)
                if status == OK:
                    return answer
                if status not in BUSY:
                    raise RuntimeError(f"{status!r}: {answer!r}")
                self.declined += 1
            except (ConnectionError, asyncio.IncompleteReadError):
                self.broken += 1
            self._writer.close()
            await asyncio.sleep(PATIENCE_S)
            with contextlib.suppress(ConnectionError):
                await self.open()

    async def _say(self, body: bytes) -> tuple[bytes, bytes]:
        self._writer.write(b"%s%d\r\n\r\n%s" % (self._head, len(body), body))
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        return head.split(maxsplit=2)[1], await self._reader.readexactly(int(length))

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


@dataclass
class Device:
    """One device: what it may say, how far it is, the records it has made."""

    line: Line
    home: str
    bodies: list[list[Any]]
    choose: random.Random
    wants: dict[str, Want] = field(default_factory=dict)
    grants: int = 0
    sent: int = 0
    odd: int = 0
    mine: list[bytes] = field(default_factory=list)

    async def sync(self) -> None:
        """Send edits and take in what is new, in one round trip."""
        self.hear(await self.line.post(self.request()))

    def request(self) -> bytes:
        """Return the frame of the next sync."""
        now_ms = time.time_ns() // 1_000_000
        batches = []
        if self.home in self.wants:
            self.sent += 1
            batches = [protocol.encode(Batch(self.sent, [Group(protocol.clock_at(now_ms), self.edits())]))]
        wants = list(self.wants.values())
        asked = SyncRequest(1, "fleet", 0, now_ms, batches, wants, self.grants, sent=self.sent)
        return frames.pack(protocol.encode(asked))

    def edits(self) -> list[Op]:
        """Return edits of own records and new ones."""
        ops: dict[bytes, Op] = {}
        base = self.wants[self.home].cursor
        for _ in range(EDITS):
            if self.mine and self.choose.random() < 0.7:
                pk = self.choose.choice(self.mine)
                ops.setdefault(pk, Set(KNOWN.number, pk, base, {1: {0: f"改{self.choose.random()}"}}))
            else:
                pk = uuid.UUID(int=self.choose.getrandbits(128)).bytes
                ops[pk] = New(KNOWN.number, pk, self.choose.choice(self.bodies))
        self.mine += [op.pk for op in ops.values() if isinstance(op, New)]
        return list(ops.values())

    def hear(self, body: bytes) -> None:
        """Take the answer in and count the edits that did not simply stand."""
        answer = protocol.decode_answer(frames.unpack(body))
        self.grants = answer.grants
        for scope in answer.scopes or ():
            self.wants.setdefault(scope.scope, Want(scope.scope, 0))
        for batch in answer.batches:
            self.odd += len(batch.verdicts)
            for key, before in batch.before.items():
                if self.wants[key].cursor == before:
                    self.wants[key].cursor = batch.after[key]
        for page in answer.pages:
            self.wants[page.scope].cursor, self.wants[page.scope].epoch = page.until, page.epoch


def enrol(folder: Path, port: int, count: int) -> list[Device]:
    """Make agencies and sign devices in, past the doors that slow guessing down."""
    now = dt.datetime.now(dt.UTC)
    made = bodies(500)
    homes = []
    devices = []
    with installation.opened(Settings(data_dir=folder)) as database, database.connection() as connection:
        keys = server_keys.ensure(connection)
        for number in range(count):
            if number < AGENCIES:
                homes.append(organisations.add(connection, f"机构{number}", "agency", now=now).id)
            home = homes[number % AGENCIES]
            account = accounts.add(
                connection, home, login=f"d{number}", name=f"人员{number}", role="broker", now=now
            )
            device = connection.execute(
                "INSERT INTO device (account, label, sign_key, seal_key) VALUES (%s, %s, %s, '')"
                " RETURNING number",
                (account.id, f"设备{number}", uuid.uuid4().bytes),
            ).fetchone()
            signed = tokens.begin(connection, keys, device[0] if device else 0, now=now + OUTLASTING)
            devices.append(Device(Line(port, signed.access), f"a:{home}", made, random.Random(number)))
    return devices


async def join(devices: list[Device]) -> None:
    """Let every device come in: it hears of its scopes, takes what there is and sends its first edits."""
    for device in devices:
        await device.line.open()
        for _ in range(3):
            await device.sync()


async def drive(device: Device, pause_s: float, until: float, times: list[float]) -> None:
    """Let a device sync again and again, and note how long it waits for the answers."""
    pause = device.choose.random() * pause_s
    while time.perf_counter() + pause < until:
        await asyncio.sleep(pause)
        asked = device.request()
        started = time.perf_counter()
        answer = await device.line.post(asked)
        times.append(time.perf_counter() - started)
        device.hear(answer)
        pause = device.choose.expovariate(1 / pause_s)


async def run(devices: list[Device], cycles_per_s: float, seconds: float) -> tuple[list[float], Meter]:
    times: list[float] = []
    pause_s = len(devices) / cycles_per_s
    with Meter() as meter:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(drive(one, pause_s, until, times) for one in devices))
    for device in devices:
        await device.line.close()
    return times, meter


def processor_s(folder: Path) -> tuple[float, float]:
    """Return the processor time that the server's processes and those of its PostgreSQL have had."""
    workers = postgres = 0.0
    for process in psutil.process_iter(["name", "cmdline"]):
        with contextlib.suppress(psutil.Error):
            if Path(process.cwd()) == folder / "postgres":
                postgres += sum(process.cpu_times()[:2])
            elif str(folder) in process.info["cmdline"] and "serve" in process.info["cmdline"]:
                family = [process, *process.children(recursive=True)]
                workers += sum(sum(one.cpu_times()[:2]) for one in family if one.name() != "postgres")
    return workers, postgres


async def measure(devices: list[Device], folder: Path, cycles_per_s: float, seconds: float) -> None:
    """Let the fleet work and tell of it."""
    await join(devices)
    before = processor_s(folder)
    times, meter = await run(devices, cycles_per_s, seconds)
    spent = [1000 * (now - then) / len(times) for now, then in zip(processor_s(folder), before, strict=True)]
    times.sort()
    told = {f"p{share}": 1000 * times[len(times) * share // 100] for share in (50, 95, 99)}
    meter.tell(
        cycles=len(times) / meter.seconds,
        odd=sum(device.odd for device in devices),
        declined=sum(device.line.declined for device in devices),
        broken=sum(device.line.broken for device in devices),
        workers_ms=spent[0],
        postgres_ms=spent[1],
        **told,
    )


def main() -> None:
    folder, port, *more = sys.argv[1:]
    count, cycles_per_s, seconds = (int(word) for word in (*more, *("200", "120", "15")[len(more) :]))
    devices = enrol(Path(folder), int(port), count)
    asyncio.run(measure(devices, Path(folder), cycles_per_s, seconds))


if __name__ == "__main__":
    main()
