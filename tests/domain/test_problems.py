"""Why a record is refused: everything at once, in sentences that name the field and an example."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from domain import problems as subject
from domain.fields import KINDS, RECORD_TYPES, Field, Format
from domain.problems import (
    MESSAGES,
    WARNINGS,
    Problem,
    Refusal,
    demand_sound,
    explain,
    message,
    ordered,
    problems,
    refuse,
)
from tests.samples import CODES, ON

SOUND = {"title": "无氯氟发泡剂", "secrecy": "public"}


def codes_of(record_type: str, **values: object) -> list[tuple[str, str]]:
    return [(p.field, p.code) for p in problems(RECORD_TYPES[record_type], values, CODES, on=ON)]


def test_a_sound_record_has_no_problems():
    assert codes_of("achievement", **SOUND) == []
    assert demand_sound(RECORD_TYPES["achievement"], SOUND, CODES, on=ON) == []


def test_all_problems_come_at_once_in_the_order_of_the_form():
    found = codes_of(
        "achievement",
        title="长" * 201,
        technical_field="alchemy",
        secrecy=None,
        keywords="一；二；三；四",
        income=Decimal(-1),
        announced_on="去年",
    )
    assert found == [
        ("title", "too-long"),
        ("technical_field", "unknown-code"),
        ("secrecy", "required"),
        ("income", "too-low"),
        ("announced_on", "partial-day"),
        ("keywords", "too-many-words"),
    ]


@pytest.mark.parametrize("nothing", [None, "", "  \u3000", ()])
def test_what_is_required_must_say_something(nothing):
    assert codes_of("achievement", **{**SOUND, "title": nothing}) == [("title", "required")]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("year", Decimal(1989), "too-low"),
        ("year", Decimal(2101), "too-high"),
        ("year", Decimal("2025.5"), "too-fine"),
        ("year", Decimal("NaN"), "not-a-number"),
        ("year", Decimal("Infinity"), "not-a-number"),
        ("total_income", Decimal("0.001"), "finer-than-fen"),
        ("total_income", Decimal(10) ** 17, "too-high"),  # more fen than 64 bits count
        ("credit_code", "12100000425006117Q", "credit-code"),
        ("phone", "打我电话", "phone"),
        ("summary", "身份证 11010519491231002X 的持有人", "personal-number"),
        ("region", "000000", "unknown-code"),
    ],
)
def test_each_kind_of_field_has_its_check(name, value, code):
    sound = {"name": "示例机构", "year": Decimal(2025), "kind": "A"}
    assert codes_of("agency", **sound) == []
    assert codes_of("agency", **{**sound, name: value}) == [(name, code)]


def test_numbers_that_only_look_like_a_citizen_id_may_stand_in_text():
    for harmless in ("编号 110105194912310021", "A11010519491231002X", "12345678901234567"):
        assert codes_of("achievement", **SOUND, summary=harmless) == []


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("credit-code", ["12100000425006117P"], ["1210000042500611", "12100000425006117Q"]),
        ("citizen-id", ["11010519491231002X"], ["110105194912310021", "11010519491331002X"]),
        ("patent-number", ["ZL201910603565.1"], ["ZL201910603565.2", "专利"]),
        (
            "partial-day",
            ["2026", "2026-03", "2026-03-05"],
            ["26", "2026-13", "2026-02-30", "2026-W01-1", "２０２６"],
        ),
        ("phone", ["13800138000", "010-62345678转12", "+86 138 0013 8000"], ["12", "无"]),
        ("email", ["name@example.cn"], ["name@", "name example.cn"]),
        ("web", ["https://www.example.cn"], ["www.example.cn", "ftp://a.cn"]),
        ("sha256", ["a" * 64], ["A" * 64, "a" * 63]),
    ],
)
def test_formats(form: Format, good: list[str], bad: list[str]):
    check = subject._FORMAT_CHECKS[form]
    field = Field("text", "号码", "no", format=form)
    assert [list(check(field, text)) for text in good] == [[]] * len(good)
    for text in bad:
        (problem,) = check(field, text)
        assert problem.code == form
        assert "例如" in message(problem) or "64" in message(problem)


def test_codes_must_be_valid_at_the_date_of_the_record():
    former = next(e for e in CODES["contract-type"].codes if e.valid_to)
    deal = {"title": "交易", "stage": "lead", "contract_type": former.code}
    still = CODES["contract-type"].valid(former.code, ON)
    assert codes_of("deal", **deal, signed_on=former.valid_to) == []
    assert codes_of("deal", **deal) == ([] if still else [("contract_type", "code-out-of-date")])
    party = {"name": "某单位", "kind": "organisation", "region": "110201"}  # 通县 became 通州区
    assert codes_of("party", **party) == [("region", "code-out-of-date")]


def test_choices_are_checked_one_by_one():
    expert = {"name": "专家", "fields": ("alchemy", CODES["technical-field"].codes[0].code, "magic")}
    assert codes_of("expert", **expert) == [("fields", "unknown-code")] * 2


def test_a_warning_does_not_stop_a_save():
    deal = {"title": "交易", "stage": "lead", "deal_amount": Decimal(5), "paid_amount": Decimal(6)}
    (warning,) = demand_sound(RECORD_TYPES["deal"], deal, CODES, on=ON)
    assert warning.warning
    assert "6" in message(warning, RECORD_TYPES["deal"])


def test_a_refusal_carries_the_errors_and_speaks_of_labels():
    values = {**SOUND, "title": "", "income": Decimal(-5)}
    with pytest.raises(Refusal) as refused:
        demand_sound(RECORD_TYPES["achievement"], values, CODES, on=ON)
    assert [p.code for p in refused.value.problems] == ["required", "too-low"]
    assert refused.value.messages() == [
        "成果名称：必填，请填写，例如 无氯氟聚氨酯化学发泡剂",
        "应用收入：不能小于 0，现为 -5",
    ]
    assert str(refused.value) == "; ".join(refused.value.messages())
    assert explain(refused.value, "achievement") == refused.value.messages()


def test_a_refusal_of_no_record_names_what_it_is_told():
    assert refuse("文件", "not-found", value="a.xlsx").messages() == ["文件：找不到“a.xlsx”"]


def test_an_unknown_code_is_shown_rather_than_hidden():
    assert message(Problem("x", "brand-new")) == "x：brand-new"


def test_values_cannot_inject_into_sentences():
    assert message(Problem("x", "not-found", {"value": "{label}"})) == "x：找不到“{label}”"


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        (dt.date(2024, 1, 2), dt.date(2024, 1, 1), True),
        (dt.date(2024, 1, 1), dt.date(2024, 1, 1), False),
        ("2024-05", "2024", False),  # the year may end after May
        ("2024-05", "2023", True),
        ("2024", "2024-01", False),
        ("2024-05", "2024-04-30", True),
        (None, "2024", False),
        ("2024", "", False),
    ],
)
def test_an_end_may_not_lie_before_its_start(first, last, wrong):
    found = list(ordered({"a": first, "b": last}, "a", "b", "起"))
    assert [p.code for p in found] == (["end-before-start"] if wrong else [])


def test_every_kind_has_a_check_and_every_warning_a_sentence():
    assert set(subject._KIND_CHECKS) == set(KINDS)
    assert set(subject._FORMAT_CHECKS) | {""} == set(Format.__args__)  # type: ignore[attr-defined]  # a Literal
    assert set(MESSAGES) >= WARNINGS
