"""Shows the very bytes of a PDF that would be printed or saved; nothing is drawn twice by other means."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import EmptyState, column, label, row, tool_button

ZOOM_STEP: Final = 1.25


class PdfPreview(QWidget):
    """A document from memory, one page or many, with zoom; an empty state where there is none."""

    def __init__(self, title: str, why: str) -> None:
        super().__init__()
        self.document = QPdfDocument(self)
        self._buffer: QBuffer | None = None
        self.view = QPdfView(self)
        self.view.setDocument(self.document)
        self.view.setPageMode(QPdfView.PageMode.MultiPage)
        self.view.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.view.setAccessibleName("文件预览")
        self.view.setFrameShape(QPdfView.Shape.NoFrame)
        self.empty = EmptyState("file", title, why)
        self.pages = label("", "small")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._shown())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def _shown(self) -> QWidget:
        page = QWidget()
        tools = row(
            self.pages,
            None,
            tool_button("plus", "放大", lambda: self._zoom(ZOOM_STEP)),
            tool_button("eye", "适合宽度", self._fit),
            spacing=METRICS.xs,
        )
        tools.setContentsMargins(METRICS.s, 0, METRICS.s, 0)
        held = column(tools, self.view, spacing=0)
        held.setStretch(1, 1)
        page.setLayout(held)
        return page

    @property
    def is_empty(self) -> bool:
        """Whether no document is shown."""
        return self._stack.currentIndex() == 0

    def show_bytes(self, content: bytes) -> None:
        """Show a document from its first page."""
        self._close()
        self._buffer = QBuffer(self)
        self._buffer.setData(QByteArray(content))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self.document.load(self._buffer)
        count = self.document.pageCount()
        self.pages.setText(f"共 {count} 页 · {len(content) / 1024:,.0f} KB")
        self._stack.setCurrentIndex(1)

    def say(self, title: str, why: str) -> None:
        """Show words in place of a document."""
        self._close()
        self.empty.title.setText(title)
        self.empty.why.setText(why)
        self._stack.setCurrentIndex(0)

    def _close(self) -> None:
        self.document.close()
        if self._buffer:
            self._buffer.close()
            self._buffer.deleteLater()
            self._buffer = None

    def _zoom(self, by: float) -> None:
        shown = self.view.zoomFactor()
        if self.view.zoomMode() != QPdfView.ZoomMode.Custom:
            size = self.document.pagePointSize(0)
            inches = self.view.viewport().width() / self.view.logicalDpiX()
            shown = inches * 72 / max(size.width(), 1)
            self.view.setZoomMode(QPdfView.ZoomMode.Custom)
        self.view.setZoomFactor(shown * by)

    def _fit(self) -> None:
        self.view.setZoomMode(QPdfView.ZoomMode.FitToWidth)
