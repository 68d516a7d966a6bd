"""Code lists must say what a code meant on a day and never guess what a person meant."""

import datetime as dt

import pytest

from domain.codes import Code, CodeBook, CodeList, parse_code_list

OLD, NEW = dt.date(2009, 12, 31), dt.date(2010, 1, 1)
REGIONS = CodeList(
    name="region",
    label="行政区划",
    source="测试",
    codes=(
        Code("420000", "湖北省", aliases=("湖北",)),
        Code("420600", "襄樊市", "420000", valid_to=OLD),
        Code("420600", "襄阳市", "420000", valid_from=NEW),
        Code("110000", "北京市"),
        Code("110105", "朝阳区", "110000"),
        Code("220000", "吉林省"),
        Code("220104", "朝阳区", "220000"),
        Code("220105", "旧区", "220000", valid_to=OLD),
        Code("310000", "单一区"),
        Code("310101", "单一区", "310000"),
    ),
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("420600", "420600"),
        ("襄阳市", "420600"),
        ("襄樊市", "420600"),
        (" ４２０ ０００ ", "420000"),
        ("湖北", "420000"),
        ("湖北省/襄阳市", "420600"),
        ("湖北省襄阳市", "420600"),
        ("北京市朝阳区", "110105"),
        ("朝阳区", None),  # two of them: never guess
        ("旧区", "220105"),
        ("无此地", None),
        ("单一区", "310101"),  # the lower of two that stand one above the other
        ("", None),
        ("  ", None),
    ],
)
def test_find_reads_codes_labels_aliases_and_paths(text, code):
    assert REGIONS.find(text) == code


def test_find_on_a_day_sees_only_the_names_of_that_day():
    assert REGIONS.find("襄樊市", OLD) == "420600"
    assert REGIONS.find("襄樊市", NEW) is None
    assert REGIONS.find("襄阳市", OLD) is None
    assert REGIONS.find("旧区", NEW) is None


def test_label_follows_the_day_and_never_hides_a_code():
    assert REGIONS.label_of("420600", OLD) == "襄樊市"
    assert REGIONS.label_of("420600", NEW) == "襄阳市"
    assert REGIONS.label_of("420600") == "襄阳市"
    assert REGIONS.label_of("220105", NEW) == "旧区"
    assert REGIONS.label_of("999999") == "999999"
    assert REGIONS.label_of(None) == REGIONS.label_of("") == ""


def test_validity_includes_both_days():
    assert REGIONS.valid("220105", OLD)
    assert not REGIONS.valid("220105", NEW)
    assert REGIONS.valid("220105")
    assert not REGIONS.valid("nothing")
    assert "220105" in REGIONS
    assert "nothing" not in REGIONS


def test_tree():
    assert [e.label for e in REGIONS.children("420000", NEW)] == ["襄阳市"]
    assert [e.code for e in REGIONS.children(None)] == ["420000", "110000", "220000", "310000"]
    assert REGIONS.ancestors("420600") == ("420000",)
    assert REGIONS.path("420600", OLD) == "湖北省/襄樊市"
    assert len(REGIONS.entries()) == 10
    assert len(REGIONS.entries(NEW)) == len(REGIONS) - 2


def test_tables_and_rows_give_the_same_list():
    head = {"name": "region", "label": "行政区划", "source": "测试"}
    rows = (
        "420000\t湖北省\t\t\t\t湖北\n"
        "420600\t襄樊市\t420000\t\t2009-12-31\n"
        "420600\t襄阳市\t420000\t2010-01-01\n"
    )
    tables = [
        {"code": "420000", "label": "湖北省", "aliases": ["湖北"]},
        {"code": "420600", "label": "襄樊市", "parent": "420000", "valid_to": OLD},
        {"code": "420600", "label": "襄阳市", "parent": "420000", "valid_from": NEW},
    ]
    assert parse_code_list({**head, "rows": rows}) == parse_code_list({**head, "codes": tables})


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ([{"code": "a"}], "label"),
        ([{"code": "a", "label": "甲", "parent": "z"}], "unknown parent z"),
        ([{"code": "a", "label": "甲"}, {"code": "a", "label": "乙"}], "overlap"),
        (
            [{"code": "a", "label": "甲", "valid_to": NEW}, {"code": "a", "label": "乙", "valid_from": NEW}],
            "overlap",
        ),
    ],
)
def test_a_broken_list_is_refused(codes, message):
    with pytest.raises(ValueError, match=message):
        parse_code_list({"name": "x", "label": "x", "source": "x", "codes": codes})


def test_book_is_a_mapping_of_names():
    book = CodeBook({"region": REGIONS})
    assert book["region"] is REGIONS
    assert list(book) == ["region"]
    assert "region" in book
    assert "other" not in book
    assert len(book) == 1
