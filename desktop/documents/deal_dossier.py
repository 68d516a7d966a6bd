"""The deal dossier exists so that one file holds a deal's whole record, in binding order and numbered.

It is PDF/A-3b: cover and contents list (i, ii, …), then the numbered body of fact sheet, papers and missing
items, the closing sheet, and inside the file every paper as it was filed and the data as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pikepdf import Dictionary, Name

from desktop.documents import dossier_record
from desktop.documents.archive import Conformance, Info
from desktop.documents.attachments import Attachment, read_attachment
from desktop.documents.binding import Binding, Link
from desktop.documents.dossier_data import (
    DossierAmount,
    DossierData,
    DossierFile,
    DossierParty,
    DossierPayment,
    DossierSection,
    ExemptItem,
    MissingItem,
)
from desktop.documents.dossier_sheets import (
    ContentsLine,
    Count,
    closing_sheet,
    contents,
    cover,
    fact_sheet,
    missing_list,
)
from desktop.documents.fonts import DRAWING
from desktop.documents.page import RECORD, Bookmark, Page, flow_pages, write_pdf
from desktop.documents.preflight import require_glyphs
from desktop.documents.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from desktop.documents.flow import Block
    from desktop.documents.signature import Signer

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
    "ExemptItem",
    "MissingItem",
    "write_dossier",
]


def write_dossier(data: DossierData, path: Path, *, signer: Signer | None = None) -> None:
    """Write the dossier as PDF/A-3b to ``path``, signed if there is a ``signer``.

    A file that cannot be bound (damaged, encrypted, hostile, absent, changed since it was filed) does not
    stop the dossier: a sheet in its place says why. Raises MissingGlyph when a character is in no font, and
    OSError; then nothing is left at ``path``.
    """
    require_glyphs(data)
    with Shelf(path.parent) as shelf, DRAWING:
        volume = _Volume.measured(data, shelf)
        links: list[Link] = []
        info = Info(f"{LABEL}：{data.title}", data.agency, data.contract_type, data.prepared)
        own = write_pdf(volume.pages(links), info, conformance=Conformance.A3B)
        with Binding(own, info, path.parent) as binding:
            for number, (attachment, start) in enumerate(
                zip(volume.bound, volume.starts, strict=True), start=1
            ):
                attachment.lay(binding, volume.front + start - 1)
                attachment.enclose(binding, number)
            record = dossier_record.dossier_record(data, volume.bound, volume.starts)
            binding.enclose(record, dossier_record.ABOUT)
            binding.link(links)
            binding.label(volume.labels())
            binding.save(path, signer)


@dataclass(frozen=True, slots=True)
class _Volume:
    """The dossier measured: how many pages it has where, known before the first is drawn.

    ``front`` is the number of pages before the body, ``starts`` the 页号 of each document's first page.
    """

    data: DossierData
    sections: tuple[tuple[DossierSection, tuple[Attachment, ...]], ...]
    facts: tuple[Page, ...]
    missing: tuple[Page, ...]
    front: int = 0

    @classmethod
    def measured(cls, data: DossierData, shelf: Shelf) -> _Volume:
        """Return the volume of ``data``; what had to be prepared waits on ``shelf``."""
        sections = tuple((s, tuple(read_attachment(file, shelf) for file in s.files)) for s in data.sections)
        asked = data.missing or data.exempt
        missing = _set(missing_list(data)) if asked else ()
        volume = cls(data, sections, tuple(_set(fact_sheet(data))), tuple(missing))
        # The columns are wide enough for any number, so a setting with others tells how many pages it takes.
        return replace(volume, front=len(volume.front_pages([])))

    @property
    def bound(self) -> list[Attachment]:
        """All documents in binding order."""
        return [attachment for _, attachments in self.sections for attachment in attachments]

    @property
    def starts(self) -> list[int]:
        """The 页号 of the first page of each document."""
        starts, number = [], len(self.facts) + 1
        for attachment in self.bound:
            starts.append(number)
            number += len(attachment.pages)
        return starts

    @property
    def body(self) -> int:
        """How many pages bear a number."""
        papers = sum(len(attachment.pages) for attachment in self.bound)
        return len(self.facts) + papers + len(self.missing)

    def pages(self, links: list[Link]) -> list[Page]:
        """Return all pages; the places in the contents list that lead to others are noted in ``links``."""
        papers = (page for section, files in self.sections for page in _section_pages(section, files))
        return [*self.front_pages(links), *self.facts, *papers, *self.missing, *self._back_pages()]

    def front_pages(self, links: list[Link]) -> list[Page]:
        """Return cover and contents list; the cover bears no number."""
        covers = [_set(cover(self.data, air)) for air in (1.0, 0.6, 0.3, 0.0)]  # long names cost space
        sheet = [replace(page, numbered=False) for page in min(covers, key=len)]
        listed = _set(contents(list(self._lines()), links))
        return [replace(page, front=True) for page in (*sheet, *listed)]

    def labels(self) -> Iterator[tuple[int, Dictionary]]:
        """Yield how viewers count: i, ii, …, then 1, 2, …, and the closing sheet by its name."""
        yield 0, Dictionary(S=Name.r)
        yield self.front, Dictionary(S=Name.D)
        yield self.front + self.body, Dictionary(P="备考表")

    def _back_pages(self) -> list[Page]:
        """Return the closing sheet; like the cover it is no page of the body (GB/T 11822-2008)."""
        bound = self.bound
        count = Count(
            files=len(bound),
            unbound=sum(1 for attachment in bound if attachment.problem),
            rendered=sum(1 for attachment in bound if attachment.treated.rendered),
            pages=self.body,
        )
        return [replace(p, front=True, numbered=False) for p in _set(closing_sheet(self.data, count))]

    def _lines(self) -> Iterator[ContentsLine]:
        data = self.data
        yield self._own_line("交易概况", 1, len(self.facts))
        for number, (attachment, start) in enumerate(zip(self.bound, self.starts, strict=True), start=1):
            file = attachment.file
            yield ContentsLine(
                number=str(number),
                reference=file.reference,
                responsible=file.responsible,
                title=attachment.title,
                date=file.date,
                pages=_span(start, len(attachment.pages)),
                note=file.note,
                target=self.front + start - 1,
            )
        if self.missing:
            what = "缺件清单" if data.missing else "不适用材料清单"
            yield self._own_line(what, self.body - len(self.missing) + 1, len(self.missing))

    def _own_line(self, title: str, start: int, count: int) -> ContentsLine:
        return ContentsLine(
            title=title,
            responsible=self.data.agency,
            date=self.data.prepared,
            pages=_span(start, count),
            target=self.front + start - 1,
        )


def _span(start: int, count: int) -> str:
    return f"{start}" if count == 1 else f"{start}-{start + count - 1}"


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


def _set(blocks: Iterable[Block]) -> list[Page]:
    return flow_pages(list(blocks), RECORD)
