"""The same as tests/sync/test_open_doors.py, as long as somebody cares to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.lengths import many
from tests.sync.test_open_doors import attack_all

if TYPE_CHECKING:
    from starlette.applications import Starlette

EXAMPLES = many(300)


@pytest.mark.loopback
def test_no_door_answers_with_a_failure(server_app: Starlette) -> None:
    attack_all(server_app, EXAMPLES)
