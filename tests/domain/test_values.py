"""Reading what people and spreadsheets give, and writing it so that it reads the same."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import values
from domain.fields import KINDS, Field
from domain.problems import message
from domain.records import RECORD_TYPES
from domain.values import UnreadableError, is_empty, mask, parse, show
from tests.samples import CODES, ON, TEXTS, draw_values

FIELDS = {
    "text": Field("text", "名称", "name", max=200),
    "note": Field("note", "简介", "summary"),
    "credit-code": Field("text", "信用代码", "code", format="credit-code"),
    "patent-number": Field("text", "专利号", "patent", format="patent-number"),
    "partial-day": Field("text", "起始", "start", format="partial-day"),
    "web": Field("text", "网址", "web", format="web"),
    "choice": Field("choice", "领域", "field", codes="technical-field"),
    "region": Field("choice", "地区", "region", codes="region"),
    "choices": Field("choices", "领域", "fields", codes="technical-field"),
    "money": Field("money", "金额", "amount", places=2),
    "number": Field("number", "件数", "count", unit_label="件"),
    "share": Field("number", "比例", "share", places=2, unit_label="%"),
    "day": Field("day", "日期", "day"),
    "ref": Field("ref", "单位", "party", to="party"),
    "flag": Field("flag", "是否", "flag"),
}
FLOATS = st.floats(allow_nan=True, allow_infinity=True)
NUMERALS = st.from_regex(r"[+-]?[0-9]{1,6}(\.[0-9]{1,4})?(万元|件|%)?", fullmatch=True)
DAYS = st.one_of(st.dates(), st.datetimes(), st.dates().map(str), st.integers(0, 10**9))
RAW = st.one_of(TEXTS, st.text(), FLOATS, NUMERALS, DAYS, st.integers(), st.booleans(), st.uuids())
USED_LISTS = sorted({f.codes for known in RECORD_TYPES.values() for f in known.fields if f.codes})
REGION_CODES = st.sampled_from([entry.code for entry in CODES["region"].codes])


def read(name: str, raw: object, scale: Decimal | None = None) -> Any:
    return parse(FIELDS[name], raw, CODES, on=ON, scale=scale)


def problem_of(name: str, raw: object) -> str:
    with pytest.raises(UnreadableError) as refused:
        read(name, raw)
    assert message(refused.value.problem)
    return refused.value.problem.code


# ── laws ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", FIELDS)
@given(raw=RAW)
def test_reading_what_was_shown_gives_the_same_value(name, raw):
    with contextlib.suppress(UnreadableError):  # which is an answer too; any other error fails the law
        value = read(name, raw)
        assert read(name, show(FIELDS[name], value, CODES)) == value


@pytest.mark.parametrize("name", RECORD_TYPES)
@given(seed=st.integers(0))
def test_every_value_of_a_record_can_be_shown_and_read_again(name, seed):
    drawn = draw_values(RECORD_TYPES[name], seed)
    for field in RECORD_TYPES[name].fields:
        if field.name in drawn and not field.format:
            shown = show(field, drawn[field.name], CODES)
            assert parse(field, shown, CODES, on=ON) == drawn[field.name]


@pytest.mark.parametrize(
    "name", sorted({f.codes for t in RECORD_TYPES.values() for f in t.fields if f.codes})
)
def test_every_code_can_be_shown_and_read_again(name):
    field = Field("choice", "代码", "code", codes=name)
    entries = CODES[name].entries(ON)
    assert [parse(field, show(field, e.code, CODES), CODES, on=ON) for e in entries] == [
        e.code for e in entries
    ]


@given(code=REGION_CODES)
def test_a_code_of_former_days_can_be_read_at_its_day(code):
    entry = CODES["region"].get(code)
    assert entry is not None
    on = entry.valid_to or entry.valid_from or ON
    assert parse(FIELDS["region"], show(FIELDS["region"], code, CODES), CODES, on=on) == code


def test_readers_and_writers_know_every_kind():
    assert set(values._READERS) == set(values._WRITERS) == set(KINDS)


# ── what people write ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("raw", [None, "", " ", "\u3000", "-", "—", "——", "／", "N/A", (), "\x00", "None"])
def test_dashes_and_blanks_say_nothing(raw):
    assert is_empty(raw) or read("text", raw) is None
    assert all(read(name, raw) is None for name in FIELDS if raw != "\x00")


@pytest.mark.parametrize(
    ("raw", "yuan"),
    [
        ("12000.50", "12000.50"),
        ("１２，０００．５０ 元", "12000.50"),
        ("¥1,200,000.00", "1200000.00"),
        ("1.2万元", "12000.00"),
        ("3亿", "300000000.00"),
        ("-0", "0.00"),
        ("人民币 5 千元整", "5000.00"),
        (12000.5, "12000.50"),
        (0.1 + 0.2, "0.30"),
        (1e16, "10000000000000000.00"),
        (35, "35.00"),
    ],
)
def test_amounts_are_yuan_with_two_decimals(raw, yuan):
    assert str(read("money", raw)) == yuan


def test_a_header_may_give_the_unit_of_amounts_but_the_cell_wins():
    assert read("money", "120", Decimal(10_000)) == Decimal(1_200_000)
    assert read("money", "120元", Decimal(10_000)) == Decimal(120)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("面议", "not-an-amount"),
        ("0.001", "finer-than-fen"),
        ("9" * 40, "too-high"),
        (float("nan"), "not-an-amount"),
        (float("inf"), "not-an-amount"),
    ],
)
def test_what_is_no_amount_is_refused(raw, code):
    assert problem_of("money", raw) == code


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("number", "1,200 件", "1200"),
        ("number", 3.0, "3"),
        ("share", "35.50%", "35.50"),
        ("share", 35.599999999999994, "35.60"),
        ("share", "-0.00", "0.00"),
    ],
)
def test_numbers_have_the_places_of_their_field(name, raw, value):
    assert str(read(name, raw)) == value


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("number", "三件", "not-a-number"),
        ("number", "1,20", "not-a-number"),
        ("number", "1.5", "too-fine"),
        ("share", "35.599", "too-fine"),
        ("number", "1" + "0" * 40, "too-high"),
    ],
)
def test_what_is_no_number_is_refused(name, raw, code):
    assert problem_of(name, raw) == code


@pytest.mark.parametrize(
    "raw",
    [
        "2024-03-05",
        "2024/3/5",
        "2024.3.5",
        "２０２４年３月５日",
        "20240305",
        20240305,
        "2024-03-05 00:00:00",
        "2024-03-05T08:30",
        dt.date(2024, 3, 5),
        dt.datetime(2024, 3, 5, 23, 59, tzinfo=dt.UTC),
        45356,  # how a spreadsheet counts days
        45356.0,
    ],
)
def test_days_are_read_in_every_form_people_use(raw):
    assert read("day", raw) == dt.date(2024, 3, 5)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("昨天", "not-a-day"),
        ("2024", "not-a-day"),  # a year is no serial day number of 1905
        ("2024-02-30", "no-such-day"),
        ("0000-01-01", "no-such-day"),
        ("፩", "not-a-day"),  # a digit that is no decimal
    ],
)
def test_what_is_no_day_is_refused(raw, code):
    assert problem_of("day", raw) == code


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("2013", "2013"),
        ("2013年", "2013"),
        ("2013.5", "2013-05"),
        ("2013年5月6日", "2013-05-06"),
        ("20130506", "2013-05-06"),
        (2013, "2013"),
        (2013.0, "2013"),
        (dt.datetime(2013, 5, 6, tzinfo=dt.UTC), "2013-05-06"),
    ],
)
def test_partial_days_keep_what_is_told(raw, told):
    assert read("partial-day", raw) == told


def test_partial_days_that_are_none_are_refused():
    assert problem_of("partial-day", "2013-13") == "no-such-day"
    assert problem_of("partial-day", "去年") == "partial-day"


@pytest.mark.parametrize(
    ("name", "raw", "text"),
    [
        ("text", " 一行\r\n两行\t三 ", "一行 两行 三"),
        ("note", "一行\r\n两行\r三", "一行\n两行\n三"),
        ("text", 13800138000.0, "13800138000"),
        ("text", "e\u0301tude", "\xe9tude"),
        ("text", "看不见\x07\ud800的", "看不见的"),
        ("credit-code", " 1210 0000 425006117p ", "12100000425006117P"),
        ("patent-number", "ｚｌ201910603565.1", "ZL201910603565.1"),
        ("web", "ｈttps://a.cn", "https://a.cn"),
    ],
)
def test_text_is_kept_as_it_is_meant(name, raw, text):
    assert read(name, raw) == text


def test_choices_are_found_by_code_label_and_in_lists():
    first, second = CODES["technical-field"].entries(ON)[:2]
    assert read("choice", first.label) == read("choice", first.code) == first.code
    for separator in ("；", ";", "、", ",", "\n", "|"):
        assert read("choices", f"{first.label}{separator}{second.label}") == (first.code, second.code)
    assert read("choices", [first.label, "", first.code]) == (first.code,)
    assert problem_of("choice", "炼金术") == "unknown-code"
    assert problem_of("choices", f"{first.label}；炼金术") == "unknown-code"


def test_a_label_with_a_comma_in_it_is_one_choice():
    industry = Field("choices", "行业", "industries", codes="industry")
    assert show(industry, ("A",), CODES) == "农、林、牧、渔业"
    assert parse(industry, "农、林、牧、渔业；制造业", CODES, on=ON) == ("A", "C")


def test_a_name_that_several_places_share_is_shown_with_what_tells_them_apart():
    shown = show(FIELDS["region"], "110105", CODES)
    assert shown != "朝阳区"
    assert "朝阳区" in shown
    assert read("region", shown) == "110105"
    assert problem_of("region", "朝阳区") == "unknown-code"


def test_references_are_ids():
    key = uuid.uuid4()
    assert read("ref", key) == read("ref", f" {key} ") == key
    assert problem_of("ref", "某单位") == "unknown-record"


@pytest.mark.parametrize(("raw", "value"), [("是", True), ("√", True), (1, True), (1.0, True), (True, True)])
def test_yes(raw, value):
    assert read("flag", raw) is value


@pytest.mark.parametrize("raw", ["否", "无", 0, "0.0", False, "Ｎ"])
def test_no(raw):
    assert read("flag", raw) is False


def test_what_is_neither_yes_nor_no_is_refused():
    assert problem_of("flag", "也许") == "not-yes-or-no"


@pytest.mark.parametrize(
    ("shown", "masked"),
    [
        ("11010519491231002X", "110***********002X"),
        ("13800138000", "138****8000"),
        ("1949-12-31", "1*********"),
        ("王喆", "王*"),
        ("", ""),
    ],
)
def test_personal_text_is_masked(shown, masked):
    assert mask(Field("text", "证件号", personal=True), shown) == masked
    assert mask(Field("text", "编号"), shown) == shown
