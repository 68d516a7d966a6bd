"""Two brokers and their office work on one deal, a week apart and without a network, and meet again.

One adds a photograph and another price, one a signed contract, the office a third price. Where they meet, one
question is asked, once: which price. Nothing else asks anybody anything, and nothing is lost.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from desktop import paths
from desktop.models.outgoing import outbox
from desktop.services import attachments, conflicts, records
from desktop.services.after_sync import settle_after_sync
from desktop.services.attachments import Upload
from desktop.services.conflict_decisions import MINE, decide
from desktop.services.desk import Desk
from tests.conftest import CHINA

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from tests.offices import Desk as Workspace
    from tests.offices import Office

MONDAY = dt.datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
SIGNATURE = b"%PDF-1.4\n% the signed contract\n%%EOF\n"


@dataclasses.dataclass
class Person:
    """Somebody at a machine of his own, whose clock may be wrong."""

    name: str
    workspace: Workspace
    wrong_by: dt.timedelta = dt.timedelta()
    moment: dt.datetime = MONDAY

    def __post_init__(self) -> None:
        self.workspace.store = dataclasses.replace(
            self.workspace.store, now_ms=lambda: int(self.now().timestamp() * 1000)
        )
        self.desk = Desk(
            store=self.workspace.store,
            blobs=self.workspace.blobs,
            codes=paths.code_book(),
            policies=paths.policy_book(),
            schemes=paths.schemes(),
            checklist=paths.dossier_checklist(),
            clock=self.now,
            user=self.name,
            device=self.name,
        )

    def now(self) -> dt.datetime:
        return self.moment + self.wrong_by

    def sync(self) -> None:
        """Come into the network and do what the program does there."""
        taken = self.workspace.sync()
        settle_after_sync(self.desk, touched=frozenset(taken.touched))
        self.workspace.carry_files()
        self.workspace.sync()

    def save(self, deal: uuid.UUID, **changes: Any) -> None:
        held = self.deal(deal)
        records.save(self.desk, record_type="deal", record_id=deal, values={**held, **changes})

    def deal(self, deal: uuid.UUID) -> dict[str, Any]:
        held = self.workspace.get("deal", deal)
        assert held is not None
        return held

    def files(self, deal: uuid.UUID) -> dict[str, bytes]:
        listed = attachments.listed(self.desk, "deal", deal)
        return {row["name"]: attachments.open_content(self.desk, row["id"]) for row in listed}

    def counts(self) -> outbox.Counts:
        with self.desk.store.read() as connection:
            return outbox.counts(connection)


@pytest.fixture
def people(office: Office) -> tuple[Person, Person, Person]:
    """Return the office and two brokers; the second one's clock is three hours fast."""
    return (
        Person("张敏", office.desk(office.invite("staff"))),
        Person("王芳", office.desk(office.invite("broker"))),
        Person("李强", office.desk(office.invite("broker")), wrong_by=dt.timedelta(hours=3)),
    )


def photograph() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "#7a9c59").save(picture, "JPEG")
    return picture.getvalue()


def everybody(people: tuple[Person, ...], do: Callable[[Person], None], times: int = 1) -> None:
    for _ in range(times):
        for person in people:
            do(person)


def test_a_week_apart_they_meet_and_one_question_is_asked(people: tuple[Person, Person, Person]) -> None:
    office, first, second = people
    deal = office.workspace.put(
        "deal", title="无氯氟发泡剂专利转让", stage="negotiation", deal_amount=Decimal("1000000.00")
    )
    everybody(people, Person.sync, times=2)
    for person in people:  # everything of this deal is to be at hand on the way
        attachments.keep_offline(person.desk, record_type="deal", record_id=deal, kept=True)

    # Nobody has a network. Tuesday: a photograph from the site, and another price.
    first.moment = MONDAY + dt.timedelta(days=1)
    picture = photograph()
    attachments.add(first.desk, record_type="deal", record_id=deal, uploads=[Upload("现场.jpg", picture)])
    first.save(deal, deal_amount=Decimal("1200000.00"))
    # Friday: the office writes what it was told on the telephone.
    office.moment = MONDAY + dt.timedelta(days=4)
    office.save(deal, deal_amount=Decimal("1500000.00"))
    # The Monday after: the contract is signed.
    second.moment = MONDAY + dt.timedelta(days=7)
    attachments.add(second.desk, record_type="deal", record_id=deal, uploads=[Upload("合同.pdf", SIGNATURE)])
    second.save(deal, remark="甲方已签字")

    everybody(people, lambda person: setattr(person, "moment", MONDAY + dt.timedelta(days=8)))
    everybody(people, Person.sync, times=2)
    for person in people:
        assert person.counts() == outbox.Counts(waiting=0, in_flight=0, refused=0, conflicts=1)
        assert person.files(deal) == {"现场.jpg": picture, "合同.pdf": SIGNATURE}
        assert person.deal(deal)["remark"] == "甲方已签字"
        assert person.deal(deal)["deal_amount"] == Decimal("1500000.00")
        (asked,) = conflicts.open_conflicts(person.desk)
        assert asked.title == "无氯氟发泡剂专利转让"
        (contested,) = [
            line
            for part in conflicts.detail(person.desk, asked.conflict_id).contested()
            for line in part.lines
            if line.contested
        ]
        assert (contested.was, contested.mine, contested.theirs) == (
            "1,000,000.00",
            "1,200,000.00",
            "1,500,000.00",
        )

    (asked,) = conflicts.open_conflicts(office.desk)
    decide(office.desk, conflict_id=asked.conflict_id, choices={("deal", deal, "deal_amount"): MINE})
    everybody(people, Person.sync, times=2)
    for person in people:
        assert person.counts() == outbox.Counts(waiting=0, in_flight=0, refused=0, conflicts=0)
        assert person.deal(deal)["deal_amount"] == Decimal("1200000.00")
        assert conflicts.open_conflicts(person.desk) == []
        (decided,) = conflicts.register(person.desk)
        assert decided.decided_by == "张敏"
    assert first.workspace.rows() == second.workspace.rows() == office.workspace.rows()
