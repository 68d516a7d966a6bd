"""Sizes as people say them."""

from __future__ import annotations

import pytest

from domain.sizes import readable


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 字节"),
        (1023, "1023 字节"),
        (1024, "1 KB"),
        (700 * 1024, "700 KB"),
        (1024**2, "1.0 MB"),
        (64 * 1024**2 + 200_000, "64.2 MB"),
        (3 * 1024**3 // 2, "1.5 GB"),
        (5 * 1024**4, "5.0 TB"),
        (5000 * 1024**4, "5000.0 TB"),
    ],
)
def test_a_size_is_said_in_the_unit_that_fits(size, words):
    assert readable(size) == words
