"""Every shipped code list must be sound: named after its file, sourced, findable by all its labels."""

import datetime as dt
from collections import Counter

import pytest

from desktop import paths

BOOK = paths.code_book()
TODAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize("name", list(BOOK))
def test_list_is_sound(name):
    made = BOOK[name]
    assert made.name == name
    assert made.label
    assert made.source
    assert made.entries(TODAY)


@pytest.mark.parametrize("name", [name for name in BOOK if name != "region"])
def test_every_current_label_leads_back_to_its_code(name):
    made = BOOK[name]
    for entry in made.entries(TODAY):
        found = made.find(entry.label, TODAY)
        # A section and its only division may share a name (房地产业): the division is meant.
        assert found == entry.code or entry.code in made.ancestors(found or "", TODAY)
        assert made.find(entry.code, TODAY) == entry.code
        for alias in entry.aliases:
            assert made.find(alias, TODAY) == entry.code, f"{name}: {alias}"


def test_current_region_paths_lead_back_to_their_codes():
    region = BOOK["region"]
    for entry in region.entries(TODAY)[::5]:
        assert region.find(region.path(entry.code, TODAY), TODAY) == entry.code


def test_regions_hang_under_the_divisions_of_their_own_digits():
    region = BOOK["region"]
    for entry in region.codes:
        assert len(entry.code) == 6
        assert entry.code.isdigit()
        if entry.parent:
            assert entry.parent in (entry.code[:4] + "00", entry.code[:2] + "0000")
    current = Counter("province" if e.parent is None else "below" for e in region.entries(TODAY))
    assert current["province"] == 34


def test_seed_regions_and_former_names_are_there():
    region = BOOK["region"]
    for code, label in {
        "210200": "大连市",
        "320100": "南京市",
        "420000": "湖北省",
        "420100": "武汉市",
        "420600": "襄阳市",
        "420500": "宜昌市",
        "110000": "北京市",
        "370100": "济南市",
    }.items():
        assert region.label_of(code, TODAY) == label
    assert region.label_of("420600", dt.date(2005, 1, 1)) == "襄樊市"
    assert region.valid("371200", dt.date(2015, 1, 1))  # 莱芜市, part of 济南市 since
    assert not region.valid("371200", TODAY)


def test_industry_has_all_sections_and_divisions_of_the_standard():
    industry = BOOK["industry"]
    sections = industry.children(None)
    assert [s.code for s in sections] == list("ABCDEFGHIJKLMNOPQRST")
    divisions = [d.code for s in sections for d in industry.children(s.code)]
    assert divisions == [f"{n:02d}" for n in range(1, 98)]


def test_licence_is_a_class_of_its_own_since_the_civil_code():
    contracts = BOOK["contract-type"]
    before, since = dt.date(2020, 12, 31), dt.date(2021, 1, 1)
    assert [c.label for c in contracts.children(None, before)] == [
        "技术开发",
        "技术转让",
        "技术咨询",
        "技术服务",
    ]
    assert contracts.valid("licence", since)
    assert contracts.ancestors("licence-patent", before) == ("assign",)
    assert contracts.ancestors("licence-patent", since) == ("licence",)


def test_countries_have_three_digits_and_regions_six():
    assert all(len(e.code) == 3 and e.code.isdigit() for e in BOOK["country"].codes)
    assert BOOK["country"].find("中国") == "156"
