"""The page that tells a genuine paper from others: drop a file, paste a code's text, or use the camera."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QLineEdit, QVBoxLayout, QWidget

from desktop.services import trust
from desktop.services.attachments import read_files
from desktop.services.verification import Judge, read_strange_codes
from desktop.ui.certificates.camera import CameraView, find_camera
from desktop.ui.certificates.signing import SigningCard
from desktop.ui.certificates.trusting import TrustCard
from desktop.ui.certificates.verdict import VerdictCard
from desktop.ui.widgets.basics import Card, Symbol, button, column, label, restyle, row
from desktop.ui.widgets.scrolled import scrolled

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent

    from desktop.services.verification import Verdict
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

FILES: Final = "证书文件 (*.pdf *.png *.jpg *.jpeg *.tif *.tiff *.bmp *.webp *.txt)"
WIDEST: Final = 860


class VerifyPage(QWidget):
    """Judges papers by the trust lists at hand; nothing leaves the machine."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setAcceptDrops(True)
        self.verdict = VerdictCard()
        self.trust, self.signing = TrustCard(session), SigningCard(session)
        self.text = QLineEdit()
        self.text.setAccessibleName("验证码文本")
        self.text.setPlaceholderText("粘贴扫码得到的文本，以 TD1: 开头")
        self.text.returnPressed.connect(self.judge_text)
        self.text_button = button("验证", self.judge_text, look="primary")
        self.camera_button = button("用摄像头扫码", self._use_camera, symbol="camera")
        self.camera: CameraView | None = None
        self._device = find_camera()
        self.camera_button.setVisible(self._device is not None)
        self.zone = self._zone()
        self._given = Card("验证证书真伪")
        typed = row(self.text, self.text_button, self.camera_button)
        typed.setStretch(0, 1)
        self._given.body.addWidget(self.zone)
        self._given.body.addLayout(typed)
        self._given.body.addWidget(
            label("在本机离线验证：签名、内容、签发单位和撤销情况；不会上传任何内容。", "muted")
        )
        cards = (self._given, self.verdict, self.trust, self.signing)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled("验证", *cards, None, widest=WIDEST))

    def _zone(self) -> QFrame:
        zone = QFrame()
        zone.setProperty("look", "drop")
        zone.setMinimumHeight(120)
        words = label("把证书的 PDF、照片或截图拖到这里，或", "muted")
        choose = button("选择文件", self._choose)
        inside = column(
            None, row(None, Symbol("verified", "accent", 22), words, choose, None), None, spacing=0
        )
        zone.setLayout(inside)
        return zone

    # ── what is given ───────────────────────────────────────────────────────────────────────────

    def judge_text(self) -> None:
        """Judge the text that was pasted."""
        text = self.text.text()
        self._judge("粘贴的验证码文本", lambda judge: judge.text(text))

    def judge_file(self, path: Path) -> None:
        """Judge a file."""

        def work(judge: Judge) -> Verdict:
            (upload,) = read_files([path])
            return judge.content(upload.content, read_strange_codes)

        self._judge(path.name, work)

    def judge_code(self, text: str) -> None:
        """Judge what the camera has read."""
        self._leave_camera()
        self._judge("摄像头扫到的二维码", lambda judge: judge.text(text))

    def _judge(self, what: str, work: Callable[[Judge], Verdict]) -> None:
        desk = self.session.desk
        self.session.jobs.read(
            lambda: work(Judge(trust.known(desk), desk.codes, desk.today())),
            lambda verdict: self.verdict.put(verdict, what),
            self._refused,
            owner=self,
        )

    def _refused(self, refusal: Refusal) -> None:
        self.verdict.refuse("；".join(refusal.messages()))

    def _choose(self) -> None:
        dialog = QFileDialog(self, "选择要验证的文件", str(Path.home()), FILES)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.judge_file(Path(name)))
        dialog.open()

    # ── dropping ────────────────────────────────────────────────────────────────────────────────

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()
            restyle(self.zone, on="true")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        restyle(self.zone, on="false")
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        restyle(self.zone, on="false")
        data = event.mimeData()
        files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if files:
            self.judge_file(files[0])
        elif data.hasText():
            self.text.setText(data.text().strip())
            self.judge_text()

    # ── the camera ──────────────────────────────────────────────────────────────────────────────

    def _use_camera(self) -> None:
        if self._device is None or self.camera:
            return
        self.camera = CameraView(self._device)
        self.camera.read.connect(self.judge_code)
        self.camera.left.connect(self._leave_camera)
        self._given.body.addWidget(self.camera)

    def _leave_camera(self) -> None:
        if self.camera:
            self.camera.stop()
            self.camera.deleteLater()
            self.camera = None
