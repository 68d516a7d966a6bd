"""The evidence binder exists so that whoever reviews a figure turns to the page that proves it.

The catalogue comes first (i, ii, …), then every file of every piece of evidence, numbered through. The page
numbers are found by measuring before anything is drawn, and stand alike in the catalogue of the form.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, count
from typing import TYPE_CHECKING

from desktop.documents.archive import Conformance, Info
from desktop.documents.attachments import Attachment, read_attachment
from desktop.documents.binding import Binding
from desktop.documents.evaluation_data import EvaluationData, Evidence
from desktop.documents.evaluation_form import catalogue, cover
from desktop.documents.fonts import DRAWING
from desktop.documents.page import Bookmark, Page, write_pdf
from desktop.documents.preflight import require_glyphs
from desktop.documents.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from desktop.documents.signature import Signer

NAME = "evaluation-evidence"
LABEL = "绩效考核证据册"

# What is bound for one piece of evidence.
_Bound = tuple[Evidence, tuple[Attachment, ...]]


def numbered(data: EvaluationData, folder: Path) -> EvaluationData:
    """Return ``data`` with the pages each evidence has in the binder; ``folder`` holds what waits."""
    require_glyphs(data)
    with Shelf(folder) as shelf, DRAWING:
        return _placed(data, _read(data, shelf))


def write_evidence_binder(
    data: EvaluationData,
    path: Path,
    *,
    signer: Signer | None = None,
    step: Callable[[int, int], object] = lambda _done, _whole: None,
) -> None:
    """Write the binder as PDF/A-3b to ``path``, the files themselves inside, signed if there is a ``signer``.

    ``step`` is told after each piece of evidence how many are done of how many. A file that cannot be bound
    does not stop the binder: a sheet in its place says why. Raises MissingGlyph when a character is in no
    font, and OSError; then nothing is left at ``path``.
    """
    require_glyphs(data)
    info = Info(f"{data.agency}{data.year}年度{LABEL}", data.agency, data.scheme, data.prepared)
    with Shelf(path.parent) as shelf, DRAWING:
        bound = _read(data, shelf)
        placed = _placed(data, bound)
        front = _front(placed)
        pages = [*front, *(page for evidence in bound for page in _pages(*evidence))]
        own = write_pdf(pages, info, conformance=Conformance.A3B)
        with Binding(own, info, path.parent) as binding:
            first, numbers = len(front), count(1)
            for done, (_, attachments) in enumerate(bound, start=1):
                for attachment in attachments:
                    attachment.lay(binding, first)
                    attachment.enclose(binding, next(numbers))
                    first += len(attachment.pages)
                step(done, len(bound))
            binding.save(path, signer)


def _read(data: EvaluationData, shelf: Shelf) -> list[_Bound]:
    return [(entry, tuple(read_attachment(file, shelf) for file in entry.files)) for entry in data.evidence]


def _placed(data: EvaluationData, bound: Sequence[_Bound]) -> EvaluationData:
    """Return ``data`` with the page numbers of what is ``bound``."""
    sizes = [sum(len(attachment.pages) for attachment in attachments) for _, attachments in bound]
    starts = accumulate(sizes, initial=1)
    entries = (
        replace(entry, pages=size, place=_span(start, size)) if size else entry
        for (entry, _), size, start in zip(bound, sizes, starts, strict=False)
    )
    return replace(data, evidence=tuple(entries))


def _span(start: int, size: int) -> str:
    return f"{start}" if size == 1 else f"{start}-{start + size - 1}"


def _front(data: EvaluationData) -> list[Page]:
    """Return the cover, which bears no number, and the catalogue."""
    pages = [replace(page, numbered=False) for page in cover(data, LABEL)]
    return [replace(page, front=True) for page in (*pages, *catalogue(data))]


def _pages(entry: Evidence, attachments: Sequence[Attachment]) -> Iterator[Page]:
    """Yield the pages bound for ``entry``; the bookmarks name it and each file of it."""
    marks = [(f"{entry.number} {entry.title}".strip(), 0)]
    for attachment in attachments:
        marks.append((attachment.title, 1))
        head, *rest = attachment.pages
        yield replace(head, bookmarks=tuple(Bookmark(text, level, head.size[1]) for text, level in marks))
        yield from rest
        marks = []
