"""The state machine of tests/desktop/models/test_work.py, for as long as somebody cares to wait."""

from __future__ import annotations

from hypothesis import settings

from tests.desktop.models.test_work import Commands

TestManyCommands = Commands.TestCase
TestManyCommands.settings = settings(max_examples=200, stateful_step_count=40)
