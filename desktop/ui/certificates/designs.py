"""Choosing a design by its look: each one is shown as the small picture of a sheet drawn in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QComboBox

from desktop.services import certificate_templates

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

PICTURE: Final = QSize(68, 48)
Designs = list[tuple[str, str, bytes]]
"""Key, label and sample sheet of each design."""


class DesignChoice(QComboBox):
    """The designs at hand, each with its picture."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setAccessibleName("证书样式")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.view().setIconSize(PICTURE)
        desk = session.desk

        def read() -> Designs:
            known = certificate_templates.templates(desk).latest.values()
            day = desk.today()
            return [(one.key, one.label, certificate_templates.sample_sheet(one, day)) for one in known]

        session.jobs.read(read, self._show, self._refused, owner=self)

    @property
    def key(self) -> str:
        """The key of the design that is chosen; empty while the designs are read."""
        return self.currentData() or ""

    def _show(self, designs: Designs) -> None:
        self.blockSignals(True)
        for key, words, sheet in designs:
            self.addItem(QIcon(QPixmap.fromImage(picture_of(sheet, PICTURE))), words, key)
        self.setCurrentIndex(max(0, self.findData(certificate_templates.usual_key())))
        self.blockSignals(False)

    def _refused(self, refusal: Refusal) -> None:
        self.setToolTip("；".join(refusal.messages()))
        self.session.say("模板文件夹中有不能读的证书样式，先用自带样式", "warning")


def picture_of(sheet: bytes, box: QSize) -> QImage:
    """Return the first page of a PDF as a picture that fits into a box, sharp on dense screens too."""
    buffer = QBuffer()
    buffer.setData(QByteArray(sheet))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    size = document.pagePointSize(0)
    scale = 2 * min(box.width() / size.width(), box.height() / size.height())
    image = document.render(0, QSize(round(size.width() * scale), round(size.height() * scale)))
    document.close()
    buffer.close()
    image.setDevicePixelRatio(2)
    return image
