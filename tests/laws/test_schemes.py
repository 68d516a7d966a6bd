"""Every shipped scheme must add up and reproduce the worked example beside it."""

import tomllib
from decimal import Decimal

import pytest

from desktop import paths
from domain.evaluation import evaluate

FOLDER = paths.resources() / "schemes"
SCHEMES = paths.schemes()
GRADES = paths.code_book()["grade"]


def test_every_scheme_is_named_after_its_file_and_has_an_example():
    files = {path.stem for path in FOLDER.glob("*.toml") if not path.stem.endswith(paths.EXAMPLE)}
    assert files == set(SCHEMES)
    assert all((FOLDER / f"{name}{paths.EXAMPLE}.toml").exists() for name in files)


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=lambda scheme: scheme.id)
def test_a_scheme_has_a_hundred_points_and_known_grades(scheme):
    assert scheme.points == 100
    assert scheme.source
    assert len({i.code for i in scheme.indicators}) == len(scheme.indicators)
    assert all(GRADES.valid(grade.code) for grade in scheme.grades)
    assert min(grade.low for grade in scheme.grades) == 0


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("kind", ["A", "B"])
def test_a_scheme_reproduces_its_worked_example(name, kind):
    example = tomllib.loads((FOLDER / f"{name}{paths.EXAMPLE}.toml").read_text("utf-8"))
    scheme = SCHEMES[example["scheme"]]
    facts = {fact: Decimal(value) for fact, value in example["facts"].items()}
    assert set(facts) == set(scheme.facts())
    result = evaluate(scheme, facts, kind)
    got = {d.dimension.code: f"{d.score}" for d in result.dimensions}
    assert {**got, "total": f"{result.total}", "grade": result.grade} == example["expected"][kind]


def test_the_national_pattern_keeps_its_printed_points():
    points = [d.points for d in SCHEMES["agency-national-pattern"].dimensions]
    assert points == [10, 30, 30, 20, 10]
