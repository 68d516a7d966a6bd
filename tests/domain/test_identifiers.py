"""Numbers must be told from noise: by digit, by meaning, and whatever a hand makes of them."""

import csv
import datetime as dt
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from domain.identifiers import citizen_id, compact, credit_code, patent_check_digit, patent_number

DATA = Path(__file__).parents[1] / "data"
CASES = [json.loads(line) for line in (DATA / "cases.jsonl").read_text("utf-8").splitlines()]


def cases(kind: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in CASES if case["kind"] == kind]


def widened(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@pytest.mark.parametrize("case", cases("uscc_check_digit"))
def test_published_credit_codes(case):
    verdict = credit_code(case["input"]["uscc"])
    assert verdict.valid == (case["expected"]["check"] == "pass")
    assert bool(verdict.problem) != verdict.valid
    assert not verdict.warning
    if "expected " in case["expected"]["check"]:
        right = case["expected"]["check"].removeprefix("fail(expected ").removesuffix(")")
        assert f"应为“{right}”" in verdict.problem


@pytest.mark.parametrize("name", ["uscc.csv", "uscc_unnamed.csv"])
def test_listed_organisations(name):
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            verdict = credit_code(row["uscc"])
            assert verdict.valid == (row["check_result"] == "pass"), row
            assert not verdict.warning


@pytest.mark.parametrize("case", cases("uscc_negative"))
def test_what_is_no_credit_code(case):
    # Eighteen zeros pass the digit; they are no code all the same.
    assert not credit_code(case["input"]["uscc"]).valid


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "为空"),
        ("   ", "为空"),
        ("12345", "现为5位"),
        ("12100000425006117PP", "现为19位"),
        ("1210000042500611OP", "不使用字符“O”"),
        ("12100000-42500611中P", "不使用字符“中”"),
        ("000000000000000000", "登记管理部门"),
        ("B2100000425006117P", "登记管理部门"),
        ("99100000425006117P", "机构类别"),
        ("12AB0000425006117P", "行政区划码"),
        ("12000000425006117P", "行政区划码"),
        ("121000000000000000", "不能全为0"),
        ("12100000425006117D", "应为“P”"),
    ],
)
def test_a_wrong_credit_code_says_why(code, why):
    verdict = credit_code(code)
    assert not verdict.valid
    assert why in verdict.problem


@pytest.mark.parametrize("change", [str.lower, widened, lambda c: f" {c[:8]} {c[8:]}\t", "-".join])
def test_a_credit_code_is_read_however_it_is_typed(change):
    assert credit_code(change("12100000425006117P")).valid


@pytest.mark.parametrize("start", ["91", "92", "93", "51", "54", "81", "N2", "A1", "Y1", "11", "13"])
def test_every_registrar_has_codes(start):
    body = start + "420100" + "425006117"
    assert credit_code(body + uscc.calc_check_digit(body)).valid


def test_a_wrong_organisation_digit_is_only_a_warning():
    body = "12100000" + "425006118"
    verdict = credit_code(body + uscc.calc_check_digit(body))
    assert verdict.valid
    assert "主体标识码" in verdict.warning


@given(st.text(max_size=24))
def test_any_text_gets_a_verdict(text):
    for verdict in (credit_code(text), citizen_id(text), patent_number(text)):
        assert verdict.valid == (not verdict.problem)


@given(st.integers(0, 16), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_is_always_caught(place, character):
    right = "12100000425006117P"
    wrong = right[:place] + character + right[place + 1 :]
    assert credit_code(wrong).valid == (wrong == right)


def test_compact_keeps_what_matters():
    assert compact(" zl２０１９–1\u200b060\u00a0") == "ZL20191060"
    assert compact("ⅳ") == unicodedata.normalize("NFKC", "ⅳ").upper()


@pytest.mark.parametrize(
    ("number", "birth", "sex"),
    [
        ("11010519491231002X", "1949-12-31", "女"),
        ("11010519491231002x", "1949-12-31", "女"),
        (" 110105 19491231 002X ", "1949-12-31", "女"),
        (widened("11010519491231002X"), "1949-12-31", "女"),
        ("440308199901101512", "1999-01-10", "男"),
    ],
)
def test_a_citizen_number_says_birth_and_sex(number, birth, sex):
    verdict = citizen_id(number)
    assert verdict.valid
    assert (verdict.birth, verdict.sex) == (dt.date.fromisoformat(birth), sex)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("", "为空"),
        ("130503670401001", "15位旧号码"),
        ("1101051949123100", "现为16位"),
        ("1101051949123100AX", "应为数字"),
        ("11010519490231002X", "不是真实日期"),
        ("11010500000000002X", "不是真实日期"),
        ("110105194912310021", "应为“X”"),
        ("000000000000000000", "不是真实日期"),
    ],
)
def test_a_wrong_citizen_number_says_why(number, why):
    verdict = citizen_id(number)
    assert not verdict.valid
    assert why in verdict.problem
    assert verdict.birth is None
    assert verdict.sex is None


