"""The files handed on: named for every system, listed with their digests, and the same each time."""

from __future__ import annotations

import csv
import datetime as dt
import filecmp
import hashlib
import json
import stat
import zipfile

import pikepdf
import pypdfium2
import pytest

from desktop.models.work import new_id
from desktop.services.certificate_delivery import EVERYTHING, Wanted, deliver, file_names, shortened
from desktop.services.certificate_papers import make
from desktop.services.saving import file_name, replace_file, write_file
from domain.problems import Refusal
from tests.classes import ISSUED, enrol, issue, issued, stamps_of
from tests.conformance import assert_archival

NAMES = ["买买提江·阿卜杜热合曼", "李㛃", "张䶮"]


@pytest.fixture
def out(tmp_path):
    """Return the folder into which files are handed on."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def papers(desk):
    """Return the ids of three certificates with papers."""
    enrolments, _ = enrol(desk, NAMES)
    issue(desk, enrolments)
    return make(desk, [row["id"] for row in issued(desk)])


def hand_over(desk, ids, folder, wanted=EVERYTHING):
    return deliver(desk, ids, folder, name="初级班/一期", wanted=wanted)


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_every_kind_of_file_is_written(desk, papers, out):
    written = hand_over(desk, papers, out)
    assert {path.name for path in written} == set(contents(out)) == {
        "JJ2026-0CB3A1F2-00001_买买提江·阿卜杜热合曼.pdf",
        "JJ2026-0CB3A1F2-00002_李㛃.pdf",
        "JJ2026-0CB3A1F2-00003_张䶮.pdf",
        "初级班_一期.zip",
        "初级班_一期_合订.pdf",
        "初级班_一期_清单.csv",
        "初级班_一期_清单.json",
        "初级班_一期_领取签字表.pdf",
    }  # fmt: skip
    with pikepdf.open(out / "初级班_一期_合订.pdf") as together:
        assert len(together.pages) == 3


def test_a_second_delivery_changes_no_byte_and_touches_no_file(desk, papers, out):
    hand_over(desk, papers, out)
    stamps = stamps_of(out)
    hand_over(desk, papers, out)
    assert stamps_of(out) == stamps


def test_the_same_papers_make_the_same_files_elsewhere(desk, papers, out):
    for name in ("here", "there"):
        hand_over(desk, list(reversed(papers)) if name == "there" else papers, out / name)
    assert contents(out / "here") == contents(out / "there")


def test_an_altered_or_half_written_file_is_put_right(desk, papers, out):
    hand_over(desk, papers, out)
    before = contents(out)
    for name in ("JJ2026-0CB3A1F2-00002_李㛃.pdf", "初级班_一期.zip"):
        (out / name).write_bytes(before[name][:100])
    hand_over(desk, papers, out)
    assert contents(out) == before


def test_the_manifest_tells_each_file_with_its_digest(desk, papers, out):
    hand_over(desk, papers, out, Wanted(apart=True, manifest=True))
    body = json.loads((out / "初级班_一期_清单.json").read_text("utf-8"))
    raw = (out / "初级班_一期_清单.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with (out / "初级班_一期_清单.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [entry["name"] for entry in body["certificates"]] == NAMES
    for entry, line in zip(body["certificates"], table, strict=True):
        content = (out / entry["file"]).read_bytes()
        assert entry["sha256"] == line["SHA-256"] == hashlib.sha256(content).hexdigest()
        assert entry["size"] == int(line["字节数"]) == len(content)
        assert entry["template"] == "classic@1"
        assert entry["issued"] == ISSUED.isoformat()


def test_the_archive_holds_the_papers_and_the_manifest_and_no_trace_of_the_machine(desk, papers, out):
    hand_over(desk, papers, out)
    files = contents(out)
    with zipfile.ZipFile(out / "初级班_一期.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert all(archive.read(name) == files[name] for name in names)
        assert len(names) == 5
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.compress_type == zipfile.ZIP_STORED
            assert entry.flag_bits & 0x800  # names are UTF-8


def test_only_what_is_wanted_is_written(desk, papers, out):
    hand_over(desk, papers, out, Wanted(archive=True))
    assert list(contents(out)) == ["初级班_一期.zip"]
    with pytest.raises(Refusal, match="至少选择一种"):
        hand_over(desk, papers, out, Wanted())


def test_the_receipt_list_names_everybody_on_an_archival_sheet(desk, papers, out, read_text):
    hand_over(desk, papers, out, Wanted(receipts=True))
    content = contents(out)["初级班_一期_领取签字表.pdf"]
    assert_archival(content, "2a")
    text = read_text(content)
    assert all(name in text for name in (*NAMES, "示例大学", "领取人签字", "共 3 份"))


@pytest.fixture
def read_text():

    def read(content):
        document = pypdfium2.PdfDocument(content)
        texts = [page.get_textpage().get_text_range() for page in document]
        document.close()
        return "".join(texts).replace("\r", "").replace("\n", "")

    return read


def test_the_head_of_the_receipt_list_stands_on_each_page(desk, out, read_text):
    enrolments, _ = enrol(desk, [f"王{number}" for number in range(30)])
    issue(desk, enrolments)
    hand_over(desk, [row["id"] for row in issued(desk)], out, Wanted(receipts=True))
    content = contents(out)["初级班_一期_领取签字表.pdf"]
    with pikepdf.open(out / "初级班_一期_领取签字表.pdf") as document:
        count = len(document.pages)
    assert count > 1
    assert read_text(content).count("领取人签字") == count


def row(number, name, state="issued"):
    return {"certificate_no": number, "holder_name": name, "state": state}


def test_names_are_fit_for_every_system_and_never_alike():
    rows = [
        row("JJ/1", 'a\\b:c*"?<>|\x00\x7f'),
        row("jj_1", "a_b_c________"),
        row("JJ-2", "王喆", "draft"),
        row("JJ-3", "买" * 60),
        row("JJ-4", " . "),
    ]
    assert file_names(rows) == [
        "JJ_1_a_b_c________.pdf",
        "jj_1_a_b_c_________2.pdf",
        "JJ-2_王喆_草稿.pdf",
        f"JJ-3_{'买' * 26}.pdf",
        "JJ-4_证书.pdf",
    ]


def test_a_name_is_cut_between_characters():
    assert shortened("买" * 60) == "买" * 26
    assert shortened("a" * 79 + "买") == "a" * 79
    assert shortened("王喆") == "王喆"


class StopError(Exception):
    pass


def test_a_stopped_delivery_keeps_whole_files_only(desk, papers, out):
    def stop(done, _total):
        if done == 2:
            raise StopError

    with pytest.raises(StopError):
        deliver(desk, papers, out, name="班", wanted=EVERYTHING, progress=stop)
    assert list(contents(out)) == [
        "JJ2026-0CB3A1F2-00001_买买提江·阿卜杜热合曼.pdf", "JJ2026-0CB3A1F2-00002_李㛃.pdf",
    ]  # fmt: skip


def test_drafts_are_handed_on_as_drafts(desk, out):
    enrolments, _ = enrol(desk, ["王喆"])
    issue(desk, enrolments, draft=True)
    hand_over(desk, [issued(desk)[0]["id"]], out, Wanted(apart=True))
    assert list(contents(out)) == ["JJ2026-0CB3A1F2-00001_王喆_草稿.pdf"]


def test_nothing_to_hand_on_is_refused(desk, out):
    with pytest.raises(Refusal, match="还没有证书"):
        hand_over(desk, [new_id()], out)


def test_a_folder_that_is_a_file_is_refused(desk, papers, out):
    (out / "file").write_text("x")
    with pytest.raises(Refusal, match="无法写入"):
        hand_over(desk, papers, out / "file")


def test_an_equal_file_is_left_alone_and_another_replaced(out):
    path = out / "a.pdf"
    write_file(path, b"one")
    stamp = stamps_of(path.parent)
    write_file(path, b"one")
    assert stamps_of(path.parent) == stamp
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert [file.name for file in out.iterdir()] == ["a.pdf"]


def test_files_are_told_apart_although_the_clock_stands(out, monkeypatch):
    monkeypatch.setattr(filecmp, "_sig", lambda _stat: (stat.S_IFREG, 3, 0))
    for content in (b"one", b"one", b"two"):
        assert write_file(out / "a.pdf", content).read_bytes() == content


def test_what_breaks_off_leaves_the_older_file(out):
    path = write_file(out / "a.pdf", b"old")
    with pytest.raises(StopError), replace_file(path) as file:
        broken_off(file)
    assert contents(out) == {"a.pdf": b"old"}


def broken_off(file):
    file.write(b"half")
    raise StopError


@pytest.mark.parametrize(
    ("text", "name"), [('a/b\\c:d*"', "a_b_c_d__"), (" . ", "证书"), ("王" * 200, "王" * 80)]
)
def test_a_file_name_is_one_on_every_system(text, name):
    assert file_name(text, "证书") == name


def test_the_day_of_the_list_is_that_of_the_newest_paper(desk, out, read_text):
    enrolments, _ = enrol(desk, ["王喆", "李明"])
    issue(desk, enrolments[:1])
    issue(desk, enrolments[1:], issued_on=dt.date(2026, 4, 1))
    hand_over(desk, [row["id"] for row in issued(desk)], out, Wanted(receipts=True))
    assert "2026年4月1日" in read_text(contents(out)["初级班_一期_领取签字表.pdf"])
