"""Holds each floor of the house to its own coverage, so that a well-tested one cannot hide a poor one."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coverage import Coverage

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "build" / "coverage.json"
FLOOR = 90.0  # percent, of lines and of branches alike
HELD = ("domain", "desktop/models", "desktop/documents", "desktop/sync", "desktop/services", "server")
SHOWN = ("desktop",)  # reported without a floor: what no other row holds
UNWATCHED = "desktop/ui/"  # tools/run_tests.py does not watch its tests


def folder_of(path: str) -> str | None:
    """Return the row that a file counts in, or None when no row holds it."""
    rows = () if path.startswith(UNWATCHED) else (*HELD, *SHOWN)
    return next((folder for folder in rows if path.startswith(f"{folder}/")), None)


def totals(report: Mapping[str, Any]) -> dict[str, Counter[str]]:
    """Add up coverage's JSON report by folder, in the order of the rows; empty folders are left out."""
    sums: dict[str, Counter[str]] = {folder: Counter() for folder in (*HELD, *SHOWN)}
    for path, entry in report["files"].items():
        folder = folder_of(Path(path).as_posix())
        if folder is not None:
            sums[folder].update(
                {key: value for key, value in entry["summary"].items() if isinstance(value, int)}
            )
    return {folder: counts for folder, counts in sums.items() if counts["num_statements"]}


def shares(counts: Mapping[str, int]) -> tuple[float, float]:
    """Return the percentage of lines run and of branches taken; nothing to cover is fully covered."""
    lines, branches = counts["num_statements"], counts["num_branches"]
    return (
        100 * counts["covered_lines"] / lines if lines else 100.0,
        100 * counts["covered_branches"] / branches if branches else 100.0,
    )


def too_low(sums: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Name the folders below their floor."""
    return [folder for folder in HELD if folder in sums and min(shares(sums[folder])) < FLOOR]


def table(sums: Mapping[str, Mapping[str, int]]) -> str:
    rows = [f"{'folder':<20}{'lines':>8}{'branches':>10}{'floor':>7}"]
    for folder, counts in sums.items():
        lines, branches = shares(counts)
        floor = f"{FLOOR:.0f}%" if folder in HELD else "-"
        rows.append(f"{folder:<20}{lines:>7.1f}%{branches:>9.1f}%{floor:>7}")
    return "\n".join(rows)


def main() -> int:
    coverage = Coverage()
    coverage.load()
    coverage.json_report(outfile=str(REPORT))
    sums = totals(json.loads(REPORT.read_text(encoding="utf-8")))
    print(table(sums))
    low = too_low(sums)
    if low:
        print(f"coverage: below the floor of {FLOOR:.0f}%: {', '.join(low)}", file=sys.stderr)
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
