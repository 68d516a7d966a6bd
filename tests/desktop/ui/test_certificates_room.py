"""The studio of a class: who is fit, drafts that become signed papers, the very page, files to hand on."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtPdf import QPdfDocument

from desktop.documents.signature_check import Integrity, check_signature
from desktop.models import queries
from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import attachments, certificate_delivery, certificate_papers, certificate_roster
from desktop.ui.certificates import page as room
from desktop.ui.certificates.paper import Paper
from desktop.ui.certificates.studio import Studio
from desktop.ui.jobs import Cancelled
from domain.problems import Refusal, refuse


@pytest.fixture
def lesson(put):
    """Return a class with one who passed, one who did not, and one whose name no font has."""
    key = put("training_class", name="初级班/一期", level="junior", hours=Decimal(40), issuer="示例基地",
              starts_on="2026-02-09", ends_on="2026-02-13")  # fmt: skip
    for name, passed in (("王喆", True), ("李明", False), ("周\U000212fe", True)):
        broker = put("broker", name=name)
        put("enrolment", training_class=key, broker=broker, passed=passed)
    return key


@pytest.fixture
def studio(session, lesson, qtbot):
    made = Studio(session, "training_class", lesson)
    qtbot.addWidget(made)
    return made


def papers(desk: Any) -> Any:
    with desk.store.read() as connection:
        rows = queries.rows(connection, Query("certificate", order="certificate_no", descending=False))
    return [(row["holder_name"], row["state"], row["certificate_no"]) for row in rows]


def line_of(studio: Any, name: Any) -> Any:
    return next(n for n, row in enumerate(studio.table.words.rows) if row[1] == name)


def cells(studio: Any, name: Any) -> Any:
    return studio.table.words.rows[line_of(studio, name)]


def test_the_roster_says_who_may_have_one_and_why_not(studio):
    assert cells(studio, "王喆")[2:] == ("合格", "缺", "—", "可以签发")
    assert "尚未登记为合格" in cells(studio, "李明")[5]
    assert "U+212FE" in cells(studio, "周\U000212fe")[5]
    assert studio.count.text() == "3 人，1 人可签发，2 人有问题"
    assert not studio.issue_button.isEnabled()


def test_a_photo_of_the_trainee_is_seen(studio, desk, lesson):
    picture = io.BytesIO()
    Image.new("RGB", (70, 90), "navy").save(picture, "JPEG")
    broker = next(c.broker_id for c in certificate_roster.roster(desk, lesson).candidates if c.name == "王喆")
    upload = attachments.Upload("p.jpg", picture.getvalue())
    attachments.add(desk, record_type="broker", record_id=broker, uploads=[upload])
    studio.reload()
    assert cells(studio, "王喆")[3] == "有"


def test_a_draft_is_previewed_and_issued_under_its_own_number(studio, desk, session, qtbot):
    studio.check_fit()
    assert [candidate.name for candidate in studio.chosen()] == ["王喆"]
    qtbot.mouseClick(studio.draft_button, Qt.MouseButton.LeftButton)
    [(name, state, number)] = papers(desk)
    assert (name, state) == ("王喆", "draft")
    studio.table.selectRow(line_of(studio, "王喆"))
    assert not studio.preview.is_empty
    assert studio.preview.document.status() == QPdfDocument.Status.Ready
    assert number in studio.preview.document.getAllText(0).text()
    studio.order.day.setText("2026年3月5日")
    studio.check_fit()
    qtbot.mouseClick(studio.issue_button, Qt.MouseButton.LeftButton)
    assert papers(desk) == [("王喆", "issued", number)]
    assert cells(studio, "王喆")[4:] == (f"已发放 {number[-5:]}", "已签发")
    assert "2026年3月5日" in studio.preview.document.getAllText(0).text().replace(" ", "")
    assert check_signature(studio.preview.content).integrity is Integrity.INTACT
    assert studio.preview.name == f"{number}_王喆"


def test_a_draft_can_be_taken_back(studio, desk, session):
    studio.check_fit()
    studio.draft_button.click()
    session.undo()
    assert papers(desk) == []


def test_choosing_one_who_is_unfit_issues_none_and_says_why(studio, desk):
    studio.table.words.check(range(3), on=True)
    studio.issue_button.click()
    assert papers(desk) == []
    assert "李明：尚未登记为合格" in studio.bar.text


@pytest.mark.parametrize(
    ("issuer", "day", "words"),
    [("", "2026-03-05", "发证单位"), ("示例基地", "", "发证日期"), ("示例基地", "三月", "不是日期")],
)
def test_issuer_and_day_are_asked_for(studio, desk, issuer, day, words):
    studio.order.issuer.setText(issuer)
    studio.order.day.setText(day)
    studio.check_fit()
    studio.issue_button.click()
    assert words in studio.bar.text
    assert papers(desk) == []


def test_space_and_click_check_a_row(studio, qtbot):
    row = line_of(studio, "王喆")
    studio.show()
    studio.table.selectRow(row)
    qtbot.keyClick(studio.table, Qt.Key.Key_Space)
    assert studio.table.words.checked == {row}
    where = studio.table.visualRect(studio.table.words.index(row, 0)).center()
    qtbot.mouseClick(studio.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert studio.table.words.checked == set()


def test_one_without_a_certificate_has_words_in_place_of_a_page(studio):
    studio.table.selectRow(line_of(studio, "李明"))
    assert studio.preview.is_empty
    assert studio.preview.empty.title.text() == "李明还没有证书"


@pytest.mark.parametrize(
    ("kind", "endings"),
    [
        ("apart", ["_王喆.pdf"]),
        ("together", ["_合订.pdf"]),
        ("archive", [".zip"]),
        ("manifest", ["_清单.csv", "_清单.json"]),
        ("receipts", ["_领取签字表.pdf"]),
    ],
)
def test_the_kinds_of_files_that_are_checked_are_saved(studio, tmp_path, kind, endings):
    studio.check_fit()
    studio.issue_button.click()
    folder = tmp_path / "证书"
    studio.delivery.folder.put(folder)
    for name, box in studio.delivery.kinds.items():
        box.setChecked(name == kind)
    studio.delivery.save_button.click()
    names = sorted(path.name for path in folder.iterdir())
    assert [name.endswith(ending) for name, ending in zip(names, endings, strict=True)]
    assert f"已保存 {len(endings)} 个文件" in studio.delivery.words.text()
    assert not studio.delivery.show_folder.isHidden()


def test_saving_nothing_is_refused_in_words(studio, tmp_path):
    studio.check_fit()
    studio.issue_button.click()
    studio.delivery.folder.put(tmp_path / "证书")
    for box in studio.delivery.kinds.values():
        box.setChecked(False)
    studio.delivery.save_button.click()
    assert "至少选择一种" in studio.delivery.words.text()
    studio.delivery.folder.line.setText("")
    studio.delivery.save_button.click()
    assert "先选择" in studio.delivery.words.text()


def test_saving_into_what_is_no_folder_is_refused_in_words(studio, tmp_path):
    (tmp_path / "file").write_text("x")
    studio.check_fit()
    studio.issue_button.click()
    studio.delivery.folder.put(tmp_path / "file")
    studio.delivery.save_button.click()
    assert "无法写入" in studio.delivery.words.text()
    assert studio.delivery.save_button.isEnabled()


@pytest.fixture
def full(session, put, qtbot):
    """Return the studio of a class of three who passed."""
    key = put("training_class", name="满员班", level="junior", hours=Decimal(40), issuer="示例基地",
              starts_on="2026-02-09", ends_on="2026-02-13")  # fmt: skip
    for name in ("王喆", "李㛃", "张䶮"):
        put("enrolment", training_class=key, broker=put("broker", name=name), passed=True)
    made = Studio(session, "training_class", key)
    qtbot.addWidget(made)
    return made


def test_making_can_be_paused_and_goes_on_where_it_was(full, desk, session, monkeypatch):
    make = certificate_papers.make
    told = []

    def pause_after_one(desk, ids, progress):
        def step(done, total):
            told.append(done)
            if done == 1:
                full.making.pause_button.click()
            progress(done, total)

        return make(desk, ids, step)

    monkeypatch.setattr(certificate_papers, "make", pause_after_one)
    full.check_fit()
    full.issue_button.click()
    assert told == [0, 1]
    assert not full.making.isHidden()
    assert full.making.words.text() == "还有 2 份待制作；已做好的都已保存。"
    assert cells(full, "王喆")[5] == "待制作"
    monkeypatch.setattr(certificate_papers, "make", make)
    full.making.go.click()
    assert full.making.isHidden()
    assert {cells(full, name)[5] for name in ("王喆", "李㛃", "张䶮")} == {"已签发"}


def test_a_making_that_was_killed_is_offered_again(full, desk, session, qtbot, monkeypatch):
    monkeypatch.setattr(full.making, "start", lambda: None)
    full.check_fit()
    full.issue_button.click()
    again = Studio(session, "training_class", full.class_id)
    qtbot.addWidget(again)
    assert again.making.words.text().startswith("还有 3 份待制作")
    again.making.go.click()
    assert again.making.isHidden()


def test_a_paper_that_cannot_be_made_says_why(full, desk, monkeypatch):
    def broken(*_):
        raise refuse("", "plain", why="字体不见了")

    monkeypatch.setattr(certificate_papers, "make", broken)
    full.check_fit()
    full.issue_button.click()
    assert full.bar.text == "字体不见了"
    assert not full.making.isHidden()
    assert not full.making.working


def test_saving_can_be_stopped_and_done_again(full, desk, tmp_path, monkeypatch):
    full.check_fit()
    full.issue_button.click()
    full.delivery.folder.put(tmp_path / "out")
    deliver = certificate_delivery.deliver

    def stop_at_one(desk, ids, folder, *, name, wanted, progress):
        def step(done, total):
            if done == 1:
                full.delivery.stop_button.click()
                raise Cancelled
            progress(done, total)

        return deliver(desk, ids, folder, name=name, wanted=wanted, progress=step)

    monkeypatch.setattr(certificate_delivery, "deliver", stop_at_one)
    full.delivery.save_button.click()
    assert len(list((tmp_path / "out").glob("*.pdf"))) == 1
    assert "再次保存会接着做" in full.delivery.words.text()
    monkeypatch.setattr(certificate_delivery, "deliver", deliver)
    full.delivery.save_button.click()
    assert len(list((tmp_path / "out").glob("JJ*.pdf"))) == 3


def test_validity_and_design_are_printed(full, desk):
    full.order.valid_to.setText("2029-03-01")
    assert full.order.design.count() >= 1
    assert full.order.design.key.startswith("classic@")
    full.check_fit()
    full.draft_button.click()
    text = full.preview.document.getAllText(0).text().replace("\r\n", "")
    assert "有效期至2029年3月1日" in text


def test_a_day_before_the_end_of_the_class_shows_in_the_roster(full):
    full.order.day.setText("2026-02-10")
    full.order.changed.emit()
    assert "发证日期早于培训结束" in cells(full, "王喆")[5]
    assert full.count.text() == "3 人，0 人可签发，3 人有问题"


def test_an_empty_class_asks_for_trainees(session, put, qtbot):
    made = Studio(session, "training_class", put("training_class", name="新班"))
    qtbot.addWidget(made)
    assert made.split.isHidden()
    with qtbot.waitSignal(session.created) as asked:
        made.none.asked.emit()
    assert asked.args == ["enrolment", {"training_class": made.class_id}]


def test_the_room_opens_a_class_with_its_studio_and_a_certificate_with_its_page(
    session, studio, desk, lesson, qtbot
):
    section = room.build(session)
    qtbot.addWidget(section)
    assert "证书制作" in section.open_record("training_class", lesson).tabs()
    studio.check_fit()
    studio.issue_button.click()
    with desk.store.read() as connection:
        key = queries.rows(connection, Query("certificate"))[0]["id"]
    page = section.open_record("certificate", key)
    page.show_tab(page.tabs().index("预览"))
    shown = found(page, Paper)
    assert shown.preview.document.pageCount() == 1


def test_the_paper_of_an_unsaved_certificate_says_so(session, qtbot):
    section = room.build(session)
    qtbot.addWidget(section)
    page = section.new_record("certificate", {})
    page.show_tab(page.tabs().index("预览"))
    assert found(page, Paper).preview.is_empty


def test_the_roster_of_no_class_is_refused(desk, lesson):
    with pytest.raises(Refusal):
        certificate_roster.roster(desk, new_id())


def found(page: Any, kind: type) -> Any:
    """Return the one widget of a kind inside a page."""
    return page.findChild(kind)
