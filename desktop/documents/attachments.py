"""Attachments exist so that whatever was filed with a deal is bound as pages, and what cannot be is named.

A PDF keeps its pages as they are, a picture gets a page it fits, anything else (and any file that is
damaged, encrypted or changed since it was filed) gets a sheet with its name, fingerprint and the reason.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pikepdf

from desktop.documents.flow import Block, Space
from desktop.documents.formtable import FormTable, Row, TableStyle, text_cell
from desktop.documents.page import A4, MM, RECORD, Page, flow_pages
from desktop.documents.paragraph import ZhParagraph, show_text
from desktop.documents.pictures import Picture, PictureError, open_pictures
from desktop.documents.styles import BODY, CENTER_CELL, LABEL_CELL, TEXT_CELL, TITLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from desktop.documents.dossier_data import DossierFile

_PICTURES = frozenset((".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp"))
# What pikepdf raises, at any depth, for a file whose structure is not what it should be.
_DAMAGED = (pikepdf.PdfError, RuntimeError, ValueError, TypeError, LookupError, AttributeError)
_SHEET = TableStyle((32 * MM, 133 * MM), labels=LABEL_CELL)
_CAPTION = replace(CENTER_CELL, size=9)
_LARGEST, _SMALLEST = 5000.0, 72.0  # points: a page beyond these is fitted to A4


_MENDED = "PDF 文件结构有缺损，已按可恢复的内容装订，请与原件核对。"


class UnreadableError(ValueError):
    """A file cannot be bound as pages; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file made ready for binding: its ``pages``, and the open PDF whose pages are laid under them.

    ``problem`` says, in Chinese, why the file could not be bound or not quite; it is on the first page then.
    """

    file: DossierFile
    pages: tuple[Page, ...]
    pdf: pikepdf.Pdf | None = None
    problem: str = ""

    @property
    def title(self) -> str:
        """The title of the document in the contents list."""
        return self.file.title or self.file.name

    @property
    def sources(self) -> Sequence[pikepdf.Page | None]:
        """What is laid under each of the pages, nothing under a note that goes before them."""
        sources = list(self.pdf.pages) if self.pdf else []
        return [*[None] * (len(self.pages) - len(sources)), *sources]


def read_attachment(file: DossierFile) -> Attachment:
    """Return ``file`` as pages; never raises for a bad file, but says on a sheet what is wrong with it."""
    digest, size = file.sha256, None
    try:
        data = _content(file)
        digest, size = hashlib.sha256(data).hexdigest(), len(data)
        _require_unchanged(file, digest)
        if _is_pdf(file, data):
            pdf = _open_pdf(data)
            problem = _MENDED if any("file is damaged" in line for line in pdf.get_warnings()) else ""
            notes = _named_pages(file, digest, size, problem) if problem else []
            pages = (*notes, *(_pdf_page(page) for page in pdf.pages))
            return Attachment(file, pages, pdf, problem)
        if _is_picture(file):
            pictures = [_picture_page(picture, file) for picture in open_pictures(data)]
            return Attachment(file, tuple(pictures))
        problem = "电子文件，不能装订成页，随案卷另行保存，以下列指纹为准。"
    except (UnreadableError, PictureError) as error:
        problem = str(error)
    return Attachment(file, tuple(_named_pages(file, digest, size, problem)), problem=problem)


def lay_under(document: bytes, sources: Sequence[pikepdf.Page | None]) -> bytes:
    """Return ``document`` with the given PDF page laid under each of its pages (None: nothing)."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        for page, source in zip(pdf.pages, sources, strict=True):
            if source is not None:
                _underlay(pdf, page, source)
        buffer = io.BytesIO()
        pdf.save(buffer, deterministic_id=True)
        return buffer.getvalue()


def _underlay(pdf: pikepdf.Pdf, page: pikepdf.Page, source: pikepdf.Page) -> None:
    """Do what ``page.add_underlay`` does, under a fixed name: its random one changes the file."""
    name = pikepdf.Name("/Bound")
    form = pdf.copy_foreign(source.as_form_xobject())
    page.add_resource(form, pikepdf.Name.XObject, name)
    room = pikepdf.Rectangle(page.trimbox)
    placement = page.calc_form_xobject_placement(
        form, name, room, invert_transformations=True, allow_shrink=True, allow_expand=True
    )
    page.contents_add(placement, prepend=True)


