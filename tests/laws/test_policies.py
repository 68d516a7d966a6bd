"""Every shipped policy must say where it comes from, and no two may contradict each other."""

import datetime as dt
import itertools

import pytest

from desktop import paths

BOOK = paths.policy_book()
ENTRIES = [entry for pack in BOOK.packs for entry in pack.entries]
SEED_PLANS = ["beijing-2016-50", "dalian-2018-37", "hubei-2021-38", "jinan-2018-14", "nanjing-13th-plan"]
REGIONS = paths.code_book()["region"]


def test_pack_ids_are_file_names():
    files = sorted(path.stem for path in (paths.resources() / "policies").glob("*.toml"))
    assert sorted(pack.id for pack in BOOK.packs) == files
    assert set(SEED_PLANS) <= set(files)


@pytest.mark.parametrize("pack", BOOK.packs, ids=lambda pack: pack.id)
def test_a_pack_names_its_document(pack):
    assert pack.title
    assert pack.issued_by
    assert pack.document_no
    assert pack.source
    assert pack.region == "000000" or REGIONS.valid(pack.region)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_an_entry_names_its_clause_and_its_number(entry):
    assert entry.section
    assert entry.label
    assert (entry.value is None) == (entry.unit == "day-of-year") == (entry.due is not None)
    assert entry.high is None or entry.high > entry.value
    assert entry.region == "000000" or REGIONS.valid(entry.region)
    if entry.pack in SEED_PLANS:
        assert entry.quote, "a rule of a plan at hand quotes its words"


@pytest.mark.parametrize("target", [e for e in ENTRIES if e.kind == "target"], ids=lambda entry: entry.key)
def test_a_target_is_a_known_measure_with_an_end(target):
    assert paths.code_book()["target-measure"].valid(target.measure)
    assert target.valid_to or target.per or target.measure == "angel_fund"


def test_no_two_entries_say_different_things_for_one_place_and_time():
    for one, other in itertools.combinations(ENTRIES, 2):
        if (one.kind, one.measure, one.region) == (other.kind, other.measure, other.region):
            assert not one.overlaps(other), f"{one.key} and {other.key}"


@pytest.mark.parametrize(
    ("measure", "region", "on", "value", "cap"),
    [
        ("technical_amount", "210200", "2019-06-01", 24_000_000_000, None),
        ("deal_amount", "320100", "2019-06-01", 30_000_000_000, None),
        ("contract_trade_amount", "420000", "2023-06-01", 300_000_000_000, None),
        ("contract_trade_amount", "420100", "2023-06-01", 140_000_000_000, None),
        ("contract_trade_amount", "420600", "2023-06-01", 30_000_000_000, None),
        ("events", "420000", "2023-06-01", 50, None),
        ("incubated_enterprises", "110000", "2019-06-01", 10_000, None),
        ("contract_trade_amount", "370100", "2019-06-01", 12_000_000_000, None),
        ("achievement_purchase", "420106", "2023-06-01", 10, 1_000_000),
        ("international_event", "370102", "2023-06-01", 50, 1_000_000),
        ("pilot_base", "370100", "2023-06-01", 1_000_000, None),
        ("horizontal_project_funds", "420000", "2023-06-01", 500_000, None),
        ("conversion_sanction", "420000", "2023-06-01", 24, None),
        ("empowerment_start", "420000", "2023-06-01", 12, None),
        ("leave_of_absence", "210200", "2023-06-01", 36, None),
        ("team_share", "110000", "2023-06-01", 70, None),
        ("team_share", "420000", "2023-06-01", 70, None),
        ("price_agreement", "370100", "2023-06-01", 15, None),
        ("cash_reward", "370100", "2023-06-01", 15, None),
    ],
)
def test_the_plans_say_what_they_say(measure, region, on, value, cap):
    found = BOOK.find(measure, region, dt.date.fromisoformat(on))
    assert found
    assert (found.value, found.cap) == (value, cap)


def test_beijing_has_its_two_report_days():
    on = dt.date(2023, 1, 1)
    days = [BOOK.find(measure, "110108", on) for measure in ("annual_report_unit", "annual_report_authority")]
    assert [d and d.due for d in days] == [(3, 31), (4, 30)]
