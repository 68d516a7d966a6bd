"""What happens to an issued certificate: what is allowed when, and what others hear of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from desktop.documents.credential import read_credential
from desktop.models.work import new_id
from desktop.services import certificate_states as states
from desktop.services import issuing_keys, records, trust
from desktop.services.certificate_papers import make, printed
from domain.problems import Refusal
from tests.classes import ISSUED, ISSUER, enrol, issue, issued, photograph

TODAY = dt.date(2026, 3, 2)
LATER = dt.date(2026, 6, 1)


@pytest.fixture
def paper(desk):
    """Return the id of one issued certificate."""
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments)
    return issued(desk)[0]["id"]


def state_of(desk, key):
    return next(row["state"] for row in issued(desk) if row["id"] == key)


def revoked(desk):
    (issuer,) = trust.own(desk).issuers
    return dict(issuer.revoked)


def test_a_suspended_certificate_is_on_the_trust_list_until_it_is_reinstated(desk, paper):
    number = issued(desk)[0]["certificate_no"]
    states.suspend(desk, ids=[paper])
    assert state_of(desk, paper) == "suspended"
    assert revoked(desk)[number] == ("suspended", dt.date(2026, 3, 2))
    states.reinstate(desk, ids=[paper])
    assert state_of(desk, paper) == "issued"
    assert revoked(desk) == {}


def test_one_with_a_filing_number_is_reinstated_as_registered(desk, paper):
    row = issued(desk)[0]
    values = {**row, "torch_no": "备案 1", "state": "registered"}
    records.save(desk, record_type="certificate", record_id=paper, values=values)
    states.suspend(desk, ids=[paper])
    states.reinstate(desk, ids=[paper])
    assert state_of(desk, paper) == "registered"


def test_a_revoked_certificate_stays_so(desk, paper):
    states.revoke(desk, ids=[paper])
    assert list(revoked(desk).values()) == [("revoked", dt.date(2026, 3, 2))]
    for change in (states.revoke, states.suspend, states.reinstate):
        with pytest.raises(Refusal, match="现为“撤销”"):
            change(desk, ids=[paper])
    with pytest.raises(Refusal):
        states.replace(desk, certificate_id=paper, issued_on=LATER)


def test_day_and_reason_are_kept_until_the_state_changes_again(desk, paper):
    states.suspend(desk, ids=[paper], reason="  材料待核 ")
    assert told(desk, paper) == ("suspended", TODAY, "材料待核")
    states.reinstate(desk, ids=[paper])
    assert told(desk, paper) == ("issued", TODAY, None)
    states.revoke(desk, ids=[paper])
    assert told(desk, paper) == ("revoked", TODAY, None)


def told(desk, key):
    row = next(row for row in issued(desk) if row["id"] == key)
    return row["state"], row["state_on"], row["state_reason"]


def test_others_hear_the_day_of_the_revocation_whatever_is_written_later(desk, paper):
    states.revoke(desk, ids=[paper], reason="弄虚作假")
    later = replace(desk, clock=lambda: dt.datetime(2026, 9, 1, 9, tzinfo=dt.UTC))
    row = next(row for row in issued(later) if row["id"] == paper)
    values = {**row, "state_reason": "弄虚作假，经核实"}
    records.save(later, record_type="certificate", record_id=paper, values=values)
    assert list(revoked(later).values()) == [("revoked", TODAY)]


@pytest.mark.parametrize("reason", ["长" * 201, "身份证号 11010519491231002X 有误"])
def test_a_reason_that_cannot_be_kept_is_refused(desk, paper, reason):
    with pytest.raises(Refusal, match="状态原因"):
        states.revoke(desk, ids=[paper], reason=reason)
    assert state_of(desk, paper) == "issued"


def test_a_revocation_given_by_mistake_can_be_undone(desk, paper):
    states.revoke(desk, ids=[paper])
    records.undo(desk)
    assert state_of(desk, paper) == "issued"
    assert revoked(desk) == {}


def test_a_revoked_person_may_have_a_new_certificate_a_suspended_one_not(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments)
    key = issued(desk)[0]["id"]
    states.suspend(desk, ids=[key])
    assert issue(desk, enrolments).touched == ()
    states.revoke(desk, ids=[key])
    issue(desk, enrolments)
    assert [row["state"] for row in issued(desk)] == ["revoked", "issued"]


def test_a_draft_was_never_issued(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments, draft=True)
    with pytest.raises(Refusal, match="不能撤销"):
        states.revoke(desk, ids=[issued(desk)[0]["id"]])


def test_an_issued_certificate_in_the_recycle_bin_counts_as_revoked(desk, paper):
    number = issued(desk)[0]["certificate_no"]
    records.remove(desk, record_type="certificate", ids=[paper])
    assert revoked(desk) == {number: ("revoked", dt.date(2026, 3, 2))}


def test_a_replacement_keeps_the_number_with_a_suffix_and_reads_the_person_anew(desk, paper):
    old = issued(desk)[0]
    make(desk, [paper])
    kept = printed(desk, [paper])
    photograph(desk, old["holder"])
    records.save(desk, record_type="broker", record_id=old["holder"], values={"name": "王䶮", "sex": "2"})
    states.replace(desk, certificate_id=paper, issued_on=LATER)
    first, second = issued(desk)
    assert (first["state"], second["state"]) == ("replaced", "issued")
    assert second["certificate_no"] == f"{old['certificate_no']}-R1"
    assert second["replaces"] == paper
    assert (first["state_on"], first["state_reason"]) == (TODAY, f"换发为 {second['certificate_no']}")
    assert (second["state_on"], second["state_reason"]) == (None, None)
    assert (second["holder_name"], second["issued_on"]) == ("王䶮", LATER)
    assert (second["hours"], second["trained_to"]) == (old["hours"], old["trained_to"])
    assert second["pdf_sha256"] is None
    assert make(desk, [second["id"]]) == [second["id"]]
    assert printed(desk, [paper]) == kept
    assert revoked(desk) == {old["certificate_no"]: ("replaced", dt.date(2026, 3, 2))}


def test_a_replacement_bears_a_credential_of_its_own(desk, paper):
    states.replace(desk, certificate_id=paper, issued_on=LATER)
    with desk.store.read() as connection:
        keys = issuing_keys.keys_of(connection, ISSUER)
    assert keys
    claims = read_credential(issued(desk)[1]["credential"], lambda _: keys.credential.public_key())
    assert (claims.number[-3:], claims.issued) == ("-R1", LATER)


@pytest.mark.parametrize(
    ("number", "following"), [("JJ-1", "JJ-1-R1"), ("JJ-1-R1", "JJ-1-R2"), ("JJ-R9-1", "JJ-R9-1-R1")]
)
def test_the_suffix_counts_up(number, following):
    assert states.next_in_line(number) == following


def test_a_replacement_that_cannot_be_printed_is_refused_and_the_old_one_stays(desk, paper):
    row = issued(desk)[0]
    records.save(desk, record_type="broker", record_id=row["holder"], values={"name": "王\U000212fe"})
    with pytest.raises(Refusal, match="没有字体可印"):
        states.replace(desk, certificate_id=paper, issued_on=LATER)
    photograph(desk, row["holder"], b"\xff\xd8\xffbroken")
    with pytest.raises(Refusal):
        states.replace(desk, certificate_id=paper, issued_on=LATER)
    assert [one["state"] for one in issued(desk)] == ["issued"]


def test_unknown_certificates_are_refused(desk):
    with pytest.raises(Refusal):
        states.revoke(desk, ids=[new_id()])


def test_several_are_suspended_in_one_step(desk):
    enrolments, _ = enrol(desk, ["王喆", "李明"])
    issue(desk, enrolments, issued_on=ISSUED)
    changes = states.suspend(desk, ids=[row["id"] for row in issued(desk)])
    assert changes.label == "暂停证书 2 份"
    records.undo(desk)
    assert {row["state"] for row in issued(desk)} == {"issued"}