def _content(file: DossierFile) -> bytes:
    if file.data is not None:
        return file.data
    if file.path is None:
        raise UnreadableError("没有文件内容。")
    try:
        return file.path.read_bytes()
    except OSError as error:
        raise UnreadableError("文件不存在或无法读取，未予装订。") from error


def _require_unchanged(file: DossierFile, digest: str) -> None:
    if file.sha256 and file.sha256.lower() != digest:
        raise UnreadableError("文件内容与归档时登记的 SHA-256 不一致，未予装订。")


def _is_pdf(file: DossierFile, data: bytes) -> bool:
    return file.media_type == "application/pdf" or b"%PDF-" in data[:1024]


def _is_picture(file: DossierFile) -> bool:
    return file.media_type.startswith("image/") or PurePath(file.name).suffix.lower() in _PICTURES


def _open_pdf(data: bytes) -> pikepdf.Pdf:
    """Return a PDF with its seals and signatures (which are annotations) made part of the pages.

    A trial binding finds damage that shows only when a page is used.
    """
    try:
        pdf = pikepdf.open(io.BytesIO(data))
        pdf.flatten_annotations("all")
        with pikepdf.new() as trial:
            for page in pdf.pages:
                _underlay(trial, trial.add_blank_page(page_size=_visible_size(page)), page)
            trial.save(io.BytesIO(), compress_streams=False)
    except pikepdf.PasswordError as error:
        raise UnreadableError("PDF 文件已加密，需要密码，未予装订；请提供未加密的文件。") from error
    except _DAMAGED as error:
        raise UnreadableError("PDF 文件已损坏，无法读取，未予装订。") from error
    if not pdf.pages:
        raise UnreadableError("PDF 文件中没有页面，未予装订。")
    return pdf


def _visible_size(page: pikepdf.Page) -> tuple[float, float]:
    """Return width and height of a page as a reader shows it, in points; A4 when they make no sense."""
    left, bottom, right, top = (float(edge) for edge in page.trimbox)
    width, height = abs(right - left), abs(top - bottom)
    if page.rotation % 180:
        width, height = height, width
    sensible = all(_SMALLEST <= side <= _LARGEST for side in (width, height))
    return (width, height) if sensible else A4


def _pdf_page(source: pikepdf.Page) -> Page:
    return Page(_paint_nothing, size=_visible_size(source), label=True)


def _paint_nothing(canvas: Any) -> None:
    """Leave the page to what is laid under it."""


def _picture_page(picture: Picture, file: DossierFile) -> Page:
    """Return a page, lying when the picture lies, with the picture as large as it gets."""
    width, height = A4 if picture.height >= picture.width else (A4[1], A4[0])

    def paint(canvas: Any) -> None:
        picture.draw(canvas, 25 * MM, 22 * MM, width - 40 * MM, height - 44 * MM)
        caption = ZhParagraph(file.title or file.name, _CAPTION).shortened(width - 60 * MM, 0)
        show_text(canvas, width / 2, height - 14 * MM, caption.text, _CAPTION)

    return Page(paint, size=(width, height))


def _named_pages(file: DossierFile, digest: str, size: int | None, problem: str) -> list[Page]:
    facts = (
        ("题名", file.title),
        ("文件名", file.name),
        ("文件类型", file.media_type),
        ("文件大小", "" if size is None else f"{size:,} 字节"),
        ("SHA-256", digest),
        ("备注", file.note),
    )
    rows = [
        Row((text_cell(name, LABEL_CELL, shaded=True), text_cell(value, TEXT_CELL))) for name, value in facts
    ]
    return flow_pages(list(_sheet(problem, rows)), RECORD)


def _sheet(problem: str, rows: Sequence[Row]) -> Iterator[Block]:
    yield ZhParagraph("附件说明", TITLE)
    yield Space(6 * MM)
    yield ZhParagraph(problem, BODY)
    yield Space(4 * MM)
    yield FormTable(_SHEET, rows)
