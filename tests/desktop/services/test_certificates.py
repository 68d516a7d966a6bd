"""Issuing: who may have a certificate, how it is numbered, and the credential that it bears."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from desktop.documents.credential import LONGEST, read_credential
from desktop.models import number_series, queries, settings, sync_state
from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import certificates, issuing_keys, records
from desktop.services.certificate_papers import Press
from domain.fields import RECORD_TYPES
from domain.problems import Refusal
from domain.protocol import Block
from tests.classes import ISSUED, ISSUER, enrol, issue, issued, photograph

CERTIFICATE = RECORD_TYPES["certificate"]


def test_numbers_count_up_and_carry_year_and_device(desk):
    enrolments, _ = enrol(desk, ["王喆", "李㛃", "张䶮"])
    issue(desk, enrolments)
    assert [row["certificate_no"] for row in issued(desk)] == [
        "JJ2026-0CB3A1F2-00001", "JJ2026-0CB3A1F2-00002", "JJ2026-0CB3A1F2-00003",
    ]  # fmt: skip


def test_a_device_with_a_block_gives_out_short_numbers_until_it_is_used_up(desk):
    enrolments, _ = enrol(desk, ["王喆", "李㛃", "张䶮"])
    with desk.store.write() as connection:
        sync_state.take_blocks(connection, [Block("JJ2026", 120, 121, 5)])
    issue(desk, enrolments)
    numbers = [row["certificate_no"] for row in issued(desk)]
    assert numbers == ["JJ2026-000120", "JJ2026-000121", "JJ2026-0CB3A1F2-00001"]
    with desk.store.read() as connection:
        assert number_series.needed(connection) == ["JJ2026"]


def test_a_number_that_stands_on_a_certificate_is_not_given_again(desk):
    """A workspace restored from its backup has its old place in the block and its later certificates."""
    enrolments, _ = enrol(desk, ["王喆", "李㛃"])
    with desk.store.write() as connection:
        sync_state.take_blocks(connection, [Block("JJ2026", 1, 9, 5)])
    issue(desk, enrolments[:1])
    with desk.store.write() as connection:
        connection.exec_driver_sql("UPDATE number_block SET next = first")
    issue(desk, enrolments[1:])
    assert [row["certificate_no"] for row in issued(desk)] == ["JJ2026-000001", "JJ2026-000002"]


def test_issuing_again_issues_nothing(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments)
    changes = issue(desk, enrolments)
    assert changes.touched == ()
    assert len(issued(desk)) == 1


def test_everything_against_everybody_is_told_at_once_and_none_is_issued(desk):
    enrolments, brokers = enrol(desk, ["王喆", "李明", "周\U000212fe"])
    change(desk, "enrolment", enrolments[1], passed=False)
    change(desk, "broker", brokers[0], id_number="11010519491231002X")
    change(desk, "broker", brokers[1], id_number="11010519491231002X")
    with pytest.raises(Refusal) as refused:
        issue(desk, enrolments)
    assert refused.value.messages() == [
        "王喆：与班上另一人的证件号码相同，请核对",
        "李明：尚未登记为合格，不能签发证书",
        "李明：与班上另一人的证件号码相同，请核对",
        "周\U000212fe：持证人姓名：“\U000212fe”（U+212FE）没有字体可印",
    ]
    assert issued(desk) == []


def change(desk, record_type, key, **values):
    with desk.store.read() as connection:
        held = queries.get(connection, record_type, key) or {}
    records.save(desk, record_type=record_type, record_id=key, values={**held, **values})


def test_a_double_in_the_class_is_found_though_only_one_of_them_is_chosen(desk):
    enrolments, brokers = enrol(desk, ["王喆", "李明"])
    for broker in brokers:
        change(desk, "broker", broker, id_number="11010519491231002X")
    with pytest.raises(Refusal, match="证件号码相同"):
        issue(desk, enrolments[:1])


def test_one_person_enrolled_twice_is_found(desk):
    enrolments, brokers = enrol(desk, ["王喆"])
    with desk.store.read() as connection:
        held = queries.get(connection, "enrolment", enrolments[0]) or {}
    again = {"training_class": held["training_class"], "broker": brokers[0], "passed": True}
    records.save(desk, record_type="enrolment", record_id=new_id(), values=again)
    with pytest.raises(Refusal, match="登记了两次"):
        issue(desk, enrolments)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"level": None}, "等级"),
        ({"hours": None}, "总学时"),
        ({"ends_on": "2026-03"}, "起止日期"),
        ({"ends_on": "2026-03-21"}, "早于培训结束的 2026-03-21"),
    ],
)
def test_a_class_that_lacks_what_is_printed_is_refused(desk, changes, words):
    enrolments, _ = enrol(desk, ["王喆"], **changes)
    with pytest.raises(Refusal, match=words):
        issue(desk, enrolments)


def test_a_name_too_long_for_the_code_is_refused(desk):
    enrolments, _ = enrol(desk, ["阿" * 41])
    with pytest.raises(Refusal, match="二维码"):
        issue(desk, enrolments)


def test_an_issuer_too_long_for_the_page_is_refused_before_anything_is_issued(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    with pytest.raises(Refusal, match="放不下"):
        issue(desk, enrolments, issuer="某某某某技术转移人才培养示范基地" * 7)
    assert issued(desk) == []


def test_a_validity_that_ends_before_it_begins_is_refused(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    with pytest.raises(Refusal, match="有效期"):
        issue(desk, enrolments, valid_to=ISSUED - dt.timedelta(days=1))


def test_an_unreadable_photo_is_refused_and_a_missing_one_is_not(desk):
    enrolments, brokers = enrol(desk, ["王喆", "李明"])
    photograph(desk, brokers[0], b"\xff\xd8\xffno picture at all")
    with pytest.raises(Refusal) as refused:
        issue(desk, enrolments)
    assert refused.value.messages() == ["王喆：照片无法读取，请换一张"]


def test_unknown_records_are_refused(desk):
    with pytest.raises(Refusal):
        issue(desk, [new_id()])
    enrolments, _ = enrol(desk, ["王喆"])
    with pytest.raises(Refusal, match="找不到证书模板"):
        issue(desk, enrolments, template="nonesuch@1")


def claims_of(desk, row):
    with desk.store.read() as connection:
        keys = issuing_keys.keys_of(connection, row["issuer"])
    assert keys
    return read_credential(row["credential"], lambda _: keys.credential.public_key())


def test_the_credential_says_what_the_paper_says(desk):
    enrolments, brokers = enrol(desk, ["赵𬭳"])
    change(desk, "broker", brokers[0], id_number="11010519491231002X")
    photograph(desk, brokers[0])
    issue(desk, enrolments, valid_to=dt.date(2029, 3, 19))
    (row,) = issued(desk)
    claims = claims_of(desk, row)
    assert (claims.number, claims.holder, claims.level) == (row["certificate_no"], "赵𬭳", "junior")
    assert (claims.issued, claims.valid_to, claims.hours) == (ISSUED, dt.date(2029, 3, 19), "40")
    assert claims.matches_identity("11010519491231002X")
    assert not claims.matches_identity("110105194912310038")
    assert len(claims.photo) == 6
    assert len(row["credential"]) <= LONGEST
    page = Press(desk).page(row)
    assert (page.sex, page.id_number, page.validity) == (
        "女",
        "110***********002X",
        "本证书有效期至2029年3月19日。",
    )


def test_without_identity_number_and_photo_the_credential_has_neither(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments)
    claims = claims_of(desk, issued(desk)[0])
    assert (claims.identity, claims.photo, claims.valid_to) == (b"", b"", None)


def test_the_same_number_is_salted_alike_for_a_paper_and_unlike_for_two(desk):
    """Two papers of one person cannot be told by their codes to be of one person."""
    enrolments, brokers = enrol(desk, ["王喆", "王喆"])
    change(desk, "broker", brokers[0], id_number="11010519491231002X")
    issue(desk, enrolments[:1])
    again, others = enrol(desk, ["王喆"])
    change(desk, "broker", others[0], id_number="11010519491231002X")
    issue(desk, again)
    first, second = (claims_of(desk, row) for row in issued(desk))
    assert first.identity != second.identity


def test_papers_dated_before_the_keys_were_made_count(desk):
    enrolments, _ = enrol(desk, ["王喆", "李明"])
    issue(desk, enrolments[:1])
    early = dt.date(2026, 3, 13)
    issue(desk, enrolments[1:], issued_on=early)
    with desk.store.read() as connection:
        keys = issuing_keys.keys_of(connection, ISSUER)
    assert keys
    assert keys.begun <= dt.date(2026, 3, 2)


def test_a_draft_has_neither_credential_nor_key(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments, draft=True)
    (row,) = issued(desk)
    assert (row["state"], row["credential"], row["made_with"]) == ("draft", None, None)
    with desk.store.read() as connection:
        assert settings.read(connection, issuing_keys.KEYS) is None


def test_an_issued_paper_is_not_undone(desk):
    """Its credential is out in the world: a number must never stand under two of them."""
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments, draft=True)
    issue(desk, enrolments)
    (row,) = issued(desk)
    with pytest.raises(Refusal):
        records.undo(desk)
    assert issued(desk) == [row]


@pytest.mark.parametrize(
    "changes",
    [
        {"certificate_no": "JJ-9"},
        {"holder_name": "李鬼"},
        {"state": "draft"},
        {"issuer": "另一基地"},
        {"hours": Decimal(80)},
        {"valid_to": dt.date(2030, 1, 1)},
    ],
)
def test_what_was_signed_is_not_edited(desk, changes):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments)
    (row,) = issued(desk)
    with pytest.raises(Refusal, match="已签发"):
        change(desk, "certificate", row["id"], **changes)
    assert issued(desk) == [row]


def test_a_draft_left_open_in_a_form_does_not_overwrite_the_issued_paper(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments, draft=True)
    (draft,) = issued(desk)
    issue(desk, enrolments)
    typed = {field.name: draft[field.name] for field in CERTIFICATE.fields if not field.kept}
    with pytest.raises(Refusal, match="也不能退回草稿"):
        records.save(desk, record_type="certificate", record_id=draft["id"], values=typed)
    assert issued(desk)[0]["state"] == "issued"


def test_a_filing_number_is_added_to_an_issued_certificate(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments)
    change(desk, "certificate", issued(desk)[0]["id"], torch_no="备案 1", state="registered")
    assert issued(desk)[0]["state"] == "registered"


def test_what_progress_raises_leaves_nothing_issued(desk):
    class StopError(Exception):
        pass

    def stop(done, _total):
        if done == 1:
            raise StopError

    enrolments, _ = enrol(desk, ["王喆", "李明"])
    with pytest.raises(StopError):
        issue(desk, enrolments, progress=stop)
    assert issued(desk) == []
    issue(desk, enrolments)
    assert [row["certificate_no"][-5:] for row in issued(desk)] == ["00001", "00002"]


def test_only_those_who_passed_are_taken_of_a_class(desk):
    enrolments, _ = enrol(desk, ["王喆", "李明"])
    change(desk, "enrolment", enrolments[1], passed=False)
    with desk.store.read() as connection:
        class_id = queries.rows(connection, Query("training_class"))[0]["id"]
    assert certificates.passed(desk, class_id) == enrolments[:1]


def test_hours_are_said_as_they_are_printed(desk):
    enrolments, _ = enrol(desk, ["王喆"], hours=Decimal("40.5"))
    issue(desk, enrolments)
    assert claims_of(desk, issued(desk)[0]).hours == "40.5"
