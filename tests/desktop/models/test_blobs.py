"""Attachment files: sealed, named by their content, whole or absent."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from desktop.models.blobs import Blobs, DamagedBlobError

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = "合同扫描件".encode() * 100


@pytest.fixture
def blobs(tmp_path):
    return Blobs.open(tmp_path, b"k" * 32)


def file_of(blobs: Blobs, name: str) -> Path:
    return blobs.folder / name[:2] / name


def test_a_content_comes_back_by_the_hash_that_names_it(blobs):
    name = blobs.put(CONTENT)
    assert name == hashlib.sha256(CONTENT).hexdigest()
    assert blobs.get(name) == CONTENT
    assert name in blobs
    assert "f" * 64 not in blobs
    assert None not in blobs


def test_the_file_is_sealed_and_written_once(blobs):
    name = blobs.put(CONTENT)
    sealed = file_of(blobs, name).read_bytes()
    assert CONTENT[:12] not in sealed
    assert blobs.put(CONTENT) == name
    assert file_of(blobs, name).read_bytes() == sealed
    assert [path.name for path in blobs.folder.rglob("*") if path.is_file()] == [name]


def test_what_was_altered_swapped_or_lost_is_refused(blobs):
    first, second = blobs.put(CONTENT), blobs.put(b"other")
    sealed = file_of(blobs, first).read_bytes()
    for wrong in (
        sealed[:-1],
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
        b"",
        file_of(blobs, second).read_bytes(),
    ):
        file_of(blobs, first).write_bytes(wrong)
        with pytest.raises(DamagedBlobError):
            blobs.get(first)
    with pytest.raises(DamagedBlobError):
        blobs.get("0" * 64)


def test_another_key_does_not_open_it(blobs, tmp_path):
    name = blobs.put(CONTENT)
    with pytest.raises(DamagedBlobError):
        Blobs.open(tmp_path, b"x" * 32).get(name)


@pytest.mark.parametrize("name", ["../key.json", "", "A" * 64, "0" * 63 + "/"])
def test_what_is_no_name_of_a_content_reaches_no_file(blobs, tmp_path, name):
    (tmp_path / "key.json").write_text("{}")
    assert name not in blobs
    with pytest.raises(DamagedBlobError):
        blobs.get(name)


def test_a_kill_while_writing_leaves_nothing_under_the_name(blobs, monkeypatch):
    def dies(_file: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", dies)
        with pytest.raises(KeyboardInterrupt):
            blobs.put(CONTENT)
    assert hashlib.sha256(CONTENT).hexdigest() not in blobs
    assert blobs.get(blobs.put(CONTENT)) == CONTENT
