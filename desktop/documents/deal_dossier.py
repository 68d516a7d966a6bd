"""The deal dossier exists so that one file holds a deal's whole record, in binding order and numbered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desktop.documents.attachments import Attachment, lay_under, read_attachment
from desktop.documents.dossier_data import (
    DossierAmount,
    DossierData,
    DossierFile,
    DossierParty,
    DossierPayment,
    DossierSection,
    MissingItem,
)
from desktop.documents.dossier_sheets import (
    Count,
    closing_sheet,
    contents,
    cover,
    fact_sheet,
    missing_list,
)
from desktop.documents.fonts import DRAWING
from desktop.documents.page import RECORD, Bookmark, Info, Page, flow_pages, write_pdf
from desktop.documents.preflight import require_glyphs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from desktop.documents.flow import Block

NAME = "dossier"
LABEL = "技术交易案卷"

__all__ = [
    "LABEL",
    "NAME",
    "DossierAmount",
    "DossierData",
    "DossierFile",
    "DossierParty",
    "DossierPayment",
    "DossierSection",
    "MissingItem",
    "draw_dossier",
    "write_dossier",
]


def draw_dossier(data: DossierData) -> bytes:
    """Return the dossier as a PDF: cover, contents, facts, documents, missing items, closing sheet.

    Raises MissingGlyph when a character is in no font. A file that cannot be bound (damaged, encrypted,
    absent, changed since it was filed) does not stop the dossier: a sheet in its place says why.
    """
    require_glyphs(data)
    with DRAWING:
        sections = [(section, [read_attachment(f) for f in section.files]) for section in data.sections]
        bound = [attachment for _, attachments in sections for attachment in attachments]
        body = [page for section, files in sections for page in _section_pages(section, files)]
        front, back = _own_pages(data, bound, len(body))
        info = Info(f"{LABEL}：{data.title}", data.agency, data.contract_type, data.prepared)
        document = write_pdf([*front, *body, *back], info)
    if not any(attachment.pdf for attachment in bound):
        return document
    sources = [source for attachment in bound for source in attachment.sources]
    return lay_under(document, [*[None] * len(front), *sources, *[None] * len(back)])


def write_dossier(data: DossierData, path: Path) -> None:
    """Write the dossier to ``path``; raises as :func:`draw_dossier`, and OSError."""
    path.write_bytes(draw_dossier(data))


def _section_pages(section: DossierSection, attachments: Sequence[Attachment]) -> Iterator[Page]:
    """Yield the pages of one kind of document; the bookmarks name it and each file in it."""
    name = f"{section.number} {section.title}".strip()
    marks = [(name, 0)]
    for attachment in attachments:
        marks.append((attachment.title, 1))
        head, *rest = attachment.pages
        yield replace(head, bookmarks=tuple(Bookmark(text, level, head.size[1]) for text, level in marks))
        yield from rest
        marks = []


def _own_pages(data: DossierData, bound: Sequence[Attachment], body: int) -> tuple[list[Page], list[Page]]:
    """Return the pages before and after the documents.

    Their number does not depend on the numbers printed on them (the columns are wide enough for any), so
    a first setting with zeros tells where the documents begin.
    """
    count = Count(len(bound), sum(1 for attachment in bound if attachment.problem), 0)
    front, back = _front(data, bound, 0), _back(data, count)
    count = replace(count, pages=len(front) + body + len(back))
    return _front(data, bound, len(front) + 1), _back(data, count)


def _front(data: DossierData, bound: Sequence[Attachment], start: int) -> list[Page]:
    entries = []
    for attachment in bound:
        stop = start + len(attachment.pages) - 1
        entries.append((attachment.file, f"{start}" if stop == start else f"{start}-{stop}"))
        start = stop + 1
    return [*_set(cover(data)), *_set(contents(entries)), *_set(fact_sheet(data))]


def _back(data: DossierData, count: Count) -> list[Page]:
    return [*(_set(missing_list(data)) if data.missing else ()), *_set(closing_sheet(data, count))]


def _set(blocks: Iterable[Block]) -> list[Page]:
    return flow_pages(list(blocks), RECORD)
