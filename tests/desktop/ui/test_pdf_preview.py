"""The preview: the very bytes on the screen, on paper and in the file."""

from __future__ import annotations

from typing import Any

import pikepdf
import pytest
from PySide6.QtGui import QPageRanges
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog

from desktop.documents.sheet import draw_sheet
from desktop.ui.jobs import Cancelled
from desktop.ui.widgets.pdf_preview import PdfPreview
from desktop.ui.widgets.printing import chosen_pages, print_pages, usual_printer
from domain.problems import Refusal
from tests.signers import DAY


@pytest.fixture(scope="module")
def content():
    """Return a document of several pages."""
    return draw_sheet(title="说明", paragraphs=["一段很长的话。" * 60] * 12, author="示例基地", day=DAY)


@pytest.fixture
def preview(jobs, look, qtbot, content):
    made = PdfPreview("没有", "什么也没有", jobs)
    qtbot.addWidget(made)
    made.show_bytes(content, "说明/一")
    return made


def paper_printer(preview, path):
    printer = usual_printer("说明", preview.document.pagePointSize(0))
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    printer.setResolution(72)
    return printer


def pages_of(path):
    with pikepdf.open(path) as document:
        return [tuple(round(float(edge)) for edge in page.mediabox) for page in document.pages]


def test_every_page_is_printed_as_it_lies(preview, tmp_path):
    count = preview.document.pageCount()
    assert count > 1
    preview.print_to(paper_printer(preview, tmp_path / "out.pdf"))
    assert preview.words.text() == f"已送出 {count} 页"
    assert pages_of(tmp_path / "out.pdf") == [(0, 0, 595, 842)] * count


def test_the_pages_chosen_in_the_dialog_are_printed(preview, tmp_path):
    printer = paper_printer(preview, tmp_path / "out.pdf")
    printer.setPrintRange(QPrinter.PrintRange.PageRange)
    ranges = QPageRanges()
    ranges.addPage(2)
    printer.setPageRanges(ranges)
    assert chosen_pages(3, printer) == [1]
    preview.print_to(printer)
    assert len(pages_of(tmp_path / "out.pdf")) == 1


def test_printing_can_be_stopped_between_two_pages(preview, content, tmp_path):
    def stop(done, _total):
        if done == 1:
            raise Cancelled

    printer = paper_printer(preview, tmp_path / "out.pdf")
    with pytest.raises(Cancelled):
        print_pages(content, printer, stop)
    assert len(pages_of(tmp_path / "out.pdf")) == 1


@pytest.mark.expects_warning("QPainter::begin(): Returned false")
def test_a_printer_that_takes_nothing_is_told(preview, content, tmp_path):
    printer = paper_printer(preview, tmp_path / "none" / "out.pdf")
    with pytest.raises(Refusal, match="打印机没有接受"):
        print_pages(content, printer, lambda *_: None)


def test_the_print_dialog_is_the_systems_and_waits_for_nobody(preview, monkeypatch):
    opened: list[Any] = []
    monkeypatch.setattr("PySide6.QtWidgets.QDialog.open", opened.append)
    preview.ask_printer()
    (dialog,) = opened
    assert isinstance(dialog, QPrintDialog)
    assert dialog.maxPage() == preview.document.pageCount()
    sent: list[Any] = []
    monkeypatch.setattr(preview, "print_to", sent.append)
    dialog.accepted.emit(dialog.printer())
    assert isinstance(sent[0], QPrinter)
    dialog.deleteLater()


def test_the_very_bytes_are_saved(preview, content, tmp_path):
    preview.save_to(tmp_path / "说明.pdf")
    assert (tmp_path / "说明.pdf").read_bytes() == content
    assert preview.words.text() == "已保存 说明.pdf"
    assert not preview.show_folder.isHidden()
    preview.show_bytes(content)
    assert preview.show_folder.isHidden()


def test_a_place_that_cannot_be_written_is_told(preview, tmp_path):
    (tmp_path / "file").write_text("x")
    preview.save_to(tmp_path / "file" / "a.pdf")
    assert "无法写入" in preview.words.text()


def test_the_dialog_proposes_the_name_of_the_paper(preview, monkeypatch):
    opened: list[Any] = []
    monkeypatch.setattr(QFileDialog, "open", lambda self, *_: opened.append(self))
    preview.save_button.click()
    (dialog,) = opened
    assert dialog.selectedFiles()[0].endswith("说明_一.pdf")
    dialog.deleteLater()


def test_words_take_the_place_of_a_document(preview):
    preview.say("还不能预览", "缺少发证日期")
    assert preview.is_empty
    assert preview.content == b""
