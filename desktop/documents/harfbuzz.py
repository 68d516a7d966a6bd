"""HarfBuzz faces exist because ReportLab cannot open the CFF fonts that hold every Chinese name.

A :class:`Face` is memory-mapped, never parsed up front, answers glyph and width questions and cuts the
subset that is embedded in a document.
"""

from __future__ import annotations

import struct
from functools import cached_property
from typing import TYPE_CHECKING

import uharfbuzz as hb
from fontTools.ttLib import TTFont

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Tables a PDF reader never asks for; without them the subset is a third smaller.
_DROPPED = ("BASE", "DSIG", "GDEF", "GPOS", "GSUB", "OS/2", "VORG", "cmap", "name", "post", "vhea", "vmtx")


class Face:
    """One CID-keyed OpenType/CFF font file; all measures are in thousandths of an em."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._face = hb.Face(hb.Blob.from_file_path(str(path)))
        self._font = hb.Font(self._face)
        self._per_unit = 1000.0 / self._face.upem
        self._glyphs: dict[str, int] = {}
        self._advances: dict[int, float] = {}
        extents = self._font.get_font_extents("ltr")
        self.ascent = extents.ascender * self._per_unit
        self.descent = extents.descender * self._per_unit
        self.postscript_name = self._face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME)

    @cached_property
    def bounding_box(self) -> tuple[int, int, int, int]:
        """The box that holds every glyph: left, bottom, right, top (table ``head``, bytes 36 to 44)."""
        head = bytes(self._face.reference_table("head").data)
        left, bottom, right, top = (round(v * self._per_unit) for v in struct.unpack(">4h", head[36:44]))
        return left, bottom, right, top

    @cached_property
    def _cids(self) -> list[int]:
        """CID of each glyph: the charset stays as it is in a subset, and in these fonts CID is not GID."""
        with TTFont(self._path, lazy=True) as font:
            charset = font["CFF "].cff[0].charset
            return [0 if name == ".notdef" else int(name.removeprefix("cid")) for name in charset]

    def glyph(self, char: str) -> int:
        """Return the glyph number of ``char``, 0 when the face does not have it."""
        glyph = self._glyphs.get(char)
        if glyph is None:
            glyph = self._glyphs[char] = self._font.get_nominal_glyph(ord(char)) or 0
        return glyph

    def advance(self, glyph: int) -> float:
        """Return how far ``glyph`` moves the pen."""
        advance = self._advances.get(glyph)
        if advance is None:
            advance = self._advances[glyph] = self._font.get_glyph_h_advance(glyph) * self._per_unit
        return advance

    def cid(self, glyph: int) -> int:
        """Return the character identifier under which an embedded subset knows ``glyph``."""
        return self._cids[glyph]

    def subset(self, glyphs: Iterable[int]) -> bytes:
        """Return a bare CFF font program (PDF ``CIDFontType0C``) with ``glyphs`` and .notdef only."""
        order = hb.SubsetInput()
        order.sets(hb.SubsetInputSets.GLYPH_INDEX).update({0, *glyphs})
        order.flags = (
            hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NOTDEF_OUTLINE | hb.SubsetFlags.NO_LAYOUT_CLOSURE
        )
        order.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in _DROPPED)
        cut = hb.SubsetPlan(self._face, order).execute()
        return bytes(cut.reference_table("CFF ").data)
