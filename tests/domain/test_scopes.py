"""Scopes: their keys, where a record is at home, and that the tables of rights are whole."""

import pytest

from domain.fields import RECORD_TYPES
from domain.scopes import (
    HOMES,
    PUBLIC,
    PUBLISHED,
    RIGHTS,
    ROLE_LABELS,
    ROLES,
    SCOPE_KINDS,
    SCOPE_LABELS,
    home,
    kind_of,
    scope_key,
)


@pytest.mark.parametrize("kind", SCOPE_KINDS)
def test_a_key_tells_its_kind(kind):
    key = scope_key(kind, organisation="org", account="me")
    assert kind_of(key) == kind
    assert ("me" in key) == (kind == "u")


@pytest.mark.parametrize("key", ["", "a", "a:", "x:1", "p:1", "pp"])
def test_what_is_no_key_is_refused(key):
    with pytest.raises(ValueError, match=f"^{key}$"):
        kind_of(key)


def test_every_role_and_scope_is_spoken_of():
    assert set(RIGHTS) == set(ROLES) == set(ROLE_LABELS)
    assert set(SCOPE_LABELS) == set(SCOPE_KINDS)
    for rights in RIGHTS.values():
        assert set(rights) <= set(SCOPE_KINDS)
        assert rights.get(PUBLIC) != "write", "the catalogue is written by the server alone"


def test_those_who_run_the_server_see_no_record():
    assert not RIGHTS["administrator"]
    assert not RIGHTS["auditor"]


def test_homes_and_public_fields_are_declared():
    assert set(HOMES) <= set(RECORD_TYPES)
    assert home("certificate") == "t"
    assert home("deal") == "a"
    for name, fields in PUBLISHED.items():
        known = RECORD_TYPES[name]
        assert all(field in known for field in fields)
        assert not any(known[field].personal for field in fields)
        assert not any(known[field].kind == "ref" for field in fields)
        assert known.title in fields
