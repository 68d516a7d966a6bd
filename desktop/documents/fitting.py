"""Fitting exists for one-page sheets: a long name shrinks, then takes a second line, and never runs out."""

from __future__ import annotations

import math
from dataclasses import replace

from desktop.documents.paragraph import Style, ZhParagraph

STEP = 0.5  # points
SMALLEST = 5.0  # points: what a laser printer still prints legibly
_SHRINK = 0.7  # of its size a line shrinks to before it becomes two


class TooMuchTextError(ValueError):
    """A text does not fit its place on a one-page sheet even in the smallest type."""


def fit_one_line(text: str, style: Style, width: float, *, smallest: float = SMALLEST) -> ZhParagraph:
    """Return ``text`` on one line of ``width`` points, in the largest type that fits.

    Raises :class:`TooMuchTextError` when it does not fit in type of ``smallest`` points.
    """
    paragraph = ZhParagraph(text, style)
    while len(paragraph.lines(width)) > 1:
        paragraph = _smaller(paragraph, smallest)
    return paragraph


def fit_line(
    text: str, style: Style, width: float, room: float = math.inf, *, smallest: float = SMALLEST
) -> ZhParagraph:
    """Return ``text`` on one line shrunk by three tenths at most, else on two even lines within ``room``.

    Raises :class:`TooMuchTextError` when two lines of ``smallest`` points do not hold it.
    """
    limit = max(smallest, style.size * _SHRINK)
    paragraph = ZhParagraph(text, style)
    while len(paragraph.lines(width)) > 1 and paragraph.style.size - STEP >= limit:
        paragraph = _smaller(paragraph, limit)
    while len(paragraph.lines(width)) > 2 or paragraph.height(width) > room:
        paragraph = _smaller(paragraph, smallest)
    return _balanced(paragraph, width) if len(paragraph.lines(width)) > 1 else paragraph


def fit_box(text: str, style: Style, width: float, room: float, *, smallest: float = SMALLEST) -> ZhParagraph:
    """Return ``text`` in the largest type up to ``style`` that fits ``width`` by ``room`` points.

    Raises :class:`TooMuchTextError` when it does not fit in type of ``smallest`` points.
    """
    paragraph = ZhParagraph(text, style)
    while paragraph.height(width) > room:
        paragraph = _smaller(paragraph, smallest)
    return paragraph


def _balanced(paragraph: ZhParagraph, width: float) -> ZhParagraph:
    """Return a paragraph of two lines with the break where the lines come out most even."""
    count = len(paragraph.lines(width))
    while len(paragraph.lines(width - paragraph.style.size / 2)) == count:
        width -= paragraph.style.size / 2
    broken = "\n".join(line.text for line in paragraph.lines(width))
    return replace(paragraph, text=broken)


def _smaller(paragraph: ZhParagraph, smallest: float) -> ZhParagraph:
    size = paragraph.style.size - STEP
    if size < smallest:
        raise TooMuchTextError(f"文字太多，一页放不下：{paragraph.text.strip()[:20]}……")
    leading = paragraph.style.leading * size / paragraph.style.size
    return replace(paragraph, style=replace(paragraph.style, size=size, leading=leading))
