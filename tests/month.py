"""A month of three people's work without a server, and what meeting it again costs.

Each has the real store and the real use cases; the server is a process of its own behind a relay that counts
bytes. Most work is on one's own deals, some on those all three share, as in an agency.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop import paths
from desktop.models.blobs import Blobs
from desktop.models.work import Work, new_id
from desktop.services import conflicts, deals, records
from desktop.services.after_sync import settle_after_sync
from desktop.services.conflict_decisions import THEIRS, decide
from desktop.services.desk import Desk
from tests.conftest import CHINA
from tests.sync.proxy import Proxy
from tests.sync.syncer import KEY, Workspace

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

    from tests.sync.serving import Serving

DAYS: Final = 30
SHARED: Final = 60
WORDS: Final = ("高温合金", "无氯氟发泡剂", "光伏组件回收", "中药炮制", "柔性传感器", "水稻育种")
STAGES: Final = ("lead", "contact", "negotiation")
DEEDS: Final = ("new", "new", "text", "text", "text", "text", "amount", "stage", "payment", "bin")
"""What people do, in this proportion."""


@dataclasses.dataclass(frozen=True)
class Meeting:
    """What it took until nothing was left to send or to fetch."""

    seconds: float
    rounds: int
    bytes_up: int
    bytes_down: int


class Employee:
    """Somebody whose clock stands at a moment of the month."""

    def __init__(self, folder: Path, name: str, seed: int) -> None:
        self.name = name
        self.moment = dt.datetime.now(CHINA) - dt.timedelta(days=DAYS)
        self.workspace = Workspace(folder)
        self.workspace.store = dataclasses.replace(
            self.workspace.store, now_ms=lambda: int(self.moment.timestamp() * 1000)
        )
        self.desk = Desk(
            store=self.workspace.store,
            blobs=Blobs.open(folder, KEY),
            codes=paths.code_book(),
            policies=paths.policy_book(),
            schemes=paths.schemes(),
            checklist=paths.dossier_checklist(),
            clock=lambda: self.moment,
            user=name,
            device=name,
        )
        self.own: list[uuid.UUID] = []
        self.shared: list[uuid.UUID] = []
        self.done = 0
        self._paid: set[uuid.UUID] = set()
        self._random = random.Random(seed)  # noqa: S311 - any month will do

    def begin(self, title: str) -> uuid.UUID:
        """Write a new deal and return it."""
        deal = new_id()
        values = {"title": title, "stage": "lead", "deal_amount": Decimal(self._random.randrange(1, 10**7))}
        records.save(self.desk, record_type="deal", record_id=deal, values=values)
        return deal

    def work(self, commands: int) -> None:
        """Carry out a month's commands."""
        step = dt.timedelta(days=DAYS) / commands
        for _ in range(commands):
            self.moment += step
            self._act(self._random.choice(DEEDS))
            self.done += 1

    def _act(self, deed: str) -> None:
        choose = self._random
        deal = choose.choice(self.shared if not self.own or choose.random() < 0.1 else self.own)
        if deed == "new":
            self.own.append(self.begin(f"{choose.choice(WORDS)}转让{self.name}{self.done}"))
        elif deed == "stage":
            deals.move(self.desk, ids=[deal], stage=choose.choice(STAGES))
        elif deed == "payment":
            values = {"paid_on": self.moment.date(), "amount": Decimal(choose.randrange(1, 10**5))}
            deals.add_payment(self.desk, deal_id=deal, values=values)
            self._paid.add(deal)
        elif deed == "bin":
            if deal in self.own and deal not in self._paid:
                self.own.remove(deal)
                records.remove(self.desk, record_type="deal", ids=[deal])
        elif deed == "amount":
            self._change(deal, deal_amount=Decimal(choose.randrange(1, 10**7)))
        else:
            self._change(deal, remark=f"{self.moment:%Y-%m-%d %H:%M} 与{choose.choice(WORDS)}项目组通话")

    def _change(self, deal: uuid.UUID, **values: Any) -> None:
        held = self._held("deal", deal)
        records.save(self.desk, record_type="deal", record_id=deal, values={**held, **values})

    def _held(self, record_type: str, record_id: uuid.UUID) -> dict[str, Any]:
        with self.desk.store.read() as connection:
            held = Work(connection, self.moment, self.name, self.name, "").get(record_type, record_id)
        assert held is not None
        return held

    def sync(self, address: str) -> bool:
        """Sync as the program does; tell whether anything moved."""
        conversation = self.workspace.talk(address)
        try:
            taken = conversation.engine.run()
        finally:
            conversation.close()
        settle_after_sync(self.desk, touched=frozenset(taken.touched))
        return bool(taken.touched) or self.workspace.counts().waiting > 0

    def decide_all(self) -> int:
        """Let what stands at the server stand wherever two wrote; return how many times."""
        waiting = conflicts.open_conflicts(self.desk)
        for entry in waiting:
            items = conflicts.items_of(self._held("conflict", entry.conflict_id))
            choices = dict.fromkeys(conflicts.asked(items), THEIRS)
            decide(self.desk, conflict_id=entry.conflict_id, choices=choices)
        return len(waiting)


def meet(serving: Serving, people: list[Employee]) -> Meeting:
    """Let everybody sync in turn until nothing moves."""
    started, rounds = time.perf_counter(), 0
    with Proxy(serving.port) as line:
        while True:
            rounds += 1
            moved = [person.sync(line.address) for person in people]
            if not any(moved):
                break
        return Meeting(time.perf_counter() - started, rounds, line.bytes_up, line.bytes_down)
