"""Every record type keeps the promises on which lists, forms, search, import and sync rest."""

from __future__ import annotations

from collections import Counter

import pytest

from desktop import paths
from desktop.models.tables import COLUMN_TYPES, RECORD_TABLES
from domain import problems, values, wire
from domain.fields import KINDS, PYTHON_TYPES
from domain.problems import CLASSIFIED
from domain.records import RECORD_TYPES
from tests.samples import ON, draw_values

CODES = paths.code_book()
SYSTEM_COLUMNS = {"row", "id", "created_at", "updated_at", "deleted_at", "row_ver", "extra", "sync_scope"}
EACH_TYPE = pytest.mark.parametrize("known", RECORD_TYPES.values(), ids=lambda known: known.name)


@EACH_TYPE
def test_what_the_type_names_exists(known):
    assert known.title in known
    assert all(name in known for name in known.identity)
    if known.dated_by:
        assert known[known.dated_by].kind == "day"
    assert known.label
    assert known.group
    assert known.cls.__doc__


@EACH_TYPE
def test_what_a_field_points_to_exists(known):
    for field in known.fields:
        assert (field.kind == "ref") == bool(field.to)
        assert (field.kind in ("choice", "choices")) == bool(field.codes)
        if field.to:
            assert field.to in RECORD_TYPES
        if field.codes:
            assert field.codes in CODES
        if field.fallback:
            assert known[field.fallback].kind in ("text", "note")
        if field.kind == "choice" and field.default is not None:
            assert CODES[field.codes].valid(field.default, ON)


@EACH_TYPE
def test_what_the_program_keeps_is_asked_of_nobody(known):
    for field in known.fields:
        if field.kept:
            assert not field.example
            assert not field.aliases
        # A form that leaves a field out can be saved all the same; a record that is never typed has no form.
        if field.kept and not all(one.kept for one in known.fields):
            assert field.kind in ("text", "note", "number", "money", "day")
            assert not field.required
            assert field.default is None


@EACH_TYPE
def test_words_are_searched_and_only_words(known):
    for field in known.fields:
        assert not field.searched or field.kind in ("text", "note")
        assert not field.pinyin or field.searched
        assert not (field.searched and field.personal)


@EACH_TYPE
def test_labels_are_one_of_a_kind(known):
    labels = Counter(field.label for field in known.fields)
    assert [label for label, times in labels.items() if times > 1] == []


@EACH_TYPE
def test_no_heading_of_a_table_means_two_fields(known):
    owners: dict[str, set[str]] = {}
    for field in known.fields:
        for name in {field.label, *field.aliases}:
            owners.setdefault(name.casefold(), set()).add(field.name)
    assert {name: fields for name, fields in owners.items() if len(fields) > 1} == {}


@EACH_TYPE
def test_no_field_is_called_like_a_system_column(known):
    assert SYSTEM_COLUMNS.isdisjoint(field.name for field in known.fields)
    columns = [column.name for column in RECORD_TABLES[known.name].columns]
    assert set(columns) == SYSTEM_COLUMNS | {field.name for field in known.fields}


@EACH_TYPE
def test_fields_of_one_merge_unit_are_merged_in_one_way(known):
    ways: dict[str, set[str]] = {}
    for field in known.fields:
        ways.setdefault(field.unit, set()).add(field.policy)
    assert {unit: policies for unit, policies in ways.items() if len(policies) > 1} == {}


@EACH_TYPE
def test_limits_leave_room(known):
    for field in known.fields:
        if field.low is not None and field.high is not None:
            assert field.low < field.high
        if field.kind in ("text", "note"):
            assert field.max
            assert len(field.example) <= field.max


@EACH_TYPE
def test_an_example_is_a_sound_value(known):
    for field in known.fields:
        if field.example:
            value = values.parse(field, field.example, CODES, on=ON)
            found = problems.problems(known, {field.name: value}, CODES, on=ON)
            assert [problem for problem in found if problem.field == field.name] == []


@EACH_TYPE
def test_what_is_classified_is_refused_at_the_field(known):
    for field in known.fields:
        if field.codes == "secrecy":
            found = problems.problems(known, {field.name: CLASSIFIED}, CODES, on=ON)
            assert (field.name, "classified") in [(problem.field, problem.code) for problem in found]


def test_types_that_offer_or_seek_technology_ask_for_the_secrecy():
    asking = {known.name for known in RECORD_TYPES.values() if "secrecy" in known}
    assert asking >= {"achievement", "demand"}


@EACH_TYPE
@pytest.mark.parametrize("seed", range(5))
def test_rules_speak_of_fields_of_the_type(known, seed):
    found = problems.problems(known, draw_values(known, seed), CODES, on=ON)
    assert {problem.field for problem in found} <= {"", *known.by_name}


def test_names_of_types_are_one_of_a_kind():
    assert len({known.label for known in RECORD_TYPES.values()}) == len(RECORD_TYPES)


@pytest.mark.parametrize(
    "by_kind",
    [
        values._READERS,
        values._WRITERS,
        problems._KIND_CHECKS,
        wire.TO_WIRE,
        wire.FROM_WIRE,
        COLUMN_TYPES,
        PYTHON_TYPES,
    ],
    ids=["read", "show", "check", "to wire", "from wire", "column", "python"],
)
def test_every_derivation_knows_every_kind(by_kind):
    assert set(by_kind) == set(KINDS)
