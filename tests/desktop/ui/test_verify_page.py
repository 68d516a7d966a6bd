"""The page that judges papers: each way to give one, each verdict, and trust lists going out and in."""

from __future__ import annotations

import datetime as dt
import importlib
import io
from types import SimpleNamespace
from typing import Any

import pypdfium2
import pytest
from PySide6.QtCore import QMimeData, QObject, QPointF, Qt, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QFileDialog

from desktop.services import certificate_papers, certificate_states, trust
from desktop.services.verification import Outcome
from desktop.ui.certificates.camera import CameraView, find_camera
from desktop.ui.certificates.page import build
from desktop.ui.certificates.verdict import LOOKS
from desktop.ui.certificates.verifying import VerifyPage
from desktop.ui.jobs import settle
from domain.trust import Issuer, TrustList
from tests.classes import enrol, issue, issued
from tests.signers import ISSUER, PASSWORD, pkcs12_of, signer_of


@pytest.fixture
def row(desk):
    """Return the record of an issued certificate with its paper."""
    enrolments, _ = enrol(desk, ["赵𬭳"])
    issue(desk, enrolments)
    certificate_papers.make(desk, [issued(desk)[0]["id"]])
    return issued(desk)[0]


@pytest.fixture
def paper(desk, row, tmp_path):
    path = tmp_path / "证书.pdf"
    path.write_bytes(certificate_papers.printed(desk, [row["id"]]))
    return path


@pytest.fixture
def page(session, row, qtbot):
    made = VerifyPage(session)
    qtbot.addWidget(made)
    return made


def facts(page: Any) -> dict[str, str]:
    grid = page.verdict.facts
    cells = [[grid.itemAtPosition(line, column) for column in (0, 1)] for line in range(grid.rowCount())]
    texts = [
        [item.widget().text() for item in line] for line in cells if all(item is not None for item in line)
    ]
    return dict(texts)


def test_nothing_is_said_before_something_is_given(page):
    assert page.verdict.isHidden()
    assert page.trust.table.words.rows[0][0] == "示例基地"


def test_a_genuine_file_is_told_with_its_facts(page, paper, row):
    page.judge_file(paper)
    assert page.verdict.outcome is Outcome.GENUINE
    assert page.verdict.word.text() == "真实有效"
    told = facts(page)
    assert (told["验证内容"], told["持证人"], told["证书编号"]) == ("证书.pdf", "赵𬭳", row["certificate_no"])
    assert "以信任名单 2026-03-02 为准" in page.verdict.as_of.text()


def test_pasted_text_is_judged_and_the_next_verdict_takes_its_place(page: Any, row, qtbot):
    page.text.setText(f" {row['credential']}\t")
    qtbot.mouseClick(page.text_button, Qt.MouseButton.LeftButton)
    assert page.verdict.word.text() == "真实有效"
    page.text.setText(row["credential"][:-1])
    qtbot.keyClick(page.text, Qt.Key.Key_Return)
    assert page.verdict.word.text() == "内容被改动"
    assert list(facts(page)) == ["验证内容"]


def test_a_scan_is_judged_by_its_code(page, paper, tmp_path):
    document = pypdfium2.PdfDocument(paper.read_bytes())
    document[0].render(scale=2).to_pil().save(tmp_path / "scan.png")
    document.close()
    page.judge_file(tmp_path / "scan.png")
    assert page.verdict.outcome is Outcome.GENUINE


def test_an_altered_and_a_revoked_file_are_told(page: Any, paper, row, desk, tmp_path):
    content = paper.read_bytes()
    altered = tmp_path / "altered.pdf"
    altered.write_bytes(content.replace(b"endobj", b"endobk", 1))
    page.judge_file(altered)
    assert page.verdict.word.text() == "内容被改动"
    certificate_states.revoke(desk, ids=[row["id"]])
    page.judge_file(paper)
    assert page.verdict.outcome is Outcome.REVOKED
    assert "撤销" in page.verdict.why.text()


