"""Lets coverage look away from tests that go ways which others have shown: watching doubles their time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from coverage import Coverage

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Run a test marked `unmeasured` without coverage, if there is any."""
    watching = Coverage.current() if item.get_closest_marker("unmeasured") else None
    if watching is None:
        return (yield)
    watching.stop()
    try:
        return (yield)
    finally:
        watching.start()
