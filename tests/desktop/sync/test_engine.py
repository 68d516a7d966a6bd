"""Two desks and a real server: what one writes the other has, whatever the line does."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop.models.outgoing import freezing, outbox
from desktop.models.outgoing.outbox import Flight
from desktop.sync.troubles import BrokenError, SignedOutError
from domain.protocol import Notice, SyncAnswer

if TYPE_CHECKING:
    from tests.offices import Office


def test_what_one_desk_writes_the_other_has(office: Office) -> None:
    first, second = office.desk(), office.desk()
    party = first.put("party", name="甲公司", kind="organisation")
    taken = first.sync()
    assert (taken.sent, taken.conflicts) == (1, 0)
    assert second.get("party", party) is None
    assert second.sync().received == 1
    assert second.get("party", party) == first.get("party", party)
    second.put("party", party, name="甲股份公司")
    second.sync()
    first.sync()
    held = first.get("party", party)
    assert held is not None
    assert held["name"] == "甲股份公司"
    assert first.rows() == second.rows()


def test_nothing_new_costs_one_small_request(office: Office) -> None:
    desk = office.desk()
    desk.put("party", name="甲公司", kind="organisation")
    conversation = desk.talk()
    conversation.engine.run()
    line = conversation.transport
    up, down = line.bytes_up, line.bytes_down
    taken = conversation.engine.run()
    conversation.close()
    assert (taken.sent, taken.received) == (0, 0)
    assert line.bytes_up - up + line.bytes_down - down <= 600


def test_a_workspace_with_records_is_simply_sent(office: Office) -> None:
    late = office.alone()
    parties = [late.put("party", name=f"第{number}公司", kind="organisation") for number in range(30)]
    early = office.desk()
    early.put("party", name="已有的公司", kind="organisation")
    early.sync()
    late.join(office.invite())
    late.sync()
    early.sync()
    assert all(early.get("party", party) for party in parties)
    assert early.rows() == late.rows()
    with late.store.read() as connection:
        assert outbox.counts(connection) == outbox.Counts(0, 0, 0, 0)


def test_a_protected_value_is_never_replaced_unseen(office: Office) -> None:
    first, second = office.desk(), office.desk()
    deal = first.put("deal", title="转让合同", stage="lead", deal_amount=Decimal("100.00"))
    first.sync()
    second.sync()
    first.put("deal", deal, deal_amount=Decimal("200.00"))
    second.put("deal", deal, deal_amount=Decimal("300.00"))
    first.sync()
    assert second.sync().conflicts == 1
    for desk in (first, second):
        desk.sync()
        held = desk.get("deal", deal)
        assert held is not None
        assert held["deal_amount"] == Decimal("200.00")
        with desk.store.read() as connection:
            assert outbox.counts(connection).conflicts == 1
    assert first.rows() == second.rows()


def test_many_batches_are_sent_in_one_conversation(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(freezing.freeze.__kwdefaults__, "ops", 200)  # type: ignore[arg-type] # a function has them
    desk, other = office.desk(), office.desk()
    for batch in range(3):
        with desk.work() as work:
            for number in range(150):
                work.put(
                    "party", _id(batch, number), {"name": f"公司{batch}-{number}", "kind": "organisation"}
                )
    taken = desk.sync()
    assert taken.sent == 450
    assert other.sync().received == 450
    assert other.rows() == desk.rows()


def _id(batch: int, number: int) -> uuid.UUID:
    return uuid.UUID(int=(batch << 64) + number + 1)


def test_an_answer_must_tell_of_every_batch_unless_the_program_is_too_old(office: Office) -> None:
    desk = office.desk()
    conversation = desk.talk()
    sent = [Flight(1, b"", 1)]
    with pytest.raises(BrokenError):
        conversation.engine._demand_verdicts(sent, SyncAnswer(0))
    conversation.engine._demand_verdicts(sent, SyncAnswer(0, notices=[Notice("too-old", "请升级")]))
    assert not conversation.engine._may_send()
    conversation.close()


def test_a_workspace_that_has_left_asks_for_no_token(office: Office) -> None:
    desk = office.desk()
    conversation = desk.talk()
    desk.vault.drop()
    conversation.session._until = 0.0  # the token that it held runs out
    with pytest.raises(SignedOutError):
        conversation.engine.run()
    conversation.close()
