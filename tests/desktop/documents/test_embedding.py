"""What is embedded must be a font that any reader understands, and the same bytes each time."""

from __future__ import annotations

import io
import re
import zlib

import pikepdf
import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.ttLib import TTFont

from desktop.documents.embedding import font_objects, to_unicode
from desktop.documents.faces import FaceBook
from desktop.documents.fonts import HEI, KAI, SONG, chain
from desktop.paths import fonts_dir

TEXT = "技术转移𬭳㛃䶮ABC，。"
CHAINS = pytest.mark.parametrize("name", [SONG, HEI, KAI])


def glyphs_of(name: str, text: str = TEXT) -> dict[int, str]:
    face = chain(name).faces[0]
    return {face.glyph(char): char for char in text}


def embedded(name: str, text: str = TEXT) -> dict[str, bytes]:
    """Return the objects of a font; a reference is written as a name, so that each can be read alone."""
    return font_objects(chain(name).faces[0], glyphs_of(name, text), lambda role: f"/{role}")


def entries(body: bytes) -> pikepdf.Object:
    return pikepdf.Object.parse(body.partition(b"\nstream\n")[0])


def content(body: bytes) -> bytes:
    head, _, rest = body.partition(b"\nstream\n")
    data = rest.removesuffix(b"\r\nendstream")
    assert len(data) == pikepdf.Object.parse(head).Length
    return zlib.decompress(data)


@CHAINS
def test_the_objects_hang_together(name):
    objects = embedded(name)
    font, descendant = entries(objects["font"]), entries(objects["descendant"])
    assert font.Subtype == "/Type0"
    assert font.Encoding == "/Identity-H"
    assert [str(entry) for entry in font.DescendantFonts] == ["/descendant"]
    assert font.ToUnicode == "/unicode"
    assert descendant.FontDescriptor == "/descriptor"
    descriptor = entries(objects["descriptor"])
    assert descriptor.FontName == descendant.BaseFont == font.BaseFont
    assert re.fullmatch(r"/[A-Z]{6}\+" + chain(name).faces[0].postscript_name, str(font.BaseFont))


@CHAINS
def test_every_code_has_its_text_its_width_and_its_outline(name):
    face, texts, objects = chain(name).faces[0], glyphs_of(name), embedded(name)
    codes = {face.cid(glyph): glyph for glyph in texts}
    listed = re.findall(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", content(objects["unicode"]), re.MULTILINE)
    read = {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in listed}
    assert read == {code: texts[glyph] for code, glyph in codes.items()}

    parts = list(entries(objects["descendant"]).W)
    widths = {int(code): int(width[0]) for code, width in zip(parts[::2], parts[1::2], strict=True)}
    for code, glyph in codes.items():
        assert widths.get(code, 1000) == round(face.advance(glyph))
    assert drawn_codes(objects) >= set(codes)


def drawn_codes(objects: dict[str, bytes]) -> set[int]:
    """Return the codes for which the font program has an outline, read by fontTools."""
    program = io.BytesIO(content(objects["file"]))
    if "glyphs" not in objects:
        fonts = CFFFontSet()
        fonts.decompile(program, None)
        top = fonts[0]
        for name in top.charset:
            top.CharStrings[name].decompile()
        return {
            int(name.removeprefix("cid"))
            for name in top.charset
            if name != ".notdef" and len(top.CharStrings[name].program) > 3
        }
    table = content(objects["glyphs"])
    with TTFont(program) as font:
        outlines, order = font["glyf"], font.getGlyphOrder()
        numbers = {
            code // 2: int.from_bytes(table[code : code + 2], "big") for code in range(0, len(table), 2)
        }
        return {code for code, number in numbers.items() if outlines[order[number]].numberOfContours}


@CHAINS
def test_the_order_of_characters_does_not_matter(name):
    assert embedded(name) == embedded(name, TEXT[::-1])


@CHAINS
def test_a_prepared_face_cuts_the_same_bytes(name):
    fresh, prepared = (FaceBook(fonts_dir()).faces(name)[0] for _ in range(2))
    prepared.prepare()
    prepared.prepare()  # once more changes nothing
    for text in ("一", TEXT, "".join(map(chr, range(0x4E00, 0x5000)))):
        glyphs = [fresh.glyph(char) for char in text]
        assert prepared.subset(glyphs) == fresh.subset(glyphs)
        assert prepared.renumbered(glyphs) == fresh.renumbered(glyphs)


def test_the_map_writes_no_block_of_more_than_a_hundred_entries():
    text = to_unicode({code: chr(0x4E00 + code) for code in range(250)}).decode()
    assert re.findall(r"(\d+) beginbfchar", text) == ["100", "100", "50"]
    assert text.count("<0000> <4E00>") == 1


def test_a_character_beyond_the_first_plane_is_a_pair_of_surrogates():
    assert b"<0001> <D872DF73>" in to_unicode({1: "𬭳"})
