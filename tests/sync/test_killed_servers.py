"""A server that dies at one of its doors doubles and loses nothing; the other doors are in the soak."""

from __future__ import annotations

import pytest

from server.failpoints import NAMES
from tests.sync.dying import CASES, Trial

POINTS = ("registered", "succeeded", "refreshed", "answered", "chunk-noted")


def test_every_point_but_those_of_a_push_is_tried():
    assert set(CASES) == {name for name in NAMES if not name.startswith("push-")}


@pytest.mark.loopback
@pytest.mark.parametrize("point", POINTS)
def test_whoever_got_no_answer_asks_again(serving, store_template, tmp_path, point):
    Trial(serving, store_template, tmp_path, point).run()
