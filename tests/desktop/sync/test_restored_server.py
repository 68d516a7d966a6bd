"""A server that was taken back to a backup gets from its devices what it lost; no device loses anything."""

from __future__ import annotations

from decimal import Decimal

import pytest

from desktop.models import history
from desktop.models.outgoing import outbox
from server.operations import upkeep
from tests.backups import Backup
from tests.offices import now


@pytest.mark.parametrize("told", [True, False])
def test_what_the_server_lost_comes_back_from_its_devices(office, told):
    first, second = office.desk(), office.desk()
    old = first.put("party", name="早有的公司", kind="organisation")
    deal = first.put("deal", title="专利转让", stage="lead", deal_amount=Decimal(1000))
    binned, back = (first.put("party", name=name, kind="organisation") for name in ("将删除", "将恢复"))
    first.drop("party", back)
    for desk in (first, second):
        desk.sync()
    backup = Backup(office.app.state.database)
    new = first.put("party", name="备份之后的公司", kind="organisation")
    first.put("party", old, address="备份之后的地址")
    first.put("deal", deal, deal_amount=Decimal(2000))
    first.drop("party", binned)
    with first.work() as work:
        work.restore("party", back)
    first.sync()
    second.sync()
    theirs = second.put("party", name="对方备份之后的公司", kind="organisation")
    second.sync()
    waiting = first.put("party", name="还没有送出的公司", kind="organisation")
    backup.restore(told=told)
    for desk in (first, second, first, second):
        desk.sync()
    assert first.rows() == second.rows()
    assert {row_id for kind, row_id in first.rows() if kind == "party"} == {old, new, theirs, waiting, back}
    assert first.get("party", old)["address"] == "备份之后的地址"
    assert first.get("deal", deal)["deal_amount"] == Decimal(2000), "an amount seen by all asks nobody"
    fresh = office.desk()
    fresh.sync()
    assert fresh.rows() == first.rows()
    for desk in (first, second):
        with desk.store.read() as connection:
            assert outbox.counts(connection) == outbox.Counts(0, 0, 0, 0)


def test_a_device_that_syncs_once_more_is_told_nothing_again(office):
    desk = office.desk()
    desk.put("party", name="甲公司", kind="organisation")
    desk.sync()
    with office.app.state.database.connection() as connection:
        upkeep.restored(connection, now=now())
    desk.sync()
    again = desk.sync()
    assert (again.sent, again.received) == (0, 0)


def test_what_was_written_since_stands_where_a_device_comes_late(office):
    first, late = office.desk(), office.desk()
    party = first.put("party", name="甲公司", kind="organisation", address="旧地址")
    for desk in (first, late):
        desk.sync()
    backup = Backup(office.app.state.database)
    first.put("party", party, address="备份之后的地址")
    first.sync()
    backup.restore(told=True)
    first.sync()
    first.put("party", party, address="恢复之后的地址")
    first.sync()
    late.sync()
    late.sync()
    assert late.rows() == first.rows()
    assert late.get("party", party)["address"] == "恢复之后的地址"


def test_of_what_was_written_before_and_after_the_later_stands_and_the_other_is_in_the_history(office):
    first, second = office.desk(), office.desk()
    deal = first.put("deal", title="专利转让", stage="lead", deal_amount=Decimal(1000))
    for desk in (first, second):
        desk.sync()
    backup = Backup(office.app.state.database)
    first.put("deal", deal, deal_amount=Decimal(2000))
    first.sync()
    backup.restore(told=True)
    second.put("deal", deal, deal_amount=Decimal(3000))
    second.sync()  # it never saw the first one's amount, and the server has forgotten it
    for desk in (first, second, first):
        desk.sync()
    assert first.rows() == second.rows()
    assert first.get("deal", deal)["deal_amount"] == Decimal(3000)
    with first.store.read() as connection:
        states = [step.before for step in history.of_record(connection, deal)]
    assert "2000.00" in [state["deal_amount"] for state in states if state]
