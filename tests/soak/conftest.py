"""Shares the long tests out among processes, and goes on where a run was broken off.

TRANSFER_DESK_SOAK_SHARE=1/2 does the first of two shares; TRANSFER_DESK_SOAK_PASSED=FILE notes in a file
what has passed and leaves it out the next time.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PASSED = os.environ.get("TRANSFER_DESK_SOAK_PASSED", "")
SHARE, _, SHARES = os.environ.get("TRANSFER_DESK_SOAK_SHARE", "1/1").partition("/")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    noted = Path(PASSED)
    done = set(noted.read_text("utf-8").splitlines()) if PASSED and noted.exists() else set()
    mine = [item for item in items[int(SHARE) - 1 :: int(SHARES)] if item.nodeid not in done]
    config.hook.pytest_deselected(items=[item for item in items if item not in mine])
    items[:] = mine


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if PASSED and report.when == "call" and report.passed:
        with Path(PASSED).open("a", encoding="utf-8") as noted:
            noted.write(f"{report.nodeid}\n")
