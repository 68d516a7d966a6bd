"""Certificates: who may have one, how it is numbered, and that it prints what was recorded."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from PIL import Image

from desktop.models import queries
from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import attachments, certificates, records
from domain.problems import Refusal

ISSUED = dt.date(2026, 3, 20)


def enrol(desk, names, **changes):
    training = new_id()
    body = {"name": "初级班", "level": "junior", "hours": Decimal(40), "starts_on": "2026-03-09",
            "ends_on": "2026-03-13", **changes}  # fmt: skip
    rows = [("training_class", training, body)]
    for name in names:
        broker = new_id()
        rows.append(("broker", broker, {"name": name, "sex": "2", "id_number": "11010519491231002X"}))
        rows.append(("enrolment", new_id(), {"training_class": training, "broker": broker, "passed": True}))
    records.save_all(desk, records=rows)
    return [key for kind, key, _ in rows if kind == "enrolment"], [
        k for kind, k, _ in rows if kind == "broker"
    ]


def issue(desk, enrolments, **more):
    return certificates.issue(desk, enrolments=enrolments, issuer="示例基地", issued_on=ISSUED, **more)


def issued(desk):
    with desk.store.read() as connection:
        return queries.rows(connection, Query("certificate", order="certificate_no", descending=False))


def test_numbers_count_up_and_carry_year_and_device(desk):
    enrolments, _ = enrol(desk, ["王喆", "李㛃", "张䶮"])
    issue(desk, enrolments)
    assert [row["certificate_no"] for row in issued(desk)] == [
        "JJ2026-0CB3A1F2-00001", "JJ2026-0CB3A1F2-00002", "JJ2026-0CB3A1F2-00003",
    ]  # fmt: skip


def test_issuing_again_issues_nothing(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments)
    changes = issue(desk, enrolments)
    assert changes.touched == ()
    assert len(issued(desk)) == 1


def test_one_who_has_not_passed_stops_the_whole_roster(desk):
    enrolments, _ = enrol(desk, ["王喆", "李明"])
    with desk.store.read() as connection:
        held = queries.get(connection, "enrolment", enrolments[1]) or {}
    records.save(desk, record_type="enrolment", record_id=enrolments[1], values={**held, "passed": False})
    with pytest.raises(Refusal) as refused:
        issue(desk, enrolments)
    assert refused.value.messages() == ["李明：尚未登记为合格，不能签发证书"]
    assert issued(desk) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"level": None}, "等级"), ({"hours": None}, "总学时"), ({"ends_on": "2026-03"}, "起止日期")],
)
def test_a_class_that_lacks_what_is_printed_is_refused(desk, changes, words):
    enrolments, _ = enrol(desk, ["王喆"], **changes)
    with pytest.raises(Refusal, match=words):
        issue(desk, enrolments)


def test_a_name_no_font_has_is_refused_before_anything_is_issued(desk):
    enrolments, _ = enrol(desk, ["王\U0003134f"])
    with pytest.raises(Refusal, match="U\\+3134F"):
        issue(desk, enrolments)
    assert issued(desk) == []


def test_unknown_records_are_refused(desk):
    with pytest.raises(Refusal):
        issue(desk, [new_id()])
    with pytest.raises(Refusal):
        certificates.certificate_data(desk, new_id())


def test_the_certificate_prints_name_masked_identity_and_photo(desk):
    enrolments, brokers = enrol(desk, ["赵𬭳"])
    picture = io.BytesIO()
    Image.new("RGB", (70, 90), "navy").save(picture, "JPEG")
    upload = attachments.Upload("p.jpg", picture.getvalue())
    attachments.add(desk, record_type="broker", record_id=brokers[0], uploads=[upload])
    issue(desk, enrolments)
    row = issued(desk)[0]
    data = certificates.certificate_data(desk, row["id"])
    assert (data.holder, data.sex, data.title) == ("赵𬭳", "女", "技术经纪人（初级）培训合格证书")
    assert data.id_number == "110***********002X"
    assert data.photo is not None
    assert not data.draft
    assert certificates.printed(desk, [row["id"]]).startswith(b"%PDF-")


def test_a_draft_is_marked_as_one(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments, draft=True)
    row = issued(desk)[0]
    assert row["state"] == "draft"
    assert certificates.certificate_data(desk, row["id"]).draft


def test_a_certificate_that_lacks_what_its_page_bears_is_refused_by_name(desk):
    _, brokers = enrol(desk, ["王喆"])
    key = new_id()
    body = {"certificate_no": "JJR-1", "holder": brokers[0], "holder_name": "王喆", "level": "junior"}
    records.save_all(desk, records=[("certificate", key, {**body, "issuer": "示例基地"})])
    with pytest.raises(Refusal, match="发证日期") as refused:
        certificates.printed(desk, [key])
    lacking = {problem.field for problem in refused.value.problems}
    assert lacking == {"issued_on", "trained_from", "trained_to", "hours"}
