"""The studio of a class: who is fit, drafts that become papers, the very page, and files to hand on."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtPdf import QPdfDocument

from desktop.models import queries
from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import attachments, certificate_roster
from desktop.services.saving import file_name
from desktop.ui.certificates import page as room
from desktop.ui.certificates.page import Paper
from desktop.ui.certificates.studio import Studio
from desktop.ui.jobs import Cancelled
from domain.problems import Refusal


@pytest.fixture
def lesson(put):
    """Return a class with one who passed, one who did not, and one whose name no font has."""
    key = put("training_class", name="初级班/一期", level="junior", hours=Decimal(40), issuer="示例基地",
              starts_on="2026-02-09", ends_on="2026-02-13")  # fmt: skip
    for name, passed in (("王喆", True), ("李明", False), ("周\U0003134f", True)):
        broker = put("broker", name=name, id_number="11010519491231002X")
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
    assert "U+3134F" in cells(studio, "周\U0003134f")[5]
    assert studio.count.text() == "3 人，1 人可签发"
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
    studio.day.setText("2026年3月5日")
    studio.check_fit()
    qtbot.mouseClick(studio.issue_button, Qt.MouseButton.LeftButton)
    assert papers(desk) == [("王喆", "issued", number)]
    assert cells(studio, "王喆")[4:] == (f"已发放 {number[-5:]}", "已签发")
    assert "2026年3月5日" in studio.preview.document.getAllText(0).text().replace(" ", "")
    session.undo()
    assert papers(desk) == [("王喆", "draft", number)]


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
    studio.issuer.setText(issuer)
    studio.day.setText(day)
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


@pytest.mark.parametrize(("apart", "names"), [(False, ["初级班_一期-证书.pdf"]), (True, None)])
def test_certificates_are_saved_as_one_file_or_one_each(studio, desk, tmp_path, apart, names):
    studio.check_fit()
    studio.issue_button.click()
    studio.delivery.folder.put(tmp_path / "证书")
    (studio.delivery.apart if apart else studio.delivery.one).click()
    number = papers(desk)[0][2]
    written = sorted((tmp_path / "证书").iterdir())
    assert [path.name for path in written] == (names or [f"{number}-王喆.pdf"])
    with pikepdf.open(written[0]) as document:
        assert len(document.pages) == 1
    assert "已保存 1 个文件" in studio.delivery.words.text()


def test_saving_into_what_is_no_folder_is_refused_in_words(studio, tmp_path):
    (tmp_path / "file").write_text("x")
    studio.check_fit()
    studio.issue_button.click()
    studio.delivery.folder.put(tmp_path / "file")
    studio.delivery.one.click()
    assert "无法写入" in studio.delivery.words.text()
    assert studio.delivery.one.isEnabled()


def test_a_stopped_saving_keeps_the_files_written_so_far(studio, desk, tmp_path):
    studio.check_fit()
    studio.issue_button.click()
    key = studio.roster.candidates[line_of(studio, "王喆")].certificate_id

    def stop_after_one(done, _total):
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        certificate_roster.save_files(
            desk, [key, key], tmp_path, name="x", apart=True, progress=stop_after_one
        )
    assert len(list(tmp_path.glob("*.pdf"))) == 1


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


@pytest.mark.parametrize(
    ("text", "name"), [('a/b\\c:d*"', "a_b_c_d__"), (" . ", "证书"), ("王" * 200, "王" * 80)]
)
def test_a_file_name_is_one_on_every_system(text, name):
    assert file_name(text, "证书") == name


def found(page: Any, kind: type) -> Any:
    """Return the one widget of a kind inside a page."""
    return page.findChild(kind)
