"""Attachment files: sealed, named by their content, whole or absent."""

from __future__ import annotations

import hashlib
import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from desktop.models.blobs import Blobs, DamagedBlobError
from desktop.models.sealed_file import SEALED
from domain.protocol import CHUNK

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = "合同扫描件".encode() * 100
LONG = hashlib.shake_128(b"a long scan").digest(2 * CHUNK + 77)
LONG_NAME = hashlib.sha256(LONG).hexdigest()


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


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, len(LONG)])
def test_a_file_on_disk_is_kept_like_its_bytes(blobs, tmp_path, size):
    source = tmp_path / "扫描件.pdf"
    source.write_bytes(LONG[:size])
    name = blobs.put_file(source)
    assert name == hashlib.sha256(LONG[:size]).hexdigest()
    assert blobs.get(name) == LONG[:size]
    assert blobs.measure(name) == size
    sealed = file_of(blobs, name).read_bytes()
    assert blobs.put_file(source) == blobs.put(LONG[:size]) == name
    assert file_of(blobs, name).read_bytes() == sealed


def test_of_a_large_file_no_more_than_a_few_pieces_are_in_memory(blobs, tmp_path):
    source = tmp_path / "录像.mp4"
    with source.open("wb") as out:
        for number in range(24):
            out.write(hashlib.shake_128(bytes([number])).digest(CHUNK))
    tracemalloc.start()
    try:
        name = blobs.put_file(source)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 6 * CHUNK
    assert blobs.size(name) == 24 * CHUNK


def test_a_file_that_is_written_to_while_it_is_read_is_not_kept(blobs, tmp_path, monkeypatch):
    source = tmp_path / "表.xlsx"
    source.write_bytes(LONG)
    digest = hashlib.file_digest

    def then_written(file, name):
        found = digest(file, name)
        with source.open("ab") as late:
            late.write(b"more")
        return found

    monkeypatch.setattr(hashlib, "file_digest", then_written)
    with pytest.raises(OSError, match="changed"):
        blobs.put_file(source)
    assert [path for path in blobs.folder.rglob("*") if path.is_file()] == []


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


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 77])
def test_a_content_of_any_length_is_read_piece_by_piece(blobs, size):
    name = blobs.put(LONG[:size])
    pieces = [LONG[at : min(at + CHUNK, size)] for at in range(0, max(size, 1), CHUNK)]
    assert list(blobs.pieces(name)) == pieces
    assert [blobs.piece(name, number) for number in range(len(pieces))] == pieces
    assert blobs.size(name) == blobs.measure(name) == size


def test_no_piece_can_be_moved_left_out_cut_off_or_added(blobs):
    name = blobs.put(LONG)
    path = file_of(blobs, name)
    sealed = path.read_bytes()
    one, two, rest = sealed[:SEALED], sealed[SEALED : 2 * SEALED], sealed[2 * SEALED :]
    other = hashlib.sha256(LONG[:-1]).hexdigest()
    assert blobs.put(LONG[:-1]) == other
    stranger = file_of(blobs, other).read_bytes()[:SEALED]
    for wrong in (
        two + one + rest,
        one + rest,
        one + two,
        one,
        two + rest,
        sealed + rest,
        stranger + two + rest,
    ):
        path.write_bytes(wrong)
        with pytest.raises(DamagedBlobError):
            blobs.get(name)
    path.write_bytes(one + two)
    with pytest.raises(DamagedBlobError):
        blobs.measure(name)
    path.write_bytes(sealed)
    assert blobs.get(name) == LONG


def test_what_is_on_its_way_goes_on_after_a_restart_and_shows_only_when_it_is_whole(blobs):
    blobs.coming(LONG_NAME).add(LONG[:CHUNK], last=False)
    again = blobs.coming(LONG_NAME)
    assert (again.count, again.whole) == (1, False)
    again.add(LONG[CHUNK : 2 * CHUNK], last=False)
    again.add(LONG[2 * CHUNK :], last=True)
    assert LONG_NAME not in blobs
    last = blobs.coming(LONG_NAME)
    assert (last.count, last.whole) == (3, True)
    assert last.finish()
    assert blobs.get(LONG_NAME) == LONG
    assert [path.name for path in blobs.folder.glob("*/*")] == [LONG_NAME]


@pytest.mark.parametrize("torn", [1, 100, SEALED - 1])
def test_a_piece_torn_by_a_kill_is_written_again(blobs, torn):
    coming = blobs.coming(LONG_NAME)
    for number in (0, 1):
        coming.add(LONG[number * CHUNK : (number + 1) * CHUNK], last=False)
    path = file_of(blobs, LONG_NAME).with_name(f"{LONG_NAME}.part")
    path.write_bytes(path.read_bytes()[: SEALED + torn])
    again = blobs.coming(LONG_NAME)
    assert (again.count, again.whole) == (1, False)
    again.add(LONG[CHUNK : 2 * CHUNK], last=False)
    again.add(LONG[2 * CHUNK :], last=True)
    assert again.finish()
    assert blobs.get(LONG_NAME) == LONG


def test_what_is_not_what_its_name_says_is_thrown_away(blobs):
    coming = blobs.coming(LONG_NAME)
    coming.add(LONG[: CHUNK - 1] + b"x", last=False)
    coming.add(LONG[CHUNK:], last=True)
    assert not coming.finish()
    assert LONG_NAME not in blobs
    assert list(blobs.folder.glob("*/*")) == []
    assert (coming.count, coming.whole) == (0, False)


def test_a_damaged_file_is_kept_aside_until_the_content_is_here_again(blobs):
    name = blobs.put(CONTENT)
    file_of(blobs, name).write_bytes(b"damaged")
    blobs.set_aside(name)
    assert name not in blobs
    assert [path.read_bytes() for path in blobs.folder.glob("*/*")] == [b"damaged"]
    assert blobs.get(blobs.put(CONTENT)) == CONTENT
    assert [path.name for path in blobs.folder.glob("*/*")] == [name]
