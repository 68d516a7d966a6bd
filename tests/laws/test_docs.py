"""Docs may not say what is not so: generated pages are fresh, links lead somewhere, coverage is proven."""

import csv
import re
from itertools import chain

import pytest

from domain.fields import KINDS
from tools import write_docs

ROOT = write_docs.DOCS.parent
PAGES = sorted((*write_docs.DOCS.rglob("*.md"), *ROOT.glob("README*.md")))
DECISIONS = write_docs.DOCS / "decisions"
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#\s]+)(?:#([^)\s]+))?\)")

HOUSES = "benchmarks|desktop|docs|domain|resources|server|tests|tools"
PATH = re.compile(rf"`((?:{HOUSES})/[\w./-]*)`")

COLUMNS = ["id", "calls_for", "state", "where", "test", "remark"]
# Rows of the five seed plans, of the table of peers (P) and of what none of the peers has (PN).
SEEDS = {"D": 29, "N": 23, "H": 35, "B": 31, "J": 17}
EXPECTED = [
    *(f"{seed}{number:02d}" for seed, count in SEEDS.items() for number in range(1, count + 1)),
    *(f"P{number}" for number in range(1, 44)),
    *(f"PN{number}" for number in range(1, 21)),
]


def coverage() -> tuple[list[str], list[dict[str, str]]]:
    with (write_docs.DOCS / "coverage.csv").open(encoding="utf-8", newline="") as held:
        reader = csv.DictReader(held, strict=True)
        return list(reader.fieldnames or ()), list(reader)


COLUMN_NAMES, ROWS = coverage()


def named(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("name", write_docs.pages())
def test_a_generated_page_is_fresh(name):
    held = (write_docs.DOCS / name).read_text("utf-8")
    assert held == write_docs.pages()[name], f"run {write_docs.COMMAND}"


def test_every_kind_of_field_has_its_words():
    assert set(write_docs.KIND_WORDS) == set(KINDS)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_to_a_file_and_a_place_in_it(page):
    for target, anchor in LINK.findall(page.read_text("utf-8")):
        if not target.startswith(("http://", "https://")):
            found = (page.parent / target).resolve()
            assert found.exists(), f"{target} is not there"
            assert not anchor or f'<a id="{anchor}">' in found.read_text("utf-8"), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_path_in_code_type_is_there(page):
    for path in PATH.findall(page.read_text("utf-8")):
        assert (ROOT / path).exists(), f"{path} is not there"


def test_every_reference_within_a_generated_page_has_its_anchor():
    for name, text in write_docs.pages().items():
        wanted = set(re.findall(r"\]\(#([^)]+)\)", text))
        assert wanted <= set(re.findall(r'<a id="([^"]+)">', text)), name


def test_every_decision_stands_in_the_index_and_has_its_parts():
    index = (DECISIONS / "README.md").read_text("utf-8")
    files = sorted(path for path in DECISIONS.glob("[0-9]*.md"))
    assert [path.name[:3] for path in files] == [f"{number:03d}" for number in range(1, len(files) + 1)]
    for path in files:
        text = path.read_text("utf-8")
        assert path.name in index
        for heading in ("Status:", "## Summary", "## Decision", "## Consequences", "## Alternatives"):
            assert heading in text, f"{path.name} lacks {heading}"


def test_every_direct_dependency_has_its_reason():
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = [project.split(f"\n{group} = [")[1].split("\n]")[0] for group in ("dependencies", "server")]
    wanted = set(re.findall(r'^\s+"([A-Za-z0-9-]+)', "\n".join(listed), re.MULTILINE))
    table = (DECISIONS / "008-dependencies.md").read_text("utf-8")
    told = set(re.findall(r"^\| ([A-Za-z0-9-]+)[ \[]", table, re.MULTILINE)) - {"Package", "---"}
    assert told == wanted


def test_coverage_has_every_row_once_and_in_order():
    assert COLUMN_NAMES == COLUMNS
    assert [row["id"] for row in ROWS] == EXPECTED


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_row_of_coverage_says_where_and_what_proves_it(row):
    assert None not in chain(row, row.values()), "too many or too few cells"
    assert row["calls_for"]
    assert row["state"] in {"works", "part", "none"}
    assert bool(row["where"]) == (row["state"] != "none")
    assert row["test"] or row["state"] != "works"
    assert row["remark"] or row["state"] == "none"
    assert not row["test"] or (ROOT / row["test"]).is_file()
