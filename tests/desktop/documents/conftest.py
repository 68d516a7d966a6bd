"""Readers of what was printed: the text and the picture a PDF viewer makes of a document."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtPdf import QPdfDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def opened(qapp) -> Iterator[Callable[[bytes], QPdfDocument]]:
    kept: list[tuple[QPdfDocument, QBuffer, QByteArray]] = []

    def open_pdf(data: bytes) -> QPdfDocument:
        content = QByteArray(data)
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        document = QPdfDocument()
        kept.append((document, buffer, content))
        document.load(buffer)
        assert document.status() == QPdfDocument.Status.Ready
        return document

    yield open_pdf
    for document, buffer, _ in kept:
        document.close()
        buffer.close()


@pytest.fixture
def read_pages(opened) -> Callable[[bytes], list[str]]:
    """Return the text of each page, line breaks left out."""

    def read(data: bytes) -> list[str]:
        document = opened(data)
        texts = (document.getAllText(number).text() for number in range(document.pageCount()))
        return [text.replace("\r", "").replace("\n", "") for text in texts]

    return read


@pytest.fixture
def render(opened) -> Callable[..., Image.Image]:
    """Return one page as a picture, ``width`` pixels wide."""

    def draw(data: bytes, page: int = 0, width: int = 1200) -> Image.Image:
        document = opened(data)
        size = document.pagePointSize(page)
        image = document.render(page, QSize(width, round(width * size.height() / size.width())))
        content = QBuffer()
        content.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(content, "PNG")
        picture = Image.open(io.BytesIO(bytes(content.data().data())))
        paper = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")

    return draw
