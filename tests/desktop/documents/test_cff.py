"""The selector of font dictionaries must say the same in its plain form as in ranges."""

from __future__ import annotations

import io

import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.basePen import NullPen

from desktop.documents.cff import with_plain_selector
from desktop.documents.fonts import HEI, SONG, chain

TEXT = "技术ABC019，。（）——·①ａЖ㎡"


def cut(name: str, text: str = TEXT) -> bytes:
    """Return a subset as HarfBuzz makes it."""
    face = chain(name).faces[0]
    return bytes(face._cut(map(face.glyph, text)).execute().reference_table("CFF ").data)


def top_of(cff: bytes):
    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(cff), None)
    return fonts[0]


def widths(cff: bytes) -> dict[str, float]:
    top = top_of(cff)
    found = {}
    for name in top.charset:
        outline = top.CharStrings[name]
        outline.draw(NullPen())
        found[name] = outline.width
    return found


@pytest.mark.parametrize("name", [SONG, HEI])
def test_the_plain_selector_chooses_the_same_dictionaries(name):
    ranges, plain = cut(name), with_plain_selector(cut(name))
    assert top_of(ranges).FDSelect.format == 3
    assert top_of(plain).FDSelect.format == 0
    assert list(top_of(plain).FDSelect.gidArray) == list(top_of(ranges).FDSelect.gidArray)
    assert widths(plain) == widths(ranges)
    assert len(set(widths(plain).values())) > 3


@pytest.mark.parametrize("name", [SONG, HEI])
def test_the_widths_in_the_outlines_are_the_advances(name):
    face = chain(name).faces[0]
    found = widths(face.subset(map(face.glyph, TEXT)))
    for char in TEXT:
        glyph = face.glyph(char)
        assert found[f"cid{face.cid(glyph):05d}"] == face.advance(glyph)


def test_a_plain_selector_stays_as_it_is():
    plain = with_plain_selector(cut(SONG))
    assert with_plain_selector(plain) == plain


def test_a_font_without_a_selector_stays_as_it_is():
    without = cut(SONG).replace(b"\x0c\x25", b"\x0c\x26")
    assert with_plain_selector(without) == without
