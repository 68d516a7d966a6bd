"""The nearest rule in force must win, and a ceiling must never exceed its cap."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.policies import NATION, PolicyBook, lineage, parse_pack

HEAD = {"title": "测试", "issued_by": "测试", "document_no": "1号", "source": "测试"}
DAY = dt.date(2023, 5, 1)


def entry(id_: str, **facts: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "kind": "reward",
        "measure": "team_share",
        "label": "比例",
        "unit": "percent",
        "section": "1",
        **facts,
    }


NATIONAL = {**HEAD, "id": "nation", "region": NATION, "entries": [entry("floor", value="50", verified=False)]}
PROVINCE = {
    **HEAD,
    "id": "hubei",
    "region": "420000",
    "valid_from": dt.date(2021, 10, 19),
    "entries": [
        entry("share", value="70", high="99"),
        entry("buy", kind="subsidy", measure="purchase", value="10", cap="1000000"),
        entry("goal", kind="target", measure="deal_amount", unit="yuan", value="1", region="420100"),
        entry("goal", kind="target", measure="deal_amount", unit="yuan", value="9"),
        entry("report", kind="deadline", measure="report", unit="day-of-year", due="03-31"),
    ],
}
BOOK = PolicyBook([parse_pack(NATIONAL), parse_pack(PROVINCE)])


def test_lineage_goes_from_county_to_nation():
    assert lineage("420106") == ("420106", "420100", "420000", NATION)
    assert lineage("420000") == ("420000", NATION)
    assert lineage(NATION) == (NATION,)


def test_the_nearest_rule_in_force_wins():
    found = BOOK.find("team_share", "420106", DAY)
    assert found
    assert (found.key, found.value, found.high) == ("hubei/share", Decimal(70), Decimal(99))
    elsewhere = BOOK.find("team_share", "110108", DAY)
    assert elsewhere
    assert elsewhere.key == "nation/floor"
    assert not elsewhere.verified
    before = BOOK.find("team_share", "420106", dt.date(2021, 10, 18))
    assert before
    assert before.key == "nation/floor"
    assert BOOK.find("team_share", "420106", DAY, kind="subsidy") is None


def test_entries_know_their_document_and_are_found_again_by_key():
    found = BOOK.get("hubei/buy")
    assert found
    assert BOOK.pack_of(found).document_no == "1号"
    assert BOOK.get("hubei/nothing") is None


def test_targets_are_a_places_own():
    assert [t.value for t in BOOK.targets("420100", DAY)] == [Decimal(1)]
    assert [t.value for t in BOOK.targets("420000", DAY)] == [Decimal(9)]
    assert len(BOOK.applicable("420100", DAY, kind="target")) == 2


def test_deadlines_fall_on_a_day_of_each_year():
    report = BOOK.get("hubei/report")
    assert report
    assert report.due_date(2024) == dt.date(2024, 3, 31)
    share = BOOK.get("hubei/share")
    assert share
    with pytest.raises(ValueError, match="no due day"):
        share.due_date(2024)
    with pytest.raises(ValueError, match="not a percentage"):
        report.ceiling(Decimal(1))


@given(st.decimals(0, 10**12, places=2))
def test_a_ceiling_is_a_share_of_the_base_up_to_the_cap(base):
    rule = BOOK.get("hubei/buy")
    assert rule
    given_at_most = rule.ceiling(base)
    assert given_at_most <= Decimal(1000000)
    if base <= 10_000_000:
        assert abs(given_at_most - base / 10) <= Decimal("0.005")
    else:
        assert given_at_most == 1000000
    free = BOOK.get("hubei/share")
    assert free
    assert abs(free.ceiling(base) - base * Decimal("0.7")) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"entries": [entry("a", kind="bribe")]}, "is no kind"),
        ({"entries": [entry("a", unit="dollar")]}, "is no unit"),
        ({"entries": [entry("a", bound="maybe")]}, "is no bound"),
        ({"entries": [entry("a", value="1"), entry("a", value="2")]}, "overlap"),
        ({"source": None}, None),
    ],
)
def test_a_broken_pack_is_refused(change, message):
    data = {**NATIONAL, **change}
    if message is None:
        del data["source"]
    with pytest.raises(ValueError, match=message or "source"):
        parse_pack(data)


def test_one_rule_may_follow_another():
    split = [
        entry("a", value="1", valid_to=dt.date(2020, 12, 31)),
        entry("a", value="2", valid_from=dt.date(2021, 1, 1)),
    ]
    pack = parse_pack({**NATIONAL, "entries": split})
    book = PolicyBook([pack])
    found = book.find("team_share", NATION, dt.date(2021, 1, 1))
    assert found
    assert found.value == 2
