"""Reads a tagged PDF as an assistive program does, by its structure, and shares no code with what wrote it.

The text of the codes (through each font's map) and the replacement text of a line must say the same.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pikepdf

from desktop.documents.fonts import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

# Elements that hold elements; of all others the text is one piece.
GROUPS = ("/Document", "/Sect", "/Table", "/TR", "/THead", "/TBody", "/L", "/LI")
_MAPPED = re.compile(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", re.MULTILINE)


def read_texts(pdf: bytes) -> list[str]:
    """Return the text of each element of the structure tree, in its order.

    Spaces are left out: a line break swallows some. What is an artifact does not count.
    """
    with pikepdf.open(io.BytesIO(pdf)) as file:
        marked = {sheet.objgen: _Sheet(sheet).texts for sheet in file.pages}
        return [text for text in _walk(file.Root.StructTreeRoot.K, marked) if text]


def solid(text: str) -> str:
    """Return ``text`` as it is printed, without spaces and line feeds."""
    return re.sub(r"[ \n]", "", printable(text))


def _walk(element: Any, marked: dict[Any, dict[int, str]]) -> Iterator[str]:
    kids = element.get("/K", ())
    for kid in kids if isinstance(kids, (pikepdf.Array, tuple)) else [kids]:
        if isinstance(kid, int):
            yield marked[element.Pg.objgen].get(kid, "")
        elif "/MCID" in kid:
            yield marked[kid.Pg.objgen].get(int(kid.MCID), "")
        else:
            texts = [*_walk(kid, marked)]
            yield from texts if kid.get("/S") in GROUPS else ["".join(texts)]


@dataclass
class _Span:
    """Marked content that is open: its number on the page, its replacement text and what was shown in it."""

    number: int | None
    actual: str | None
    shown: list[str] = field(default_factory=list)


class _Sheet:
    """The text of each piece of marked content on a page, by its number."""

    def __init__(self, sheet: Any) -> None:
        self.texts: dict[int, str] = {}
        self._maps = {name: _unicode_map(font) for name, font in sheet.Resources.Font.items()}
        self._font: dict[int, str] = {}
        self._open = [_Span(None, None)]
        for instruction in pikepdf.parse_content_stream(sheet):
            self._follow(str(instruction.operator), list(instruction.operands))

    def _follow(self, operator: str, operands: list[Any]) -> None:
        if operator in ("BDC", "BMC"):
            self._begin(operands[1] if operator == "BDC" else {})
        elif operator == "EMC":
            self._end()
        elif operator == "Tf":
            self._font = self._maps[str(operands[0])]
        elif operator == "Tj":
            self._show(operands)
        elif operator == "TJ":
            self._show(part for part in operands[0] if isinstance(part, pikepdf.String))

    def _begin(self, properties: Any) -> None:
        number = int(properties["/MCID"]) if "/MCID" in properties else self._open[-1].number
        actual = str(properties["/ActualText"]) if "/ActualText" in properties else None
        self._open.append(_Span(number, actual))

    def _end(self) -> None:
        span = self._open.pop()
        shown = "".join(span.shown)
        assert span.actual is None or solid(span.actual) == solid(shown), (span.actual, shown)
        if span.number == self._open[-1].number:
            self._open[-1].shown.append(shown)  # a line within a paragraph
        elif span.number is not None:
            self.texts[span.number] = self.texts.get(span.number, "") + solid(shown)

    def _show(self, strings: Any) -> None:
        codes = b"".join(map(bytes, strings))
        self._open[-1].shown += (
            self._font[int.from_bytes(codes[i : i + 2], "big")] for i in range(0, len(codes), 2)
        )


def _unicode_map(font: Any) -> dict[int, str]:
    pairs = _MAPPED.findall(font.ToUnicode.read_bytes())
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}
