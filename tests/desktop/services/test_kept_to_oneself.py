"""What somebody keeps to himself nobody else sees, nor any part of it, whenever the part was made."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from desktop.services import sharing
from domain.fields import RECORD_TYPES
from domain.registry import wire_types
from domain.scopes import AGENCY, HOMES, OWN
from domain.wholes import PARTS, WHOLES, is_part

SHA = "0" * 64


@pytest.fixture
def desks(office):
    """Return two desks of different people of one agency, and a deal with parts that both know."""
    first, second = office.desk(), office.desk()
    deal = first.put("deal", title="专利转让", stage="lead")
    payment = pay(first, deal)
    paper = attach(first, "payment", payment)
    for desk in (first, second):
        desk.sync()
    return first, second, deal, {deal, payment, paper}


def pay(desk, deal):
    return desk.put("payment", deal=deal, paid_on=dt.date(2026, 3, 2), amount=Decimal(100))


def attach(desk, record_type, record_id):
    return desk.put(
        "attachment", owner_type=record_type, owner_id=str(record_id), name="合同.pdf", sha256=SHA
    )


def keep(desk, deal, to=OWN):
    sharing.hand_over(desk, record_type="deal", record_id=deal, to=to)


def ids(desk):
    return {record_id for _, record_id in desk.rows()}


def test_parts_go_along_and_come_back(desks):
    first, second, deal, all_of_it = desks
    assert ids(second) == all_of_it
    keep(first, deal)
    for desk in (first, second):
        desk.sync()
    assert ids(first) == all_of_it
    assert ids(second) == set()
    keep(first, deal, to=AGENCY)
    for desk in (first, second):
        desk.sync()
    assert ids(first) == ids(second) == all_of_it


@pytest.mark.parametrize("synced", [True, False], ids=["kept", "asked for"])
def test_a_part_that_is_made_later_is_kept_with_its_whole(desks, synced):
    first, second, deal, all_of_it = desks
    keep(first, deal)
    if synced:
        first.sync()
    later = pay(first, deal)
    more = {later, attach(first, "payment", later), attach(first, "deal", deal)}
    for desk in (first, second, first):
        desk.sync()
    assert ids(first) == all_of_it | more
    assert ids(second) == set()


def test_what_was_never_sent_goes_along(desks):
    first, second, deal, all_of_it = desks
    unsent = pay(first, deal)
    keep(first, deal)
    for desk in (first, second):
        desk.sync()
    assert ids(first) == all_of_it | {unsent}
    assert ids(second) == set()


def test_a_part_in_the_bin_holds_nothing_up(desks):
    first, second, deal, all_of_it = desks
    binned = pay(first, deal)
    first.sync()
    first.drop("payment", binned)
    keep(first, deal)
    for desk in (first, second):
        desk.sync()
    assert ids(second) == set()
    assert ids(first) == all_of_it


def test_a_file_that_belongs_to_nothing_known_is_where_all_files_are(desks):
    first, second, _, all_of_it = desks
    found = {
        first.put("attachment", owner_type=kind, owner_id=owner, name="散页.pdf", sha256=SHA)
        for kind, owner in (("deal", "没有编号"), ("nothing", SHA[:32]), (None, None))
    }
    for desk in (first, second):
        desk.sync()
    assert ids(second) == all_of_it | found


def test_a_part_is_not_handed_over_by_itself(desks):
    first, _, deal, all_of_it = desks
    for name, record_id in first.rows():
        told = sharing.standing(first, name, record_id)
        assert told.to_self is (record_id == deal)
    assert len(all_of_it) == 3


def test_every_part_names_its_whole_by_its_first_reference():
    assert WHOLES["payment"] == ("deal", "deal")
    assert set(PARTS["deal"]) == {("payment", "deal"), ("dossier_item", "deal")}
    parts = {name for name in wire_types() if is_part(name)}
    assert parts == {name for name in wire_types() if RECORD_TYPES[name].group == "parts"}
    assert not parts & HOMES.keys(), "a part is at home where its whole may be kept to oneself"
