"""A score must be the sum of its parts, proven where proof is asked for, and fair to both kinds of agency."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.evaluation import EvaluationResult, Part, apportion, effective_points, evaluate, final, grade_of
from domain.problems import Refusal
from domain.schemes import AgencyKind, Grade, parse_scheme

HEAD = {"id": "test", "label": "测试", "region": "000000", "source": "测试"}
DIMENSIONS = [
    {"code": "work", "label": "业绩", "points": "30"},
    {"code": "rules", "label": "规范", "points": "70"},
]


def indicator(
    code: str,
    dimension: str = "work",
    kind: str = "count",
    points: str = "10",
    curve: str = "linear",
    **facts: Any,
) -> dict[str, Any]:
    if curve == "linear":
        facts.setdefault("full", "50")
    return {
        "code": code,
        "label": code,
        "dimension": dimension,
        "kind": kind,
        "unit": "项",
        "points": points,
        "curve": curve,
        **facts,
    }


DATA: dict[str, Any] = {
    **HEAD,
    "bonus_cap": "5",
    "dimensions": DIMENSIONS,
    "grades": [
        {"code": "excellent", "low": "90", "closed_by_veto": True},
        {"code": "qualified", "low": "60"},
        {"code": "rectify", "low": "0"},
    ],
    "indicators": [
        indicator("deals", evidence=["合同"]),
        indicator("ratio", kind="ratio", of=["part", "whole"], applies_to="A"),
        indicator("served", kind="per100", of=["firms", "staff"]),
        indicator("award", "rules", "grade", "30", "table", steps=[["1", "1"], ["2", "0.5"]]),
        indicator("years", "rules", "count", "20", "step", steps=[["2", "0.5"], ["5", "1"]]),
        indicator("bylaws", "rules", "manual", "20", "manual"),
        indicator(
            "independent", "rules", "boolean", "0", "table", steps=[["1", "1"]], veto=True, evidence=["执照"]
        ),
        indicator("press", "rules", "count", "20", "linear", full="10", bonus=True),
    ],
}
SCHEME = parse_scheme(DATA)
FULL = {
    "deals": Decimal(50),
    "part": Decimal(60),
    "whole": Decimal(100),
    "firms": Decimal(10),
    "staff": Decimal(10),
    "award": Decimal(1),
    "years": Decimal(6),
    "bylaws": Decimal(20),
    "independent": Decimal(1),
    "press": Decimal(0),
}
FACTS = st.fixed_dictionaries(
    {name: st.none() | st.decimals(-10, 1000, places=2) for name in FULL if name != "bylaws"}
    | {"bylaws": st.none() | st.decimals(0, 20, places=2)}
)


def scored(
    kind: AgencyKind = "A", *, evidenced: set[str] | None = None, **changes: object
) -> EvaluationResult:
    facts = {**FULL, **{name: None if v is None else Decimal(str(v)) for name, v in changes.items()}}
    return evaluate(SCHEME, facts, kind, evidenced=evidenced)


def part(result: EvaluationResult, code: str) -> Part:
    return next(p for p in result.parts if p.indicator.code == code)


def test_full_facts_earn_full_points():
    for result in (scored("A"), scored("B")):
        assert result.total == 100
        assert result.grade == "excellent"
        assert not result.missing
        assert not result.vetoes


@given(FACTS, st.sampled_from(["A", "B"]), st.none() | st.sets(st.sampled_from(["deals", "independent"])))
def test_the_total_is_the_sum_of_its_printed_parts(facts, kind, evidenced):
    result = evaluate(SCHEME, facts, kind, evidenced=evidenced)
    assert result.total == sum(d.score for d in result.dimensions) + result.bonus
    for dimension in result.dimensions:
        own = [p for p in result.parts if p.indicator.dimension == dimension.dimension.code]
        assert dimension.score == sum(p.score for p in own if not p.indicator.bonus)
        assert 0 <= dimension.score <= dimension.dimension.points
    for scored_part in result.parts:
        assert 0 <= scored_part.score <= scored_part.points
        assert scored_part.score == scored_part.score.quantize(Decimal("0.01"))
        assert f"{scored_part.score:.2f} 分" in scored_part.formula
    assert 0 <= result.bonus <= 5
    declared = evaluate(SCHEME, facts, kind)
    assert result.total <= declared.total, "missing evidence never adds"


def test_each_curve():
    assert part(scored(deals=25), "deals").score == 5
    assert part(scored(deals=500), "deals").score == 10
    assert part(scored(deals=-5), "deals").score == 0
    assert part(scored(part=25), "ratio").score == 5
    assert (
        part(scored(part=25), "ratio").formula
        == "ratio 25 ÷ 100 × 100 = 25.00项；满分值 50项，25 ÷ 50 × 10.00 分 → 5.00 分"
    )
    assert part(scored(firms=1), "served").value == 10
    assert [part(scored(award=v), "award").score for v in (1, 2, 3)] == [30, 15, 0]
    assert [part(scored(years=v), "years").score for v in (1, 2, "4.9", 5)] == [0, 10, 10, 20]
    assert part(scored(bylaws="7.5"), "bylaws").score == Decimal("7.50")


def test_missing_figures_score_nothing_and_are_listed():
    result = scored(deals=None, whole=0, staff=None)
    assert result.missing == ("deals", "ratio", "served")
    assert [part(result, code).score for code in result.missing] == [0, 0, 0]
    assert "分母为 0" in part(result, "ratio").formula
    assert "未填报" in part(result, "deals").formula


def test_declared_and_accepted_are_two_scores():
    declared, accepted = scored(), scored(evidenced={"independent"})
    assert declared.total - accepted.total == part(declared, "deals").score
    deals = part(accepted, "deals")
    assert deals.value == 50
    assert deals.score == 0
    assert not deals.evidenced
    assert "缺少佐证材料" in deals.formula


def test_a_veto_closes_the_better_grades_but_not_by_silence():
    for closed in (scored(independent=0), scored(evidenced={"deals"})):
        assert closed.vetoes == ("independent",)
        assert closed.total == 100
        assert closed.grade == "qualified"
    assert scored(independent=None).vetoes == ()


def test_bonus_stands_outside_and_under_its_cap():
    assert scored(press=2).total == 104
    assert scored(press=10).bonus == 5
    assert scored(press=10).total == 105


def test_points_of_one_kind_go_to_the_others_of_the_dimension():
    assert effective_points(SCHEME, "A")["deals"] == 10
    inner = effective_points(SCHEME, "B")
    assert "ratio" not in inner
    assert inner["deals"] == inner["served"] == 15
    assert inner["award"] == 30
    assert inner["press"] == 20


@given(st.integers(1, 10_000), st.lists(st.integers(1, 500), min_size=1, max_size=8))
def test_apportioned_points_add_up_and_stay_within_a_hundredth(total, weights):
    whole = Decimal(total).scaleb(-2)
    parts = apportion(whole, [Decimal(w) for w in weights])
    assert sum(parts) == whole
    for share, weight in zip(parts, weights, strict=True):
        assert abs(share - whole * weight / sum(weights)) < Decimal("0.01")


def test_grades():
    grades = [Grade("good", Decimal(80), closed_by_veto=True), Grade("pass", Decimal(60))]
    assert grade_of(grades, Decimal(80), vetoed=False) == "good"
    assert grade_of(grades, Decimal("79.99"), vetoed=False) == "pass"
    assert grade_of(grades, Decimal(95), vetoed=True) == "pass"
    assert grade_of(grades, Decimal(10), vetoed=False) is None


def test_the_experts_score_stands():
    own, district, expert = scored(), scored(deals=1), scored(deals=2)
    assert final({}) is None
    assert final({"self": own}) is own
    assert final({"self": own, "district": district}) is district
    assert final({"self": own, "expert": expert, "district": district}) is expert


@pytest.mark.parametrize("points", ["-1", "20.01"])
def test_a_person_cannot_give_more_than_there_is(points):
    with pytest.raises(Refusal, match="评分应为 0 至 20"):
        scored(bylaws=points)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"indicators": [indicator("a", kind="guess")]}, "unknown word"),
        ({"indicators": [indicator("a", kind="ratio")]}, "needs two facts"),
        ({"indicators": [indicator("a", of=["b", "c"])]}, "needs two facts"),
        ({"indicators": [indicator("a", full="0")]}, "full value"),
        ({"indicators": [indicator("a", curve="step")]}, "have steps"),
        ({"indicators": DATA["indicators"][:-2]}, None),
        ({"indicators": DATA["indicators"][1:]}, "do not add up"),
        ({"indicators": [*DATA["indicators"], indicator("lost", "nowhere")]}, "no dimension"),
        (
            {
                "dimensions": [{"code": "work", "label": "业绩", "points": "10"}],
                "indicators": [indicator("a", applies_to="A")],
            },
            "no points for B",
        ),
    ],
)
def test_a_broken_scheme_is_refused(change, message):
    if message is None:
        parse_scheme({**DATA, **change})
        return
    with pytest.raises(ValueError, match=message):
        parse_scheme({**DATA, **change})


def test_a_scheme_names_its_document():
    with pytest.raises(ValueError, match="source"):
        parse_scheme({name: value for name, value in DATA.items() if name != "source"})
