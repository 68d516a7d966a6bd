"""Pages of other PDFs are handled here, as the program and its inspection child both need them.

A prepared file says in itself what was done to it, so that no list beside it can be lost.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass

import pikepdf

_MM = 72 / 25.4  # points
A4_POINTS = (210 * _MM, 297 * _MM)
# What pikepdf raises, at any depth, for a file whose structure is not what it should be.
DAMAGED = (pikepdf.PdfError, RuntimeError, ValueError, TypeError, LookupError, AttributeError)

_LARGEST, _SMALLEST = 5000.0, 72.0  # points: a page beyond these is fitted to A4
_NOTE = "/TransferDesk"  # the entry of the information dictionary that tells the treatment


@dataclass(frozen=True, slots=True)
class Treatment:
    """What was done to a PDF before its pages could be bound; ``rendered`` are page numbers from 1."""

    rendered: tuple[int, ...] = ()
    mended: bool = False
    scripted: bool = False


UNTREATED = Treatment()


def treatment(pdf: pikepdf.Pdf) -> Treatment:
    """Return what the inspection did to a file, nothing for a file it left as it is."""
    with contextlib.suppress(*DAMAGED):
        noted = json.loads(str(pdf.trailer.Info[_NOTE]))
        return Treatment(tuple(noted["rendered"]), bool(noted["mended"]), bool(noted["scripted"]))
    return UNTREATED


def note_treatment(pdf: pikepdf.Pdf, done: Treatment) -> None:
    """Write into a file what was done to it, and nothing else about it."""
    pdf.trailer.Info = pdf.make_indirect(pikepdf.Dictionary({_NOTE: json.dumps(asdict(done))}))


def visible_size(page: pikepdf.Page) -> tuple[float, float]:
    """Return width and height of a page as a reader shows it, in points; A4 when they make no sense."""
    left, bottom, right, top = (float(edge) for edge in page.trimbox)
    width, height = abs(right - left), abs(top - bottom)
    if page.rotation % 180:
        width, height = height, width
    sensible = all(_SMALLEST <= side <= _LARGEST for side in (width, height))
    return (width, height) if sensible else A4_POINTS


def lay_under(pdf: pikepdf.Pdf, page: pikepdf.Page, source: pikepdf.Page) -> None:
    """Do what ``page.add_underlay`` does, under a fixed name: its random one changes the file."""
    name = pikepdf.Name("/Bound")
    form = pdf.copy_foreign(source.as_form_xobject())
    page.add_resource(form, pikepdf.Name.XObject, name)
    room = pikepdf.Rectangle(page.trimbox)
    placement = page.calc_form_xobject_placement(
        form, name, room, invert_transformations=True, allow_shrink=True, allow_expand=True
    )
    page.contents_add(placement, prepend=True)