@pytest.mark.parametrize(("name", "content"), [("a.bin", b"\x00\x01"), ("empty.pdf", b"")])
def test_what_cannot_be_judged_says_why(page, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    page.judge_file(tmp_path / name)
    assert page.verdict.outcome is None
    assert page.verdict.word.text() == "无法验证"
    assert page.verdict.why.text()


def dropped(page: Any, data: QMimeData) -> None:
    place = QPointF(page.rect().center())
    button, key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dropEvent(QDropEvent(place, Qt.DropAction.CopyAction, data, button, key))


def test_a_dropped_file_and_a_dropped_text_are_judged(page, paper, row):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(paper))])
    dropped(page, data)
    assert facts(page)["验证内容"] == "证书.pdf"
    data = QMimeData()
    data.setText(row["credential"])
    dropped(page, data)
    assert facts(page)["验证内容"] == "粘贴的验证码文本"


def test_every_outcome_has_a_look_of_its_own_word(page):
    assert set(LOOKS) == set(Outcome)
    assert len({outcome.value for outcome in Outcome}) == len(Outcome)


# ── trust lists ─────────────────────────────────────────────────────────────────────────────────


def test_the_own_list_goes_out(page, desk, tmp_path):
    page.trust.give(tmp_path / "own.json")
    assert trust.read_file(tmp_path / "own.json") == trust.own(desk)
    assert "已导出" in page.trust.said.text()


def test_a_list_of_others_comes_in(page, tmp_path):
    other = Issuer("外省基地", "ab" * 32, ("cd" * 32,), dt.date(2026, 1, 1), dt.date(2026, 2, 1))
    (tmp_path / "other.json").write_text(TrustList(dt.date(2026, 2, 1), (other,)).to_json(), "utf-8")
    page.trust.take(tmp_path / "other.json")
    assert ("外省基地", "2026-02-01", "2026-01-01", "0") in page.trust.table.words.rows
    (tmp_path / "broken.json").write_text("{}", "utf-8")
    page.trust.take(tmp_path / "broken.json")
    assert "不是信任名单" in page.trust.said.text()


def test_a_revocation_shows_in_the_list_at_once(page, desk, row, session):
    session.do(lambda desk: certificate_states.revoke(desk, ids=[row["id"]]))
    assert page.trust.table.words.rows[0][3] == "1"


def test_without_any_issuer_there_is_nothing_to_give(session, qtbot):
    made = VerifyPage(session)
    qtbot.addWidget(made)
    assert not made.trust.give_button.isEnabled()


def test_the_room_has_the_page_as_a_view(session, qtbot):
    section = build(session)
    qtbot.addWidget(section)
    section.show_view([view.label for view in section.views].index("验证"))
    assert isinstance(section.current_view, VerifyPage)


def test_files_are_chosen_in_the_systems_dialogs(page, paper, monkeypatch, tmp_path):
    opened: list[QFileDialog] = []
    monkeypatch.setattr(QFileDialog, "open", lambda self, *_: opened.append(self))
    for ask, path in (
        (page._choose, paper),
        (page.trust._ask_where, tmp_path / "own.json"),
        (page.trust._ask_which, tmp_path / "own.json"),
    ):
        ask()
        opened[-1].fileSelected.emit(str(path))
        opened[-1].deleteLater()
    assert page.verdict.outcome is Outcome.GENUINE
    assert "已导入" in page.trust.said.text()


