"""The trust lists of a workspace: the own one, those taken in, and who has a say about whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from desktop.services import issuing_keys, trust
from desktop.services.certificate_states import revoke
from domain.problems import Refusal
from domain.trust import Issuer, TrustList, read_trust_list
from tests.classes import ISSUER, enrol, issue, issued

TODAY = dt.date(2026, 3, 2)
OTHER = Issuer("外省基地", "ab" * 32, ("cd" * 32,), dt.date(2026, 1, 1), TODAY)


def write(tmp_path, *issuers, as_of=TODAY, name="list.json"):
    path = tmp_path / name
    path.write_text(TrustList(as_of, issuers).to_json(), "utf-8")
    return path


@pytest.fixture
def own(desk):
    """Return the own issuer after a first paper."""
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments)
    return trust.own(desk).issuers[0]


def test_the_own_list_tells_public_keys_only(desk, own, tmp_path):
    path = tmp_path / "own.json"
    trust.give(desk, path)
    assert read_trust_list(path.read_text("utf-8")) == trust.own(desk)
    with desk.store.read() as connection:
        keys = issuing_keys.keys_of(connection, ISSUER)
    assert keys
    assert keys.credential.private_bytes_raw().hex() not in path.read_text("utf-8")
    assert own.key == keys.credential.public_key().public_bytes_raw().hex()


def test_without_a_paper_there_is_nothing_to_give(desk, tmp_path):
    with pytest.raises(Refusal, match="没有可以交给别人的"):
        trust.give(desk, tmp_path / "own.json")


def test_what_is_taken_in_is_known_beside_the_own(desk, own, tmp_path):
    trust.take(desk, write(tmp_path, OTHER))
    assert {issuer.name for issuer in trust.known(desk).issuers} == {ISSUER, "外省基地"}


def test_a_newer_list_of_an_issuer_takes_the_place_of_the_older(desk, tmp_path):
    newer = replace(OTHER, revoked={"A-1": ("revoked", TODAY)}, as_of=TODAY)
    older = TODAY - dt.timedelta(days=9)
    for issuers, day in (((OTHER,), older), ((newer,), TODAY), ((OTHER,), older)):
        trust.take(desk, write(tmp_path, *issuers, as_of=day))
    assert trust.known(desk).issuers == (newer,)


def test_of_the_own_keys_nobody_else_has_a_say(desk, own, tmp_path):
    revoke(desk, ids=[issued(desk)[0]["id"]])
    forged = replace(own, fingerprints=("ee" * 32,), revoked={})
    trust.take(desk, write(tmp_path, forged))
    assert trust.known(desk) == trust.own(desk)


def test_a_list_of_a_day_to_come_is_refused(desk, tmp_path):
    with pytest.raises(Refusal, match="还没有到"):
        trust.take(desk, write(tmp_path, OTHER, as_of=TODAY + dt.timedelta(days=2)))
    assert trust.known(desk).issuers == ()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"{}", b"%PDF-1.7"])
def test_what_is_no_list_is_refused(desk, tmp_path, content):
    path = tmp_path / "list.json"
    path.write_bytes(content)
    with pytest.raises(Refusal, match="信任名单"):
        trust.take(desk, path)


def test_a_file_that_is_not_there_or_far_too_large_is_refused(desk, tmp_path, monkeypatch):
    with pytest.raises(Refusal, match="读不到"):
        trust.take(desk, tmp_path / "none.json")
    monkeypatch.setattr(trust, "BYTES_AT_MOST", 10)
    with pytest.raises(Refusal, match="太大"):
        trust.take(desk, write(tmp_path, OTHER))
