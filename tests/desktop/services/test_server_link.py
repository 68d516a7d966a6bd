"""Two desks of one agency on a real server: joining, working, a conflict decided, leaving."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal
from typing import Any

import pytest

from desktop import paths
from desktop.models import history, queries
from desktop.models.work import new_id
from desktop.services import conflicts, records, syncing
from desktop.services.conflict_decisions import MINE, THEIRS, decide, reopen
from desktop.services.desk import Desk
from desktop.services.server_link import ServerLink
from domain.problems import Refusal
from tests import offices

PATIENCE = 30


class Side:
    """A person's workspace with its line to the office."""

    def __init__(self, office, user):
        self.machine = office.alone()
        self.desk = Desk(
            store=self.machine.store,
            blobs=self.machine.blobs,
            codes=paths.code_book(),
            policies=paths.policy_book(),
            schemes=paths.schemes(),
            checklist=paths.dossier_checklist(),
            clock=offices.now,
            user=user,
            device="0cb3a1f2",
        )
        self.told: list[Any] = []
        self.link = ServerLink(
            self.desk,
            self.machine.keyring,
            "test",
            told=lambda status, touched: self.told.append((status, touched)),
            ways={"connect": office.connect, "listens": False},
        )
        invitation = office.invite("staff")
        self.link.join(invitation, label=f"{user}的电脑", password=offices.PASSWORD)

    def get(self, record_type, record_id):
        with self.desk.store.read() as connection:
            return queries.get(connection, record_type, record_id) or {}

    def save(self, record_type, record_id, **values):
        records.save(self.desk, record_type=record_type, record_id=record_id, values=values)
        self.link.poke()

    def until(self, so):
        """Sync until something is so."""
        end = time.monotonic() + PATIENCE
        while not so():
            assert time.monotonic() < end, self.link.status()
            if self.link.status().phase != "syncing":  # else it would never come to rest
                self.link.sync_now()
            time.sleep(0.05)

    def rest(self):
        """Sync until nothing waits."""
        self.until(
            lambda: syncing.centre(self.desk).counts.waiting == 0 and self.link.status().phase == "idle"
        )
        self.until(lambda: syncing.centre(self.desk).counts.in_flight == 0)


@pytest.fixture
def sides(office):
    made = [Side(office, "高璟"), Side(office, "王芳")]
    yield made
    for side in made:
        side.link.end()


def test_who_joins_is_named_as_the_server_names_him_from_then_on(sides):
    one, two = sides
    assert one.desk.user == one.link.credentials.name != two.desk.user
    deal = new_id()
    one.save("deal", deal, **HELD)
    with one.desk.store.read() as connection:
        (entry,) = history.of_record(connection, deal)
    assert entry.user == one.link.credentials.name


DAY = dt.date(2026, 2, 1)
HELD = {"title": "无氯氟发泡剂转让", "stage": "signing"}


def apart(side, on):
    side.link.hold(on=on)
    side.until(lambda: (side.link.status().phase == "held") is on)


def test_a_conflict_is_decided_on_one_desk_and_closed_on_both(sides):
    one, two = sides
    deal = new_id()
    one.save("deal", deal, **HELD, deal_amount=Decimal(1_000_000))
    one.rest()
    two.until(lambda: two.get("deal", deal))
    apart(one, True)
    apart(two, True)
    one.save("deal", deal, **HELD, deal_amount=Decimal(1_500_000))
    two.save("deal", deal, **HELD, deal_amount=Decimal(1_200_000), remark="对方同意加价")
    apart(one, False)
    one.rest()
    apart(two, False)
    for side in sides:
        side.until(lambda side=side: len(conflicts.open_conflicts(side.desk)) == 1)
    (entry,) = conflicts.open_conflicts(one.desk)
    assert entry.fields == "成交额"
    assert conflicts.of_record(one.desk, "deal", deal) == [entry]
    (part,) = conflicts.detail(one.desk, entry.conflict_id).contested()
    (line,) = [line for line in part.lines if line.contested]
    assert (line.was, line.mine, line.theirs) == ("1,000,000.00", "1,200,000.00", "1,500,000.00")
    two.until(lambda: two.get("deal", deal)["deal_amount"] == Decimal(1_500_000))

    decide(one.desk, conflict_id=entry.conflict_id, choices={("deal", deal, "deal_amount"): MINE})
    one.rest()
    two.until(lambda: conflicts.open_conflicts(two.desk) == [])
    for side in sides:
        held = side.get("deal", deal)
        assert (held["deal_amount"], held["remark"]) == (Decimal(1_200_000), "对方同意加价")
    (decided,) = conflicts.register(two.desk)
    assert decided.decided_by == one.desk.user

    reopen(two.desk, conflict_id=entry.conflict_id)
    two.rest()
    one.until(lambda: one.get("deal", deal)["deal_amount"] == Decimal(1_500_000))
    assert len(conflicts.open_conflicts(one.desk)) == 1


