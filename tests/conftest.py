"""What every test starts from: Qt without a screen, a clock that stands still, and reproducible examples."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable

# Before anything loads Qt: no window may appear, and no desktop's own style or scale may leak in.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

pytest_plugins = ["tests.guards", "tests.measuring", "tests.postgres", "tests.places"]

# The long random tests run only when `make soak` asks for them.
collect_ignore = [] if os.environ.get("TRANSFER_DESK_SOAK") else ["soak"]

settings.register_profile("default", max_examples=50, deadline=None, derandomize=True, database=None)
settings.register_profile("soak", max_examples=2000, deadline=None, database=None)
settings.load_profile("default")

CHINA = timezone(timedelta(hours=8))


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """Return a clock that says 09:00:00 on 2 March 2026 in Beijing, then a second later at each call."""
    moments = (datetime(2026, 3, 2, 9, 0, 0, tzinfo=CHINA) + timedelta(seconds=n) for n in range(100_000))
    return moments.__next__
