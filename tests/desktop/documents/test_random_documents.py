"""Sixty random documents of the kind that tests/soak makes ten thousand of."""

from __future__ import annotations

import pytest

from tests.printed_text import read_texts
from tests.random_documents import faults_of_lines, make_sample, print_sample, written_texts


@pytest.mark.parametrize("seed", range(60))
def test_nothing_is_lost_overfull_or_badly_broken(seed):
    sample = make_sample(seed)
    assert faults_of_lines(sample) == []
    assert read_texts(print_sample(sample)) == written_texts(sample)
