"""Shows the very bytes of a PDF that would be printed or saved; nothing is drawn twice by other means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from desktop.services.saving import file_name, write_file
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import EmptyState, button, column, label, restyle, row, tool_button
from desktop.ui.widgets.printing import print_pages, usual_printer

if TYPE_CHECKING:
    from desktop.ui.jobs import Jobs
    from domain.problems import Refusal

ZOOM_STEP: Final = 1.25
UNNAMED: Final = "文件"


class PdfPreview(QWidget):
    """A document from memory, one page or many, with zoom, printing and saving; words where there is none."""

    def __init__(self, title: str, why: str, jobs: Jobs) -> None:
        super().__init__()
        self.jobs = jobs
        self.content = b""
        self.name = UNNAMED
        self.document = QPdfDocument(self)
        self._buffer: QBuffer | None = None
        self._saved: Path | None = None
        self.view = QPdfView(self)
        self.view.setDocument(self.document)
        self.view.setPageMode(QPdfView.PageMode.MultiPage)
        self.view.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.view.setAccessibleName("文件预览")
        self.view.setFrameShape(QPdfView.Shape.NoFrame)
        self.empty = EmptyState("file", title, why)
        self.pages = label("", "small")
        self.words = label("", "small")
        self.show_folder = button("打开所在文件夹", self._show_folder, look="link")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._shown())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def _shown(self) -> QWidget:
        page = QWidget()
        self.print_button = tool_button("print", "打印…", self.ask_printer)
        self.save_button = tool_button("export", "保存…", self.ask_place)
        tools = row(
            self.pages,
            None,
            self.words,
            self.show_folder,
            tool_button("plus", "放大", lambda: self._zoom(ZOOM_STEP)),
            tool_button("eye", "适合宽度", self._fit),
            self.print_button,
            self.save_button,
            spacing=METRICS.xs,
        )
        tools.setContentsMargins(METRICS.s, 0, METRICS.s, 0)
        held = column(tools, self.view, spacing=0)
        held.setStretch(1, 1)
        page.setLayout(held)
        self.show_folder.hide()
        return page

    @property
    def is_empty(self) -> bool:
        """Whether no document is shown."""
        return self._stack.currentIndex() == 0

    def show_bytes(self, content: bytes, name: str = UNNAMED) -> None:
        """Show a document from its first page; ``name`` is what its file would be called."""
        self._close()
        self.content, self.name = content, file_name(name, UNNAMED)
        self._buffer = QBuffer(self)
        self._buffer.setData(QByteArray(content))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self.document.load(self._buffer)
        count = self.document.pageCount()
        self.pages.setText(f"共 {count} 页 · {len(content) / 1024:,.0f} KB")
        self._tell("")
        self._stack.setCurrentIndex(1)

    def say(self, title: str, why: str) -> None:
        """Show words in place of a document."""
        self._close()
        self.empty.title.setText(title)
        self.empty.why.setText(why)
        self._stack.setCurrentIndex(0)

    def _close(self) -> None:
        self.content = b""
        self.document.close()
        if self._buffer:
            self._buffer.close()
            self._buffer.deleteLater()
            self._buffer = None

    # ── printing ────────────────────────────────────────────────────────────────────────────────

    def ask_printer(self) -> None:
        """Open the system's print dialog; the pages are sent once it is confirmed."""
        printer = usual_printer(self.name, self.document.pagePointSize(0))
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setMinMax(1, self.document.pageCount())
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange)
        dialog.accepted.connect(lambda: self.print_to(printer))
        QDialog.open(dialog)  # its own open() wants a slot by name

    def print_to(self, printer: QPrinter) -> None:
        """Send the pages to a printer, in a worker that can be stopped."""
        content = self.content
        self.jobs.long(
            "打印",
            lambda job: print_pages(content, printer, job.step),
            lambda count: self._tell(f"已送出 {count} 页"),
            self._refused,
            owner=self,
        )

    # ── saving ──────────────────────────────────────────────────────────────────────────────────

    def ask_place(self) -> None:
        """Open the system's dialog for the place of the file."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, "保存文件", str(Path(folder) / f"{self.name}.pdf"), "PDF (*.pdf)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.selectFile(f"{self.name}.pdf")
        dialog.fileSelected.connect(lambda name: self.save_to(Path(name)))
        dialog.open()

    def save_to(self, path: Path) -> None:
        """Write the very bytes that are shown, in a worker."""
        content = self.content
        self.jobs.read(lambda: write_file(path, content), self._written, self._refused, owner=self)

    def _written(self, path: Path) -> None:
        self._tell(f"已保存 {path.name}")
        self._saved = path
        self.show_folder.show()

    def _refused(self, refusal: Refusal) -> None:
        self._tell("；".join(refusal.messages()), "problem")

    def _tell(self, words: str, role: str = "small") -> None:
        self.words.setText(words)
        restyle(self.words, role=role)
        self.show_folder.hide()

    def _show_folder(self) -> None:
        if self._saved:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._saved.parent)))

    # ── zoom ────────────────────────────────────────────────────────────────────────────────────

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
