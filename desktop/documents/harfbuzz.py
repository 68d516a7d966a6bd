"""HarfBuzz faces exist because ReportLab cannot open the CFF fonts that hold every Chinese name.

A :class:`Face` is memory-mapped, never parsed up front, answers glyph and width questions and cuts the
subset that is embedded in a document.
"""

from __future__ import annotations

import hashlib
import struct
import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING

import uharfbuzz as hb
from fontTools.ttLib import TTFont

from desktop.documents.cff import with_plain_selector

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

# Tables a PDF reader never asks for; without them the subset is a third smaller.
_DROPPED = tuple(
    int.from_bytes(tag, "big")
    for tag in (
        *(b"BASE", b"DSIG", b"GDEF", b"GPOS", b"GSUB", b"OS/2", b"VORG", b"cmap"),
        *(b"gasp", b"name", b"post", b"vhea", b"vmtx"),
    )
)
# ASCII, punctuation and the 20,992 hanzi of the first block: what a prepared face has at hand.
_USUAL = (*range(0x20, 0x7F), *range(0x2010, 0x2040), *range(0x3000, 0x3020), *range(0x4E00, 0xA000),
          *range(0xFF00, 0xFFF0))  # fmt: skip
# Outlines without shared subroutines are longer, yet a sixth shorter when compressed. Hints stay: they make
# small type clearer, and a validator of PDF/A cannot read the width of every outline without them.
_FLAGS = hb.SubsetFlags.NOTDEF_OUTLINE | hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.DESUBROUTINIZE


class Face:
    """One face of an OpenType file, TrueType or CID-keyed CFF; all measures are in thousandths of an em.

    ``index`` is the place of the face in a collection (.ttc).
    """

    def __init__(self, path: Path, index: int = 0) -> None:
        self._path = path
        self._index = index
        self._face = hb.Face(hb.Blob.from_file_path(str(path)), index)
        self._small: hb.Face | None = None  # what subsets are cut from once it is prepared
        self._usual: frozenset[int] = frozenset()  # the glyphs of the small face
        self._font = hb.Font(self._face)
        self._per_unit = 1000.0 / self._face.upem
        self._glyphs: dict[str, int] = {}
        self._advances: dict[int, float] = {}
        extents = self._font.get_font_extents("ltr")
        self.ascent = extents.ascender * self._per_unit
        self.descent = extents.descender * self._per_unit
        self.is_truetype = "glyf" in self._face.table_tags
        self.postscript_name = self._face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME)
        self.version = self._face.get_name(hb.OTNameIdPredefined.VERSION_STRING)

    @cached_property
    def sha256(self) -> str:
        """The digest of the font file, which with :attr:`version` says exactly which face was used."""
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @cached_property
    def bounding_box(self) -> tuple[int, int, int, int]:
        """The box that holds every glyph: left, bottom, right, top (table ``head``, bytes 36 to 44)."""
        head = bytes(self._face.reference_table("head").data)
        left, bottom, right, top = (round(v * self._per_unit) for v in struct.unpack(">4h", head[36:44]))
        return left, bottom, right, top

    @cached_property
    def _cids(self) -> list[int]:
        """CID of each CFF glyph: a subset keeps the charset, and in these fonts CID is not GID."""
        with TTFont(self._path, lazy=True, fontNumber=self._index) as font:
            charset = font["CFF "].cff[0].charset
            return [0 if name == ".notdef" else int(name.removeprefix("cid")) for name in charset]

    def glyph(self, char: str) -> int:
        """Return the glyph number of ``char``, 0 when the face does not have it.

        No face has a private code point: what it means differs from one font to the next.
        """
        glyph = self._glyphs.get(char)
        if glyph is None:
            private = unicodedata.category(char) == "Co"
            glyph = 0 if private else self._font.get_nominal_glyph(ord(char)) or 0
            self._glyphs[char] = glyph
        return glyph

    def advance(self, glyph: int) -> float:
        """Return how far ``glyph`` moves the pen."""
        advance = self._advances.get(glyph)
        if advance is None:
            advance = self._advances[glyph] = self._font.get_glyph_h_advance(glyph) * self._per_unit
        return advance

    def cid(self, glyph: int) -> int:
        """Return the character identifier of ``glyph`` in every embedded subset."""
        return glyph if self.is_truetype else self._cids[glyph]

    def prepare(self) -> None:
        """Make later subsets ten times as fast; worth a third of a second when a hundred follow.

        They are cut from a small copy of the face with the usual characters, if it has them all. Its
        outlines are ready made; subsets have the same bytes with and without it.
        """
        if self._small is None:
            self._usual = frozenset({0, *map(self.glyph, map(chr, _USUAL))})
            plan = self._plan(self._face, self._usual, _FLAGS | hb.SubsetFlags.RETAIN_GIDS)
            self._small = hb.Face(plan.execute().blob)

    def subset(self, glyphs: Iterable[int]) -> bytes:
        """Return a font program with ``glyphs`` and .notdef only, for PDF.

        It is a bare CFF table (``CIDFontType0C``) or, of a TrueType face, a whole font file with the glyphs
        numbered anew, see :meth:`renumbered`.
        """
        cut = self._cut(glyphs).execute()
        if self.is_truetype:
            return bytes(cut.blob.data)
        return with_plain_selector(bytes(cut.reference_table("CFF ").data))

    def renumbered(self, glyphs: Iterable[int]) -> dict[int, int]:
        """Return the number that each of ``glyphs`` has in their :meth:`subset`."""
        return dict(self._cut(glyphs).old_to_new_glyph_mapping)

    def _cut(self, glyphs: Iterable[int]) -> hb.SubsetPlan:
        """Return the plan of the subset with ``glyphs`` and .notdef."""
        wanted = {0, *glyphs}
        source = self._small if self._small and wanted <= self._usual else self._face
        return self._plan(source, wanted, _FLAGS)

    @staticmethod
    def _plan(source: hb.Face, glyphs: Collection[int], flags: hb.SubsetFlags) -> hb.SubsetPlan:
        order = hb.SubsetInput()
        order.sets(hb.SubsetInputSets.GLYPH_INDEX).update(glyphs)
        order.flags = flags
        order.drop_table_tag_set.update(_DROPPED)
        return hb.SubsetPlan(source, order)
