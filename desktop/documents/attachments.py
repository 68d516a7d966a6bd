"""Attachments exist so that whatever was filed with a deal is bound as pages, and what cannot be is named.

A PDF keeps its pages, a picture gets a page it fits, anything else (and any file that is damaged, encrypted,
hostile or changed since it was filed) gets a sheet with its name, fingerprint and the reason.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pikepdf

from desktop.documents.binding import Binding, Box, Enclosure
from desktop.documents.flow import Block, Space
from desktop.documents.formtable import FormTable, Row, TableStyle, text_cell
from desktop.documents.image_stream import image_stream
from desktop.documents.inspection import INSPECTOR, DamagedFileError, HostileFileError
from desktop.documents.page import A4, MM, RECORD, Page, flow_pages
from desktop.documents.paragraph import ZhParagraph, show_text
from desktop.documents.pdf_pages import DAMAGED, UNTREATED, Treatment, treatment, visible_size
from desktop.documents.pictures import PictureError
from desktop.documents.styles import BODY, CENTER_CELL, LABEL_CELL, TEXT_CELL, TITLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from desktop.documents.dossier_data import DossierFile
    from desktop.documents.shelf import Shelf

_PICTURES = frozenset((".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp"))
_SHEET = TableStyle((32 * MM, 133 * MM), labels=LABEL_CELL)
_CAPTION = replace(CENTER_CELL, size=9)
_MENDED = "PDF 文件结构有缺损，已按可恢复的内容装订，请与原件核对。"
_ON_PAPER = "本件只有纸质原件，没有文件内容，随案卷另行保存。"
_AS_A_FILE = "电子文件，不能装订成页，原文件附在本案卷 PDF 的附件中，以下列指纹为准。"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file made ready for binding: its ``pages``, and what fetches the content that is laid under them.

    ``layers`` are pictures, one under each page, or one PDF; it lies under the last of the pages, as a note
    may go before them. ``problem`` says, in Chinese, why the file could not be bound or not quite.
    ``enclosed`` tells whether the file itself goes into the dossier: not when it is hostile or changed.
    """

    file: DossierFile
    pages: tuple[Page, ...]
    layers: tuple[Callable[[], bytes], ...] = ()
    problem: str = ""
    treated: Treatment = UNTREATED
    sha256: str = ""
    size: int | None = None
    enclosed: bool = False

    @property
    def title(self) -> str:
        """The title of the document in the contents list."""
        return self.file.title or self.file.name

    def lay(self, binding: Binding, first: int) -> None:
        """Lay the content under the pages, of which the first is page ``first`` (from 0) of the binding."""
        for place, fetch in enumerate(self.layers, start=first):
            content = fetch()
            if _is_pdf(content):
                bound = sum(1 for page in self.pages if page.label)
                binding.lay_pdf(first + len(self.pages) - bound, content)
            else:
                width, height = self.pages[place - first].size
                binding.lay_picture(place, content, Box(25 * MM, 22 * MM, width - 15 * MM, height - 22 * MM))

    def enclose(self, binding: Binding, number: int) -> None:
        """Put the file itself into the binding under its ``number`` in the contents list."""
        if self.enclosed and self.file.read:
            name, bound = f"{number:03d} {self.file.name}", bool(self.layers)
            about = Enclosure(name, self.file.media_type, "Source" if bound else "Supplement", self.title)
            binding.enclose(self.file.read(), about)


class _ChangedFileError(ValueError):
    """The file is not the one that was filed."""


