"""Embedding exists so that every writer of PDF puts the same font into a file, byte for byte.

One embedded font is a composite font of PDF (ISO 32000-1, 9.7): Identity-H, the codes in the page are the
CIDs of the face, and a map gives each code the text it stands for.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from desktop.documents.harfbuzz import Face

_FULL_WIDTH = 1000  # of a hanzi, and of every code whose width is not listed
FONT = "font"  # the object that a page's resources name; the others hang on it


def font_objects(face: Face, texts: Mapping[int, str], refer: Callable[[str], str]) -> dict[str, bytes]:
    """Return the PDF objects that embed the glyphs of ``face`` that are the keys of ``texts``.

    ``texts`` gives each glyph number the text it stands for; its code in the page is ``face.cid(glyph)``, two
    bytes. ``refer`` turns the name of an object, a key of the result, into a reference such as ``12 0 R``.
    """
    glyphs = sorted(texts, key=face.cid)
    program = face.subset(glyphs)
    base = f"/{_tag(program)}+{face.postscript_name}"
    kind, subtype, file_key = (
        ("CIDFontType2", {"Length1": len(program)}, "FontFile2")
        if face.is_truetype
        else ("CIDFontType0", {"Subtype": "/CIDFontType0C"}, "FontFile3")
    )
    descendant = {
        "Type": "/Font",
        "Subtype": f"/{kind}",
        "BaseFont": base,
        "CIDSystemInfo": "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>",
        "FontDescriptor": refer("descriptor"),
        "DW": _FULL_WIDTH,
        "W": _widths({face.cid(glyph): round(face.advance(glyph)) for glyph in glyphs}),
    }
    objects = {
        FONT: _dictionary(
            {
                "Type": "/Font",
                "Subtype": "/Type0",
                "BaseFont": base,
                "Encoding": "/Identity-H",
                "DescendantFonts": f"[{refer('descendant')}]",
                "ToUnicode": refer("unicode"),
            }
        ),
        "descriptor": _descriptor(face, base, f"/{file_key} {refer('file')}"),
        "file": _stream(program, subtype),
        "unicode": _stream(to_unicode({face.cid(glyph): texts[glyph] for glyph in glyphs})),
    }
    if face.is_truetype:
        descendant["CIDToGIDMap"] = refer("glyphs")
        objects["glyphs"] = _stream(_glyph_map(face.renumbered(glyphs)))
    return {**objects, "descendant": _dictionary(descendant)}


def to_unicode(texts: Mapping[int, str]) -> bytes:
    """Return the CMap that gives each code its text in UTF-16 (ISO 32000-1, 9.10.3)."""
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
    ]
    codes = sorted(texts)
    for start in range(0, len(codes), 100):  # a block holds at most 100 entries
        block = codes[start : start + 100]
        lines.append(f"{len(block)} beginbfchar")
        lines += [f"<{code:04X}> <{texts[code].encode('utf-16-be').hex().upper()}>" for code in block]
        lines.append("endbfchar")
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode()


def _descriptor(face: Face, base: str, file: str) -> bytes:
    entries = {
        "Type": "/FontDescriptor",
        "FontName": base,
        "Flags": 4,  # symbolic: its characters are not those of Latin text
        "FontBBox": "[{} {} {} {}]".format(*face.bounding_box),
        "ItalicAngle": 0,
        "Ascent": round(face.ascent),
        "Descent": round(face.descent),
        "CapHeight": 730,
        "StemV": 80,
    }
    return _dictionary(entries, file)


def _widths(advances: Mapping[int, int]) -> str:
    listed = (f"{cid} [{advance}]" for cid, advance in advances.items() if advance != _FULL_WIDTH)
    return f"[{' '.join(listed)}]"


def _glyph_map(numbers: Mapping[int, int]) -> bytes:
    """Return the table from CID to glyph number of a TrueType subset, two bytes each."""
    table = bytearray(2 * max(numbers) + 2)
    for cid, glyph in numbers.items():
        table[2 * cid : 2 * cid + 2] = glyph.to_bytes(2, "big")
    return bytes(table)


def _tag(program: bytes) -> str:
    """Return the six capitals that mark a subset, the same for the same subset."""
    digits = zlib.crc32(program)
    return "".join(chr(ord("A") + digits // 26**place % 26) for place in range(6))


def _dictionary(entries: Mapping[str, object], *more: str) -> bytes:
    parts = (*(f"/{key} {value}" for key, value in entries.items()), *more)
    return f"<< {' '.join(parts)} >>".encode("ascii")


def _stream(data: bytes, entries: Mapping[str, object] | None = None) -> bytes:
    packed = zlib.compress(data)
    head = _dictionary({**(entries or {}), "Filter": "/FlateDecode", "Length": len(packed)})
    return b"%b\nstream\n%b\r\nendstream" % (head, packed)