def test_the_zone_lights_up_while_something_is_dragged_over_it(page, paper):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(paper))])
    place, button, key = page.rect().center(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dragEnterEvent(QDragEnterEvent(place, Qt.DropAction.CopyAction, data, button, key))
    assert page.zone.property("on") == "true"
    page.dragLeaveEvent(QDragLeaveEvent())
    assert page.zone.property("on") == "false"


# ── the key that signs ──────────────────────────────────────────────────────────────────────────


def test_the_key_of_an_authority_is_put_in_place(page, desk, tmp_path):
    (tmp_path / "key.p12").write_bytes(pkcs12_of("p256"))
    assert page.signing.issuer.text() == "示例基地"
    page.signing.file.put(tmp_path / "key.p12")
    page.signing.password.setText("wrong")
    page.signing.use_button.click()
    assert "口令不对" in page.signing.said.text()
    page.signing.password.setText(PASSWORD)
    page.signing.use_button.click()
    assert ISSUER in page.signing.said.text()
    assert page.signing.password.text() == ""
    (issuer,) = trust.own(desk).issuers
    assert signer_of("p256").fingerprint in issuer.fingerprints


def test_issuer_and_file_are_asked_for(page):
    page.signing.issuer.clear()
    page.signing.use_button.click()
    assert "请填写发证单位" in page.signing.said.text()


# ── the camera ──────────────────────────────────────────────────────────────────────────────────


class FakeCamera(QObject):
    running = 0

    def __init__(self, device: Any, parent: QObject) -> None:
        super().__init__(parent)
        self.device = device

    def start(self) -> None:
        FakeCamera.running += 1

    def stop(self) -> None:
        FakeCamera.running = 0


class FakeSink(QObject):
    videoFrameChanged = Signal(object)  # noqa: N815 - Qt's own name


class FakeSession(QObject):
    def setCamera(self, camera: Any) -> None:
        self.camera = camera

    def setVideoSink(self, sink: Any) -> None:
        self.sink = sink


def multimedia(*, there: bool) -> Any:
    device = SimpleNamespace(isNull=lambda: not there)
    devices = SimpleNamespace(defaultVideoInput=lambda: device)
    return SimpleNamespace(
        QMediaDevices=devices, QCamera=FakeCamera, QMediaCaptureSession=FakeSession, QVideoSink=FakeSink
    )


def test_without_a_camera_or_its_libraries_nobody_misses_it(session, qtbot, monkeypatch):
    monkeypatch.setattr(importlib, "import_module", lambda _: multimedia(there=False))
    assert find_camera() is None

    def missing(_: str) -> Any:
        raise ImportError("libpulse.so.0: cannot open shared object file")

    monkeypatch.setattr(importlib, "import_module", missing)
    made = VerifyPage(session)
    qtbot.addWidget(made)
    assert made.camera_button.isHidden()


def test_a_code_held_to_the_camera_is_judged_once(session, row, paper, qtbot, monkeypatch):
    monkeypatch.setattr(importlib, "import_module", lambda _: multimedia(there=True))
    made = VerifyPage(session)
    qtbot.addWidget(made)
    assert not made.camera_button.isHidden()
    made.camera_button.click()
    view: Any = made.findChild(CameraView)
    assert FakeCamera.running == 1
    document = pypdfium2.PdfDocument(paper.read_bytes())
    out = io.BytesIO()
    document[0].render(scale=2).to_pil().save(out, "PNG")
    document.close()
    seen = QSignalSpy(view.read)
    view._sink.videoFrameChanged.emit(SimpleNamespace(toImage=QImage))
    view._sink.videoFrameChanged.emit(SimpleNamespace(toImage=lambda: QImage.fromData(out.getvalue())))
    assert seen.count() == 1
    assert FakeCamera.running == 0
    assert made.camera is None
    assert made.verdict.outcome is Outcome.GENUINE
    assert facts(made)["验证内容"] == "摄像头扫到的二维码"


def test_the_camera_is_let_go_when_the_user_closes_it(session, row, qtbot, monkeypatch):
    monkeypatch.setattr(importlib, "import_module", lambda _: multimedia(there=True))
    made = VerifyPage(session)
    qtbot.addWidget(made)
    made.camera_button.click()
    view: Any = made.camera
    view.left.emit()
    assert FakeCamera.running == 0
    assert made.camera is None


def test_nothing_is_pushed_over_something_else_on_a_small_laptop(page):
    page.resize(1198, 640)
    page.show()
    page.text.setText("hello")
    page.judge_text()
    assert page.verdict.isVisible()
    settle(page.session.jobs)
    assert page.zone.geometry().bottom() < page.text.geometry().top()
