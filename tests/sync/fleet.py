"""Many devices of many agencies at once, while the server's workers and its database die and are replaced.

The devices are those of the benchmark: they speak the protocol by hand and say the same again until they are
heard. Here they also note which records they were told of.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from benchmarks._sync_fleet import Device, enrol
from domain import protocol
from server import frames
from tests.sync.serving import installed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.sync.serving import Serving

AT_ONCE: Final = 32
"""So many syncs are under way together: more would only wait for one another, and be sent away at last."""
GROWTH: Final = 1.3
"""A worker's memory after the work, by that after its beginning."""
_STATE: Final = """
    SELECT s.head, (SELECT array_agg(uuid_send(pk)) FROM entity WHERE scope = s.number AND state = 0)
    FROM scope s WHERE s.key = %s
"""


@dataclass
class Witness:
    """One device; of an agency's devices the last one notes the records it was told of."""

    device: Device
    attentive: bool
    told: set[bytes] = field(default_factory=set)

    async def sync(self) -> None:
        answer = await self.device.line.post(self.device.request())
        self.device.hear(answer)
        for page in protocol.decode_answer(frames.unpack(answer)).pages if self.attentive else ():
            self.told |= {row.pk for row in page.rows}


class Fleet:
    """The devices of one server."""

    def __init__(self, serving: Serving, devices: int) -> None:
        self.serving = serving
        made = enrol(serving.folder, serving.port, devices)
        last = {device.home: device for device in made}
        self.members = [Witness(device, last[device.home] is device) for device in made]
        self.times: list[float] = []

    @property
    def devices(self) -> Sequence[Device]:
        return [member.device for member in self.members]

    async def join(self) -> None:
        for member in self.members:
            await member.device.line.open()
            await member.sync()
            await member.sync()

    async def work(self, syncs: int, *, every: int = 0, harm: Callable[[], None] | None = None) -> None:
        """Let the devices sync so often altogether, in any order; do harm after every so many."""
        left, turns = syncs, asyncio.Semaphore(AT_ONCE)

        async def drive(member: Witness) -> None:
            nonlocal left
            while left > 0:
                async with turns:
                    if left <= 0:
                        return
                    left -= 1
                    if harm and left and left % every == 0:
                        await asyncio.to_thread(harm)
                    started = time.perf_counter()
                    await member.sync()
                    self.times.append(time.perf_counter() - started)

        await asyncio.gather(*map(drive, self.members))

    async def end(self) -> None:
        """Let everybody hear of everything: those who listen last have heard it all."""
        for member in self.members:
            await member.sync()
        for member in self.members:
            await member.device.line.close()

    def declined(self) -> int:
        return sum(device.line.declined for device in self.devices)

    def broken(self) -> int:
        return sum(device.line.broken for device in self.devices)

    def odd(self) -> int:
        return sum(device.odd for device in self.devices)

    def wrong(self) -> list[str]:
        """Return in which agencies a record is lost or was not told, or the feed has no end."""
        found = []
        for last in filter(lambda member: member.attentive, self.members):
            home, mine = last.device.home, set(last.device.mine)
            ((head, held),) = self.serving.told(_STATE, home)
            made = {pk for device in self.devices if device.home == home for pk in device.mine}
            if set(held) != made:
                found.append(f"{home}: {len(made - set(held))} records are lost")
            if missed := made - last.told - mine:
                found.append(f"{home}: {len(missed)} records were never told")
            if last.device.wants[home].cursor != head:
                found.append(f"{home}: the feed ends at {last.device.wants[home].cursor}, not at {head}")
        return found


def sail(devices: int, syncs: int) -> Fleet:
    """Let a fleet of its own server go through everything and return it when nothing was found wrong.

    Raises:
        AssertionError: something was lost or not told, or as ``through_everything``.
    """
    with installed(workers=2) as serving:
        fleet = Fleet(serving, devices)
        asyncio.run(through_everything(fleet, syncs))
        assert fleet.wrong() == []
    return fleet


async def through_everything(fleet: Fleet, syncs: int) -> None:
    """Let a fleet sync so often, for the greater part in peace, then while what serves it dies.

    Raises:
        AssertionError: somebody was declined in peace, an edit met another, or a worker's memory grew.
    """
    serving, tenth = fleet.serving, max(syncs // 10, 1)
    await fleet.join()
    await fleet.work(tenth)
    early = largest(serving)
    await fleet.work(6 * tenth)
    assert (fleet.declined(), fleet.broken()) == (0, 0)
    assert largest(serving) < GROWTH * early
    for harm in (serving.kill_worker, serving.replace_workers, serving.kill_postgres):
        await fleet.work(tenth, every=max(tenth // 2, 1), harm=harm)
    await fleet.end()
    assert fleet.odd() == 0
    assert fleet.broken() > 0, "nothing has died"


def largest(serving: Serving) -> int:
    """Return the memory of the largest worker in bytes."""
    return max(int(worker.memory_info().rss) for worker in serving.workers())
