"""Every role, and every foreign agency, gets exactly what it may: tried at random against a table by hand."""

from __future__ import annotations

import pytest

from tests.sync import rights


@pytest.mark.unmeasured
def test_everybody_gets_exactly_what_he_may(bench):
    rights.run(bench, seed=1, steps=60)
