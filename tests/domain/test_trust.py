"""The trust list: what goes out comes back the same, and what is no list is refused in one sentence."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.problems import Refusal
from domain.trust import Issuer, TrustList, merged, read_trust_list

DAY = dt.date(2026, 3, 2)
ISSUER = Issuer("示例基地", "ab" * 32, ("cd" * 32,), dt.date(2026, 1, 1), DAY)

days = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
hexadecimal = st.binary(min_size=32, max_size=32).map(bytes.hex)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@st.composite
def trust_lists(draw):
    as_of = draw(days)
    issuers = st.builds(
        Issuer,
        name=names,
        key=hexadecimal,
        fingerprints=st.lists(hexadecimal, max_size=3).map(tuple),
        begun=days,
        as_of=st.just(as_of),
        ended=st.none() | days,
        revoked=st.dictionaries(names, st.tuples(st.sampled_from(("revoked", "replaced")), days), max_size=3),
    )
    return TrustList(as_of, tuple(draw(st.lists(issuers, max_size=3))))


@given(trust_lists())
def test_a_list_is_read_as_it_was_written(trust):
    assert read_trust_list(trust.to_json()) == trust


def test_an_issuer_is_found_by_key_and_by_fingerprint():
    trust = TrustList(DAY, (ISSUER,))
    assert trust.by_key_id(ISSUER.key_id) == ISSUER
    assert trust.by_fingerprint("cd" * 32) == ISSUER
    assert trust.by_key_id(b"other!") is None
    assert trust.by_fingerprint("00" * 32) is None


def test_the_keys_count_from_their_first_day_until_the_day_they_ended():
    ended = replace(ISSUER, ended=DAY)
    before = dt.timedelta(days=1)
    assert not ISSUER.issued_on(ISSUER.begun - before)
    assert ISSUER.issued_on(ISSUER.begun)
    assert ended.issued_on(DAY - before)
    assert not ended.issued_on(DAY)


def test_of_an_issuer_in_several_lists_the_newest_entry_counts():
    newer = replace(ISSUER, as_of=DAY + dt.timedelta(days=1), revoked={"JJ-1": ("revoked", DAY)})
    other = replace(ISSUER, key="ef" * 32)
    for lists in ([(ISSUER, other), (newer,)], [(newer,), (other, ISSUER)]):
        trust = merged([TrustList(DAY, issuers) for issuers in lists], DAY)
        assert {issuer.key: issuer for issuer in trust.issuers} == {newer.key: newer, other.key: other}


def body(**changes):
    return {**json.loads(TrustList(DAY, (ISSUER,)).to_json()), **changes}


def entry(**changes):
    return body(issuers=[{**body()["issuers"][0], **changes}])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '"transfer-desk-trust"',
        json.dumps(body(format="other")),
        json.dumps(body(version=2)),
        json.dumps(body(as_of="2026-02-30")),
        json.dumps(body(issuers=None)),
        json.dumps(body(issuers=[1])),
        json.dumps(entry(key="ab")),
        json.dumps(entry(key="zz" * 32)),
        json.dumps(entry(name="")),
        json.dumps(entry(begun=None)),
        json.dumps(entry(revoked={"JJ-1": "revoked"})),
        json.dumps(entry(fingerprints=["no hexadecimal"])),
    ],
)
def test_what_is_no_list_is_refused(text):
    with pytest.raises(Refusal, match="信任名单"):
        read_trust_list(text)