def read_attachment(file: DossierFile, shelf: Shelf) -> Attachment:
    """Return ``file`` as pages; never raises for a bad file, but says on a sheet what is wrong with it.

    What had to be prepared now waits on ``shelf``.
    """
    known = Attachment(file, (), problem=_ON_PAPER, sha256=file.sha256)
    try:
        if file.read:
            data = file.read()
            known = replace(
                known, problem="", sha256=hashlib.sha256(data).hexdigest(), size=len(data), enclosed=True
            )
            return _bound(known, data, shelf)
    except OSError:
        known = replace(known, problem="文件不存在或无法读取，未予装订。", enclosed=False)
    except _ChangedFileError as error:
        known = replace(known, problem=f"{error}，未予装订，也未附入本案卷。", enclosed=False)
    except HostileFileError as error:
        reason = f"文件未通过安全检查（{error}），未予装订，也未附入本案卷。"
        known = replace(known, problem=reason, enclosed=False)
    except (DamagedFileError, PictureError) as error:
        known = replace(known, problem=str(error))
    except DAMAGED:
        known = replace(known, problem="PDF 文件已损坏，无法读取，未予装订。")
    return replace(known, pages=tuple(_note_pages(known)))


def _bound(known: Attachment, data: bytes, shelf: Shelf) -> Attachment:
    """Return the attachment with the pages of its content, or of the sheet that says it has none."""
    file = known.file
    if file.sha256 and file.sha256.lower() != known.sha256:
        raise _ChangedFileError("文件内容与归档时登记的 SHA-256 不一致")
    if file.prepared:
        contents, layers = [file.prepared()], [file.prepared]
    elif _is_pdf(data) or file.media_type == "application/pdf":
        contents = [INSPECTOR.pdf(data)]
        layers = [file.read if file.read and contents[0] is data else shelf.put(contents[0])]
    elif file.media_type.startswith("image/") or PurePath(file.name).suffix.lower() in _PICTURES:
        contents = INSPECTOR.sheets(data)
        layers = [shelf.put(content) for content in contents]
    else:
        raise DamagedFileError(_AS_A_FILE)
    if _is_pdf(contents[0]):
        return _pdf_pages(replace(known, layers=tuple(layers)), contents[0])
    pages = tuple(_picture_page(content, file) for content in contents)
    return replace(known, pages=pages, layers=tuple(layers))


def _is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def _pdf_pages(known: Attachment, content: bytes) -> Attachment:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        treated = treatment(pdf)
        pages = [Page(_paint_nothing, size=visible_size(page), label=True) for page in pdf.pages]
    problem = _MENDED if treated.mended else ""
    note = _note_pages(replace(known, problem=problem)) if problem else []
    return replace(known, pages=(*note, *pages), problem=problem, treated=treated)


def _paint_nothing(canvas: Any) -> None:
    """Leave the page to what is laid under it."""


def _picture_page(content: bytes, file: DossierFile) -> Page:
    """Return a page, lying when the picture lies, with the title of the document at its head."""
    image = image_stream(content)
    width, height = A4 if image.height >= image.width else (A4[1], A4[0])

    def paint(canvas: Any) -> None:
        caption = ZhParagraph(file.title or file.name, _CAPTION).shortened(width - 60 * MM, 0)
        show_text(canvas, width / 2, height - 14 * MM, caption.text, _CAPTION)

    return Page(paint, size=(width, height))


def _note_pages(attachment: Attachment) -> list[Page]:
    file, size = attachment.file, attachment.size
    facts = (
        ("题名", file.title),
        ("文件名", file.name),
        ("文件类型", file.media_type),
        ("文件大小", "" if size is None else f"{size:,} 字节"),
        ("SHA-256", attachment.sha256),
        ("备注", file.note),
    )
    rows = [
        Row((text_cell(name, LABEL_CELL, shaded=True), text_cell(value, TEXT_CELL))) for name, value in facts
    ]
    return flow_pages(list(_sheet(attachment.problem, rows)), RECORD)


def _sheet(problem: str, rows: Sequence[Row]) -> Iterator[Block]:
    yield ZhParagraph("附件说明", TITLE)
    yield Space(6 * MM)
    yield ZhParagraph(problem, BODY)
    yield Space(4 * MM)
    yield FormTable(_SHEET, rows)
