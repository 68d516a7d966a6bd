"""Checks that a poor floor of the house cannot hide behind a good one."""

from __future__ import annotations

from typing import Any

import pytest

from tools.check_coverage import HELD, folder_of, shares, table, too_low, totals


def summary(lines: int, lines_run: int, branches: int, branches_taken: int) -> dict[str, Any]:
    return {
        "summary": {
            "num_statements": lines,
            "covered_lines": lines_run,
            "num_branches": branches,
            "covered_branches": branches_taken,
            "percent_covered": 0.5,
            "percent_covered_display": "1",
        }
    }


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("domain/records/deal.py", "domain"),
        ("desktop/models/store.py", "desktop/models"),
        ("desktop/ui/window.py", None),
        ("desktop/app.py", "desktop"),
        ("server/app.py", "server"),
        ("tools/setup.py", None),
    ],
)
def test_file_counts_in_the_row_of_its_floor(path: str, folder: str | None) -> None:
    assert folder_of(path) == folder


def test_good_folder_does_not_lift_a_poor_one() -> None:
    report = {
        "files": {
            "domain/a.py": summary(1000, 1000, 200, 200),
            "desktop/sync/a.py": summary(10, 10, 4, 2),
            "desktop/models/a.py": summary(10, 8, 0, 0),
            "desktop/a.py": summary(10, 1, 2, 0),
        }
    }
    assert too_low(totals(report)) == ["desktop/models", "desktop/sync"]


def test_files_of_a_folder_add_up() -> None:
    report = {"files": {"domain/a.py": summary(9, 8, 2, 1), "domain/b.py": summary(11, 11, 8, 8)}}
    assert shares(totals(report)["domain"]) == (95.0, 90.0)
    assert too_low(totals(report)) == []


def test_table_shows_each_folder_with_its_floor() -> None:
    report = {"files": {"domain/a.py": summary(20, 19, 0, 0), "desktop/a.py": summary(4, 1, 2, 1)}}
    assert table(totals(report)).splitlines() == [
        "folder                 lines  branches  floor",
        "domain                 95.0%    100.0%    90%",
        "desktop                25.0%     50.0%      -",
    ]


def test_every_floor_below_the_screens_is_held() -> None:
    assert set(HELD) == {
        "domain",
        "server",
        *(f"desktop/{name}" for name in ("models", "documents", "sync", "services")),
    }