@given(st.dates(dt.date(1900, 1, 1), dt.date(2026, 1, 1)), st.integers(0, 999))
def test_every_made_up_citizen_number_is_read_back(birth, serial):
    body = f"420106{birth:%Y%m%d}{serial:03d}"
    verdict = citizen_id(body + ric.calc_check_digit(body + "0"))
    assert verdict.valid
    assert verdict.birth == birth
    assert verdict.sex == ("男" if serial % 2 else "女")


def test_an_address_code_of_no_place_is_only_a_warning():
    for prefix, year in (("999999", 1990), ("420599", 1990), ("110103", 2015)):  # 崇文区 ended in 2010
        body = f"{prefix}{year}0101001"
        verdict = citizen_id(body + ric.calc_check_digit(body + "0"))
        assert verdict.valid
        assert prefix in verdict.warning


@pytest.mark.parametrize("case", cases("patent_check_digit"))
def test_published_patent_numbers(case):
    number = case["input"]["number"]
    verdict = patent_number(number)
    assert verdict.valid == (case["expected"]["check"] == "通过")
    assert verdict.granted == number.startswith("ZL")


@pytest.mark.parametrize(
    ("number", "kind", "granted"),
    [
        ("ZL201910603565.1", "invention", True),
        ("zl 2019 1060 3565.1", "invention", True),
        (widened("ZL201910603565.1"), "invention", True),
        ("专利号：ZL201910603565.1", "invention", True),
        ("ZL2019106035651", "invention", True),
        ("201910603565.1", "invention", False),
        ("CN201910603565.1", "invention", False),
        ("ZL201620554029.9", "utility", True),
        ("ZL201930071397.7", "design", True),
        ("ZL201910699568.x", "invention", True),
        ("ZL85100001", "invention", True),  # 1985-1988: no check digit yet
        ("85100001.0", "invention", False),
        ("ZL200810027800.7", "invention", True),
        ("PCT/CN2020/123456", "pct", False),
        ("pct/us98/01234", "pct", False),
    ],
)
def test_patent_numbers_of_all_times(number, kind, granted):
    if number == "85100001.0":
        number = f"85100001.{patent_check_digit('85100001')}"
    verdict = patent_number(number)
    assert (verdict.valid, verdict.kind, verdict.granted, verdict.problem) == (True, kind, granted, "")


@pytest.mark.parametrize(
    ("number", "kind", "why"),
    [
        ("", None, "为空"),
        ("ZL", None, "校验位"),
        ("CN110398073A", "publication", "公开"),
        ("CN101234567B", "publication", "公开"),
        ("CN1234567C", "publication", "公开"),
        ("CN 205123456 U", "publication", "公开"),
        ("ZL201910603565.2", "invention", "应为“1”"),
        ("ZL201910603565", "invention", "缺少"),
        ("ZL96101876", "invention", "缺少"),
        ("ZL201940603565.1", None, "种类码"),
        ("ZL199910603565.1", "invention", "8位数字"),
        ("ZL04101876.3", "invention", "12位数字"),
        ("ZL201910000000.0", "invention", "全为0"),
        ("ZL2019.106035651", None, "校验位"),
        ("ZL20191060356511", None, "校验位"),
        ("ZL٢٠١٩10603565.1", None, "校验位"),
        ("PCT/CN2020/1234", None, "校验位"),
    ],
)
def test_what_is_no_patent_number_says_why(number, kind, why):
    verdict = patent_number(number)
    assert not verdict.valid
    assert verdict.kind == kind
    assert why in verdict.problem


@given(st.integers(2004, 2099), st.sampled_from("12389"), st.integers(1, 9_999_999))
def test_the_check_digit_of_a_patent_number_is_unique(year, kind, serial):
    body = f"{year}{kind}{serial:07d}"
    right = patent_check_digit(body)
    assert [c for c in "0123456789X" if patent_number(f"ZL{body}.{c}").valid] == [right]
