"""Preflight exists so that a name that cannot be printed is reported by its field before a page is drawn.

Every document is made from a dataclass of plain data. Its text fields carry the label the user knows them
by, so one walk over the data finds the label, the character and the code point of whatever no font has.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from desktop.documents.fonts import MissingGlyph, missing_characters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from _typeshed import DataclassInstance


def label(text: str) -> Mapping[str, str]:
    """Return the metadata that names a dataclass field for the user: ``field(metadata=label("姓名"))``."""
    return {"label": text}


def labelled_texts(data: DataclassInstance, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield (label, text) for every labelled text in ``data`` and in the dataclasses it holds.

    An entry of a list is named with its place in it: ``评价指标 2 · 计算公式``.
    """
    for field in dataclasses.fields(data):
        if "label" in field.metadata:
            yield from _texts(f"{place}{field.metadata['label']}", getattr(data, field.name))


def require_glyphs(*documents: DataclassInstance) -> None:
    """Raise :class:`MissingGlyph` naming every character in ``documents`` that no font can print."""
    missing = missing_characters(text for data in documents for text in labelled_texts(data))
    if missing:
        raise MissingGlyph(missing)


def _texts(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from labelled_texts(value, f"{name} · ")
    elif isinstance(value, tuple):
        for number, entry in enumerate(value, start=1):
            yield from _texts(f"{name} {number}", entry)
