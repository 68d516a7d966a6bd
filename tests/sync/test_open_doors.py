"""Whatever is sent to whichever door of the server, it answers, and never with a failure of its own."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from server.sync.openapi import PATH
from tests import offices

if TYPE_CHECKING:
    from starlette.applications import Starlette

EXAMPLES = 4
BUSY = 503


@pytest.mark.loopback
@pytest.mark.unmeasured
def test_no_door_answers_with_a_failure(server_app: Starlette) -> None:
    attack_all(server_app, EXAMPLES)


def attack_all(server_app: Starlette, examples: int) -> None:
    """Try every door so many times."""
    with offices.listening(server_app, lifespan="off") as port, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what it brings along
        schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}{PATH}")
        operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr] # an Err has none, and fails
        assert operations
        for operation in operations:
            attack(operation, examples)


def attack(operation: Any, examples: int) -> None:
    """Send a door what its description allows, and what it does not."""

    @settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def answered(case: Any) -> None:
        status = case.call().status_code
        assert status < 500 or status == BUSY, case.as_curl_command()

    answered()
