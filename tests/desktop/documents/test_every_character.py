"""Every character of 通用规范汉字表 must print and read back exactly, since any of them may be in a name."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from desktop.documents.fonts import HEI, KAI, SONG, chain, missing_characters, printable, substitutions
from desktop.documents.page import Info, flow_pages, write_pdf
from desktop.documents.paragraph import Style, ZhParagraph
from tests.conformance import assert_archival

LIST = Path(__file__).parents[2] / "data" / "tgh8105.txt"
CHARACTERS = [chr(int(line.removeprefix("U+"), 16)) for line in LIST.read_text("ascii").split()]
CHAINS = pytest.mark.parametrize("name", [SONG, HEI, KAI])
INFO = Info("通用规范汉字表", "国务院", "", dt.date(2013, 6, 5))


@pytest.fixture(autouse=True)
def kai_is_here():
    assert KAI not in substitutions(), "there is no 楷体 in the fonts folder: run `make fonts`"


@pytest.fixture(scope="module")
def printed():
    """Return the list as a document in one face, made once."""
    made: dict[str, bytes] = {}

    def draw(name: str) -> bytes:
        if name not in made:
            made[name] = in_lines(name)
        return made[name]

    return draw


def in_lines(name: str) -> bytes:
    lines = ("".join(CHARACTERS[start : start + 40]) for start in range(0, len(CHARACTERS), 40))
    style = Style(name, size=10, leading=14, align="left")
    pages = flow_pages([ZhParagraph(line, style) for line in lines])
    return write_pdf([replace(page, numbered=False) for page in pages], INFO)


def test_the_list_is_whole():
    assert len(CHARACTERS) == len(set(CHARACTERS)) == 8105
    assert sum(char > "\uffff" for char in CHARACTERS) == 196
    assert missing_characters([("", "".join(CHARACTERS))]) == []


@CHAINS
def test_every_character_is_in_the_first_face_of_the_chain(name):
    font = chain(name)
    glyphs = [font.glyph(char) for char in CHARACTERS]
    assert all(glyph.face == 0 and glyph.number for glyph in glyphs)
    assert {round(glyph.advance) for glyph in glyphs} == {1000}


@CHAINS
def test_every_character_reads_back_in_order(name, printed, read_pages):
    assert "".join(read_pages(printed(name))) == "".join(CHARACTERS)


@CHAINS
def test_the_maps_of_the_file_give_every_character_once(name, printed):
    with pikepdf.open(io.BytesIO(printed(name))) as pdf:
        fonts = pdf.pages[0].Resources.Font
        texts = [text for font in fonts.values() for text in mapped(font.ToUnicode.read_bytes())]
    assert sorted(texts) == sorted(CHARACTERS)


def mapped(unicode_map: bytes) -> list[str]:
    found = re.findall(rb"^<[0-9A-F]{4}> <([0-9A-F]+)>$", unicode_map, re.MULTILINE)
    return [bytes.fromhex(text.decode()).decode("utf-16-be") for text in found]


@CHAINS
def test_the_judges_of_archives_find_every_width_right(name):
    face = chain(name).faces[0]
    narrow = [char for char in map(chr, range(0x21, 0xFFFF)) if 0 < face.advance(face.glyph(char)) < 1000]
    text = printable("".join(char for char in narrow if face.glyph(char)))
    assert len(text) > 600
    pages = flow_pages([ZhParagraph(text + CHARACTERS[0], Style(name, size=10, leading=14, align="left"))])
    assert_archival(write_pdf(pages, INFO), "2a")


@CHAINS
def test_the_same_list_gives_the_same_bytes(name, printed):
    assert in_lines(name) == printed(name)
