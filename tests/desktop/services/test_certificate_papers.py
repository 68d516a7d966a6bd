"""The papers: made once, whatever interrupts it, and handed out as they were made for ever."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pytest

from desktop import paths
from desktop.documents.credential import photo_hash
from desktop.documents.signature_check import Integrity, check_signature
from desktop.models import queries
from desktop.models.blobs import Blobs
from desktop.models.work import new_id
from desktop.services import certificate_content, certificate_papers, records
from desktop.services.certificate_papers import AT_ONCE, Press, make, printed, unmade
from domain.problems import Refusal
from tests.classes import ISSUED, ISSUER, enrol, issue, issued, photograph


@pytest.fixture
def papers(desk):
    """Return the ids of three issued certificates without papers; the first has a photograph."""
    enrolments, brokers = enrol(desk, ["赵𬭳", "李㛃", "张䶮"])
    photograph(desk, brokers[0])
    issue(desk, enrolments)
    return [row["id"] for row in issued(desk)]


def class_of(desk):
    return issued(desk)[0]["training_class"]


def test_a_paper_is_signed_kept_and_recorded(desk, papers):
    assert unmade(desk, class_of(desk)) == papers
    assert make(desk, papers) == papers
    assert unmade(desk, class_of(desk)) == []
    for row in issued(desk):
        paper = desk.blobs.get(row["pdf_sha256"])
        assert printed(desk, [row["id"]]) == paper
        report = check_signature(paper)
        assert (report.integrity, report.signer, report.day) == (Integrity.INTACT, ISSUER, ISSUED)
        assert row["credential"].encode() in paper
        record = json.loads(row["made_with"])
        assert record["template"] == row["template"] == "classic@1"
        assert record["signer"] == report.fingerprint
        assert record["fonts"]


def test_the_photograph_on_the_paper_is_the_one_the_credential_names(desk, papers):
    row = issued(desk)[0]
    portrait = desk.blobs.get(json.loads(row["made_with"])["photo"])
    assert portrait in printed(desk, papers[:1])
    assert len(photo_hash(portrait)) == 6


def test_making_again_changes_nothing(desk, papers):
    make(desk, papers)
    before = issued(desk)
    assert make(desk, papers) == []
    assert issued(desk) == before


class PauseError(Exception):
    pass


def test_a_pause_keeps_what_was_made_and_the_rest_is_made_later(desk):
    enrolments, _ = enrol(desk, [f"王{number}" for number in range(AT_ONCE + 3)])
    issue(desk, enrolments)
    ids = [row["id"] for row in issued(desk)]

    def pause(done, _total):
        if done == AT_ONCE + 1:
            raise PauseError

    with pytest.raises(PauseError):
        make(desk, ids, pause)
    assert unmade(desk, class_of(desk)) == ids[AT_ONCE + 1 :]
    assert make(desk, ids) == ids[AT_ONCE + 1 :]
    assert len({row["pdf_sha256"] for row in issued(desk)}) == len(ids)


def test_progress_is_told_from_none_to_all(desk, papers):
    told: list[tuple[int, int]] = []
    make(desk, papers, lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_fonts_prepared_for_a_batch_make_the_same_bytes(desk, papers, monkeypatch):
    rows = issued(desk)
    alone = [hashlib.sha256(Press(desk).draw(row)).hexdigest() for row in rows]
    monkeypatch.setattr(certificate_papers, "BATCH", 2)
    make(desk, papers)
    assert [row["pdf_sha256"] for row in issued(desk)] == alone


def test_later_changes_to_the_person_and_the_record_leave_the_reprint_as_it_was(desk, papers):
    make(desk, papers)
    row = issued(desk)[0]
    kept = printed(desk, papers[:1])
    with desk.store.read() as connection:
        broker = queries.get(connection, "broker", row["holder"]) or {}
    records.save(desk, record_type="broker", record_id=row["holder"], values={**broker, "name": "改名"})
    records.save(desk, record_type="certificate", record_id=row["id"], values={**row, "torch_no": "备案 1"})
    assert printed(desk, papers[:1]) == kept


def lose(desk, name):
    (desk.blobs.folder / name[:2] / name).unlink()


def test_a_lost_paper_is_made_again_byte_by_byte(desk, papers):
    make(desk, papers)
    row = issued(desk)[0]
    kept = printed(desk, papers[:1])
    lose(desk, row["pdf_sha256"])
    assert printed(desk, papers[:1]) == kept
    assert desk.blobs.get(row["pdf_sha256"]) == kept


def test_a_lost_paper_that_would_come_out_otherwise_is_refused(desk, papers):
    make(desk, papers)
    row = issued(desk)[0]
    lose(desk, row["pdf_sha256"])
    records.save(desk, record_type="certificate", record_id=row["id"], values={**row, "programme": "另一个"})
    with pytest.raises(Refusal, match="换发新证"):
        printed(desk, papers[:1])


def test_a_lost_portrait_is_told(desk, papers):
    lose(desk, json.loads(issued(desk)[0]["made_with"])["photo"])
    with pytest.raises(Refusal, match="照片已丢失"):
        make(desk, papers)


def test_a_draft_is_drawn_afresh_without_code_and_signature(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments, draft=True)
    (row,) = issued(desk)
    assert make(desk, [row["id"]]) == []
    paper = printed(desk, [row["id"]])
    assert check_signature(paper).integrity is Integrity.UNSIGNED
    assert b"TD1:" not in paper


def test_a_draft_with_a_photo_that_was_damaged_when_it_came_says_so(desk):
    enrolments, brokers = enrol(desk, ["王喆"])
    issue(desk, enrolments, draft=True)
    (row,) = issued(desk)
    photograph(desk, brokers[0], b"\xff\xd8\xffno picture at all")
    with desk.store.read() as connection:
        photo = certificate_content.photo_of(connection, brokers[0])
    assert photo
    records.save(desk, record_type="certificate", record_id=row["id"], values={**row, "photo": photo["id"]})
    for ids in ([row["id"]], [row["id"], row["id"]]):
        with pytest.raises(Refusal, match="照片无法读取"):
            printed(desk, ids)


def test_several_are_one_file_for_the_printer(desk, papers):
    make(desk, papers)
    together = printed(desk, papers)
    assert check_signature(together).integrity is Integrity.UNSIGNED
    assert together == printed(desk, papers)


def test_designs_of_ones_own_lie_in_the_workspace_and_are_read_again_when_changed(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    folder = desk.store.path.parent / "templates"
    folder.mkdir()
    sample = (paths.resources() / "templates" / "classic.toml").read_text("utf-8")
    own = folder / "own.toml"
    own.write_text(sample.replace('id = "classic"', 'id = "own"'), "utf-8")
    issue(desk, enrolments, template="own@1")
    (row,) = issued(desk)
    assert make(desk, [row["id"]]) == [row["id"]]
    assert json.loads(issued(desk)[0]["made_with"])["template"] == "own@1"
    own.unlink()
    lose(desk, issued(desk)[0]["pdf_sha256"])
    with pytest.raises(Refusal, match="own@1"):
        printed(desk, [row["id"]])


def test_a_certificate_issued_elsewhere_is_printed_without_code_and_signature(desk):
    _, brokers = enrol(desk, ["王喆"])
    body = {"certificate_no": "JJR-1", "holder": brokers[0], "holder_name": "王喆", "level": "junior",
            "issuer": ISSUER, "state": "issued", "issued_on": ISSUED, "trained_from": dt.date(2026, 3, 9),
            "trained_to": dt.date(2026, 3, 13), "hours": 40}  # fmt: skip
    key = new_id()
    records.save_all(desk, records=[("certificate", key, body)])
    assert make(desk, [key]) == []
    assert check_signature(printed(desk, [key])).integrity is Integrity.UNSIGNED


def test_a_certificate_that_lacks_what_its_page_bears_is_refused_by_name(desk):
    _, brokers = enrol(desk, ["王喆"])
    key = new_id()
    body = {"certificate_no": "JJR-1", "holder": brokers[0], "holder_name": "王喆", "level": "junior"}
    records.save_all(desk, records=[("certificate", key, {**body, "issuer": "示例基地"})])
    with pytest.raises(Refusal, match="发证日期") as refused:
        printed(desk, [key])
    lacking = {problem.field for problem in refused.value.problems}
    assert lacking == {"issued_on", "trained_from", "trained_to", "hours"}


def test_no_certificate_is_no_paper(desk):
    with pytest.raises(Refusal):
        printed(desk, [new_id()])


def test_papers_are_sealed_in_the_store(desk, papers):
    make(desk, papers)
    name = issued(desk)[0]["pdf_sha256"]
    assert not (desk.blobs.folder / name[:2] / name).read_bytes().startswith(b"%PDF")
    assert isinstance(desk.blobs, Blobs)


def test_what_is_frozen_is_read_of_issued_papers_only(desk):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments, draft=True)
    assert certificate_content.frozen(desk, issued(desk)[0]) is None
    issue(desk, enrolments)
    assert certificate_content.frozen(desk, issued(desk)[0]) == certificate_content.Holder("女", "", None)
