"""Fitting exists for one-page sheets: a long name shrinks, then takes a second line, and never runs out."""

from __future__ import annotations

from dataclasses import replace

from desktop.documents.paragraph import Style, ZhParagraph

_STEP = 0.5  # points
_SMALLEST = 5.0  # points: what a laser printer still prints legibly


class TooMuchTextError(ValueError):
    """A text does not fit its place on a one-page sheet even in the smallest type."""


def fit_line(text: str, style: Style, width: float, *, shrink: float = 0.7) -> ZhParagraph:
    """Return ``text`` on one line of ``width`` points, shrunk to ``shrink`` of its size at most, else on two.

    Raises :class:`TooMuchTextError` when two lines in the smallest type do not hold it.
    """
    paragraph = ZhParagraph(text, style)
    while len(paragraph.lines(width)) > 1 and paragraph.style.size - _STEP >= style.size * shrink:
        paragraph = _smaller(paragraph)
    paragraph = _until(paragraph, width, 2 * paragraph.style.leading)
    return _balanced(paragraph, width) if len(paragraph.lines(width)) > 1 else paragraph


def fit_box(text: str, style: Style, width: float, room: float) -> ZhParagraph:
    """Return ``text`` in the largest type up to ``style`` that fits ``width`` by ``room`` points."""
    return _until(ZhParagraph(text, style), width, room)


def _until(paragraph: ZhParagraph, width: float, room: float) -> ZhParagraph:
    while paragraph.height(width) > room:
        if paragraph.style.size - _STEP < _SMALLEST:
            raise TooMuchTextError(f"文字太多，一页放不下：{paragraph.text[:20]}……")
        paragraph = _smaller(paragraph)
    return paragraph


def _balanced(paragraph: ZhParagraph, width: float) -> ZhParagraph:
    """Return a paragraph of two lines with the break where the lines come out most even."""
    count = len(paragraph.lines(width))
    while len(paragraph.lines(width - paragraph.style.size / 2)) == count:
        width -= paragraph.style.size / 2
    broken = "\n".join(line.text for line in paragraph.lines(width))
    return replace(paragraph, text=broken)


def _smaller(paragraph: ZhParagraph) -> ZhParagraph:
    size = paragraph.style.size - _STEP
    leading = paragraph.style.leading * size / paragraph.style.size
    return replace(paragraph, style=replace(paragraph.style, size=size, leading=leading))
