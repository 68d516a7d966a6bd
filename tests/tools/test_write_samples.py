"""The papers in docs/samples are all there, genuine by the trust list beside them, and small."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from desktop import paths
from desktop.services import trust
from desktop.services.verification import Judge, Outcome, read_strange_codes
from tools import write_samples

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2026, 3, 20)
ABOUT = "README.md"
UNSIGNED = "领取签字表.pdf"
BYTES_AT_MOST = 400_000


def outcomes(folder: Path) -> dict[str, Outcome]:
    judge = Judge(trust.read_file(folder / write_samples.TRUST), paths.code_book(), DAY)
    return {
        path.name: judge.content(path.read_bytes(), read_strange_codes).outcome
        for path in sorted(folder.glob("*.pdf"))
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    assert write_samples.main(["--out", str(folder)]) == 0
    return folder


@pytest.fixture(params=["kept", "written"])
def folder(request, written):
    return write_samples.OUT if request.param == "kept" else written


def test_every_sample_is_genuine_but_the_list_that_is_signed_by_hand(folder):
    told = outcomes(folder)
    assert told.pop(UNSIGNED) is Outcome.NO_PROOF
    assert told
    assert set(told.values()) == {Outcome.GENUINE}


def test_samples_are_small_enough_to_be_handed_round(folder):
    assert max(path.stat().st_size for path in folder.iterdir()) < BYTES_AT_MOST


def test_the_kept_samples_are_those_that_are_made_and_described(written):
    made = {path.name for path in written.iterdir()}
    assert {path.name for path in write_samples.OUT.iterdir()} == made | {ABOUT}
    about = (write_samples.OUT / ABOUT).read_text("utf-8")
    assert all(f"`{name}`" in about for name in made)
