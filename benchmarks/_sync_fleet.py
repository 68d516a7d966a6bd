"""Two hundred devices of forty agencies at once: each sends five changed records and takes what is new.

They speak the protocol by hand, for two hundred stores would measure SQLite. Server, database and the fleet
share this machine.

Usage: python -m benchmarks._sync_fleet SERVER_FOLDER PORT [DEVICES CYCLES_PER_S SECONDS]
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

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
KNOWN: Final = wire_types()["achievement"]


@dataclass
class Device:
    """One device: what it may say, how far it is, the records it has made."""

    access: str
    scope: str
    bodies: list[list[Any]]
    choose: random.Random
    cursor: int = 0
    epoch: int = 0
    sent: int = 0
    mine: list[bytes] = field(default_factory=list)

    def request(self) -> bytes:
        """Return the frame of the next sync."""
        self.sent += 1
        ops: list[Op] = []
        for _ in range(EDITS):
            if self.mine and self.choose.random() < 0.7:
                pk = self.choose.choice(self.mine)
                if all(op.pk != pk for op in ops):
                    ops.append(Set(KNOWN.number, pk, self.cursor, {1: {0: f"改{self.choose.random()}"}}))
            else:
                pk = uuid.UUID(int=self.choose.getrandbits(128)).bytes
                ops.append(New(KNOWN.number, pk, self.choose.choice(self.bodies)))
                self.mine.append(pk)
        now_ms = time.time_ns() // 1_000_000
        batch = protocol.encode(Batch(self.sent, [Group(protocol.clock_at(now_ms), ops)]))
        want = Want(self.scope, self.cursor, self.epoch)
        asked = SyncRequest(1, "fleet", 0, now_ms, [batch], [want], sent=self.sent)
        return frames.pack(protocol.encode(asked))

    def hear(self, body: bytes) -> int:
        """Take the answer in; return how many edits did not simply stand."""
        answer = protocol.decode_answer(frames.unpack(body))
        for page in answer.pages:
            self.cursor, self.epoch = page.until, page.epoch
        return sum(len(batch.verdicts) for batch in answer.batches)


def enrol(folder: Path, count: int) -> list[Device]:
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
            signed = tokens.begin(connection, keys, device[0] if device else 0, now=now)
            devices.append(Device(signed.access, f"a:{home}", made, random.Random(number)))
    return devices


async def drive(
    device: Device, client: httpx.AsyncClient, pause_s: float, until: float, times: list[float]
) -> int:
    """Let a device sync again and again; return how many edits did not simply stand."""
    odd = 0
    await asyncio.sleep(device.choose.random() * pause_s)
    while time.perf_counter() < until:
        frame = device.request()
        started = time.perf_counter()
        headers = {"Authorization": f"Bearer {device.access}", "Content-Type": "application/zstd"}
        answer = await client.post(protocol.SYNC_PATH, content=frame, headers=headers)
        times.append(time.perf_counter() - started)
        answer.raise_for_status()
        odd += device.hear(answer.content)
        await asyncio.sleep(device.choose.expovariate(1 / pause_s))
    return odd


async def run(
    devices: list[Device], port: int, cycles_per_s: float, seconds: float
) -> tuple[list[float], int]:
    limits = httpx.Limits(max_connections=len(devices), max_keepalive_connections=len(devices))
    times: list[float] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=60) as client:
        until = time.perf_counter() + seconds
        pause_s = len(devices) / cycles_per_s
        odd = await asyncio.gather(*(drive(one, client, pause_s, until, times) for one in devices))
    return times, sum(odd)


def main() -> None:
    folder, port, *more = sys.argv[1:]
    count, cycles_per_s, seconds = (int(word) for word in (*more, "200", "120", "15")[:3])
    devices = enrol(Path(folder), count)
    with Meter() as meter:
        times, odd = asyncio.run(run(devices, int(port), cycles_per_s, seconds))
    times.sort()
    told = {f"p{share}": 1000 * times[len(times) * share // 100] for share in (50, 95, 99)}
    meter.tell(cycles=len(times) / meter.seconds, odd=odd, **told)


if __name__ == "__main__":
    main()