@pytest.mark.parametrize("choice", [MINE, THEIRS], ids=["kept", "put away"])
def test_a_new_record_of_a_declined_action_goes_the_way_somebody_else_decided(sides, choice):
    one, two = sides
    deal, payment = new_id(), new_id()
    one.save("deal", deal, **HELD, deal_amount=Decimal(1_000_000))
    one.rest()
    two.until(lambda: two.get("deal", deal))
    apart(two, True)
    one.save("deal", deal, **HELD, deal_amount=Decimal(1_500_000))
    one.rest()
    action = [
        ("deal", deal, {**HELD, "deal_amount": Decimal(1_200_000)}),
        ("payment", payment, {"deal": deal, "amount": Decimal(7), "kind": "stage", "paid_on": DAY}),
    ]
    records.save_all(two.desk, records=action)
    apart(two, False)
    one.until(lambda: conflicts.open_conflicts(one.desk))
    two.until(lambda: conflicts.open_conflicts(two.desk))
    assert one.get("payment", payment) == {}
    assert two.get("payment", payment)["deleted_at"] is None, "its author keeps seeing it"
    two.rest()
    assert not two.get("deal", deal)["paid_amount"], "what nobody else has is not counted"
    (entry,) = conflicts.open_conflicts(one.desk)
    choices = {("deal", deal, "deal_amount"): THEIRS, ("payment", payment, ""): choice}
    decide(one.desk, conflict_id=entry.conflict_id, choices=choices)
    one.rest()
    two.until(lambda: not conflicts.open_conflicts(two.desk))
    two.rest()
    kept = choice is MINE
    for side in sides:
        held = side.get("payment", payment)
        assert (bool(held) and held["deleted_at"] is None) is kept
        side.until(lambda side=side: (side.get("deal", deal)["paid_amount"] or 0) == (7 if kept else 0))
        assert syncing.centre(side.desk).returned == ()


def test_a_figure_two_desks_counted_apart_is_right_on_both(sides):
    one, two = sides
    deal = new_id()
    one.save("deal", deal, **HELD)
    one.rest()
    two.until(lambda: two.get("deal", deal))
    for side in sides:
        apart(side, True)
    for side, amount in ((one, 100), (two, 50)):
        side.save("payment", new_id(), deal=deal, amount=Decimal(amount), kind="stage", paid_on=DAY)
    for side in sides:
        apart(side, False)
    for side in sides:
        side.until(lambda side=side: side.get("deal", deal)["paid_amount"] == Decimal(150))


def test_a_desk_gets_numbers_of_its_own(sides):
    for side in sides:
        side.until(lambda side=side: any(syncing.centre(side.desk).numbers.values()))


def test_what_is_done_off_the_network_is_counted_at_once(sides):
    side, _ = sides
    side.rest()
    side.link.hold(on=True)
    end = time.monotonic() + PATIENCE
    while side.link.status().phase != "held":
        assert time.monotonic() < end
        time.sleep(0.05)
    side.save("party", new_id(), name="恒力", kind="organisation")
    assert side.link.status().counts.waiting == 1
    side.link.hold(on=False)
    side.rest()


def test_leaving_keeps_everything_and_says_so(sides):
    one, _ = sides
    deal = new_id()
    one.save("deal", deal, **HELD)
    one.rest()
    one.link.leave()
    assert not one.link.joined
    assert one.told[-1][0].phase == "off"
    assert one.get("deal", deal)["title"] == HELD["title"]
    with pytest.raises(Refusal, match="没有加入服务器"):
        one.link.leave()
