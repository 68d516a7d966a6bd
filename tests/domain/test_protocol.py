"""The order of members is the protocol: what version 1 said is still said, and at the same place."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import enrolment, pages, protocol
from domain.protocol import Batch, Group, New, Set, decode_batch, encode, runs, unrolled

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "protocol-1.json").read_text(encoding="utf-8"))
STRUCTS = {
    name: value
    for module in (protocol, pages, enrolment)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, msgspec.Struct) and value is not msgspec.Struct
}


def test_every_message_is_recorded():
    assert set(RECORDED["members"]) == set(STRUCTS)


@pytest.mark.parametrize("name", STRUCTS)
def test_members_are_added_at_the_end_only(name):
    recorded = RECORDED["members"][name]
    assert list(STRUCTS[name].__struct_fields__)[: len(recorded)] == recorded


def test_a_batch_of_version_1_reads_as_it_was_written():
    batch = Batch(
        3,
        [
            Group(5 << 16, [New(10, b"\x01" * 16, ["某项目", None, 7], "u:me")]),
            Group(6 << 16, [Set(10, b"\x02" * 16, 4, {1: {0: "名"}}, {0: "旧"}, {1: 2})]),
        ],
        follows=1,
    )
    assert encode(batch).hex() == RECORDED["batch"]
    assert decode_batch(bytes.fromhex(RECORDED["batch"])) == batch


@given(st.lists(st.integers(0, 6)))
def test_runs_stand_for_the_versions(versions):
    assert unrolled(runs(versions)) == versions


@given(first=st.integers(1, 1 << 40), count=st.integers(1, 5_000))
def test_the_versions_of_a_birth_of_many_are_one_run(first, count):
    assert runs(list(range(first, first + count))) == [(first, count)]


def test_a_clock_holds_its_moment():
    assert protocol.moment_ms(protocol.clock_at(1_790_000_000_123) + 65_535) == 1_790_000_000_123


def test_the_base_of_a_unit_is_its_own_or_that_of_the_record():
    edit = Set(10, b"", 4, {1: {}}, bases={1: 2})
    assert (edit.base_of(1), edit.base_of(3)) == (2, 4)
    drop = protocol.Drop(10, b"", 4, bases={1: 2})
    assert (drop.base_of(1), drop.base_of(3)) == (2, 4)
