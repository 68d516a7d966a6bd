"""Fonts exist here so that every Chinese name prints, and reads back from the file, character for character.

ReportLab's own fonts know neither CFF outlines nor fallback, write a wrong text map for characters beyond
U+FFFF and print an empty box for what they lack. :class:`ChainFont` is one font name over an ordered chain
of faces: each character comes from the first face that has it, and one that is in none is an error.
"""

from __future__ import annotations

import re
import threading
import weakref
import zlib
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import pylopdf_fonts_zh_cn
from reportlab.pdfbase import pdfdoc, pdfmetrics

from desktop.documents.harfbuzz import Face

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SONG = "Song"  # 宋体: body
HEI = "Hei"  # 黑体: headings and labels

# ReportLab's font registry is one per process and documents may be made in a worker thread: whoever draws
# holds this lock from the first measurement to the last byte.
DRAWING = threading.RLock()

# A 破折号 is one stroke two ems long (GB/T 15834-2011, 4.13); two dashes side by side leave a gap.
_DASH, _DASH_GLYPH = "——", "\u2e3a"
_CLUSTER = re.compile(f"{_DASH}|.", re.DOTALL)
# Drawn as nothing, so dropped: zero-width space, joiners, word joiner, byte-order mark, soft hyphen.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_SPACES = {"\t": " ", "\u00a0": " ", "\u2002": " ", "\u2003": "\u3000", "\u2028": "\n", "\u2029": "\n"}
_CLEAN = str.maketrans({**_SPACES, "\v": "\n", "\f": "\n"}) | _INVISIBLE


class Missing(NamedTuple):
    """A character that no font has, and the label of the text it stands in."""

    label: str
    character: str
    code_point: str

    def __str__(self) -> str:
        return f"{self.label}：“{self.character}”（{self.code_point}）" if self.label else self.code_point


class MissingGlyph(ValueError):  # noqa: N818 - what is missing says it better than "error"
    """Some text holds characters that no font has; ``missing`` lists them all."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        self.missing = tuple(missing)
        super().__init__("字库中没有以下字符，无法打印：" + "；".join(map(str, missing)))


class Glyph(NamedTuple):
    """Where a chain found a character: the place of the face in the chain, glyph number and advance."""

    face: int
    number: int
    advance: float


@dataclass(slots=True)
class _Layer:
    """One embedded font: a face and what each CID stands for."""

    face: int
    texts: dict[int, str] = field(default_factory=dict)
    glyphs: dict[int, Glyph] = field(default_factory=dict)


@dataclass(slots=True)
class _Use:
    """What one document has drawn with one chain so far."""

    name: str
    layers: list[_Layer] = field(default_factory=list)
    codes: dict[str, tuple[int, bytes]] = field(default_factory=dict)


class ChainFont:
    """A ReportLab font that is an ordered chain of faces; its 'subset' number is the embedded layer."""

    def __init__(self, name: str, faces: Sequence[Face]) -> None:
        self._multiByte = self._dynamicFont = True  # what ReportLab asks of a font, as is `shapable`
        self.shapable = False
        self.fontName = name
        self.face = faces[0]
        self._faces = tuple(faces)
        self._found: dict[str, Glyph] = {}
        self._uses: weakref.WeakKeyDictionary[Any, _Use] = weakref.WeakKeyDictionary()

    def find(self, cluster: str) -> Glyph | None:
        """Return the glyph of one character (or of the two-em dash), None when no face has it."""
        char = _DASH_GLYPH if cluster == _DASH else cluster
        for place, face in enumerate(self._faces):
            if number := face.glyph(char):
                return Glyph(place, number, face.advance(number))
        return None

    def glyph(self, cluster: str) -> Glyph:
        """Return the glyph of ``cluster`` or raise :class:`MissingGlyph`."""
        found = self._found.get(cluster) or self.find(cluster)
        if found is None:
            raise MissingGlyph(_missing("", cluster))
        self._found[cluster] = found
        return found

    def stringWidth(self, text: str, size: float, encoding: str = "utf-8") -> float:  # noqa: ARG002 - ReportLab's signature
        """Return the width of ``text`` in points at ``size``."""
        return sum(self.glyph(cluster).advance for cluster in clusters(text)) * size / 1000

    def splitString(self, text: str, doc: Any, encoding: str = "utf-8") -> list[tuple[int, bytes]]:  # noqa: ARG002 - ReportLab's signature
        """Return ``text`` as runs of (layer, character codes) for the page content of ``doc``."""
        use = self._use(doc)
        codes = [use.codes.get(c) or self._add(use, c) for c in clusters(text)]
        return [
            (layer, b"".join(code for _, code in run))
            for layer, run in groupby(codes, key=lambda code: code[0])
        ]

    def getSubsetInternalName(self, subset: int, doc: Any) -> str:
        """Return the name of one layer in the resources of ``doc``."""
        return f"/{self._use(doc).name}+{subset}"

    def addObjects(self, doc: Any) -> None:
        """Write the embedded fonts of ``doc``; ReportLab calls this once, when the document is closed."""
        use = self._uses.pop(doc)
        for number, layer in enumerate(use.layers):
            name = f"{use.name}+{number}"
            font = _type0(doc, name, self._faces[layer.face], layer)
            doc.idToObject["BasicFonts"].dict[name] = doc.Reference(font, name)

    def _use(self, doc: Any) -> _Use:
        use = self._uses.get(doc)
        if use is None:
            use = self._uses[doc] = _Use(f"F{len(doc.fontMapping) + 1}")
            doc.fontMapping[self.fontName] = f"/{use.name}"
            doc.delayedFonts.append(self)
        return use

    def _add(self, use: _Use, cluster: str) -> tuple[int, bytes]:
        """Give ``cluster`` a code in the document.

        Two characters may share a glyph (〇 and its compatibility forms). A second layer keeps them apart,
        because a code can be read back as one text only.
        """
        glyph = self.glyph(cluster)
        cid = self._faces[glyph.face].cid(glyph.number)
        free = (
            i for i, layer in enumerate(use.layers) if layer.face == glyph.face and cid not in layer.texts
        )
        number = next(free, len(use.layers))
        if number == len(use.layers):
            use.layers.append(_Layer(glyph.face))
        use.layers[number].texts[cid] = cluster
        use.layers[number].glyphs[cid] = glyph
        code = use.codes[cluster] = (number, cid.to_bytes(2, "big"))
        return code


def clusters(text: str) -> Iterable[str]:
    """Return the pieces of ``text`` that are one glyph each: its characters, and —— as one."""
    return _CLUSTER.findall(text) if _DASH in text else text


def printable(text: str) -> str:
    """Return ``text`` without invisible characters, with plain spaces and line feeds."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEAN)


def missing_characters(texts: Iterable[tuple[str, str]]) -> list[Missing]:
    """Return each (label, character, code point) in the (label, text) pairs that no font can print.

    Variation selectors count as missing: dropping one would print another form of somebody's name.
    """
    font = chain(SONG)  # HEI has the same faces in another order
    found: dict[Missing, None] = {}
    for label, text in texts:
        for char in printable(text):
            if char != "\n" and font.find(char) is None:
                found.update(dict.fromkeys(_missing(label, char)))
    return list(found)


def chain(name: str) -> ChainFont:
    """Return the chain ``SONG`` or ``HEI``."""
    return _CHAINS[name]


def _missing(label: str, cluster: str) -> list[Missing]:
    return [Missing(label, char, f"U+{ord(char):04X}") for char in dict.fromkeys(cluster)]


def _type0(doc: Any, name: str, face: Face, layer: _Layer) -> Any:
    """Return the Type 0 font dictionary of one layer (ISO 32000-1, 9.7)."""
    dictionary, pdf_name, array = pdfdoc.PDFDictionary, pdfdoc.PDFName, pdfdoc.PDFArray
    cids = sorted(layer.texts)
    program = face.subset(layer.glyphs[cid].number for cid in cids)
    base = pdf_name(f"{_tag(program)}+{face.postscript_name}")
    file = _stream(program, Subtype=pdf_name("CIDFontType0C"))
    descriptor = dictionary(
        {
            "Type": pdf_name("FontDescriptor"),
            "FontName": base,
            "Flags": 4,
            "FontBBox": array(face.bounding_box),
            "ItalicAngle": 0,
            "Ascent": round(face.ascent),
            "Descent": round(face.descent),
            "CapHeight": 730,
            "StemV": 80,
            "FontFile3": doc.Reference(file, f"{name}.file"),
        }
    )
    widths = [part for cid in cids for part in (cid, array([round(layer.glyphs[cid].advance)]))]
    system = {"Registry": pdfdoc.PDFString("Adobe"), "Ordering": pdfdoc.PDFString("Identity")}
    descendant = dictionary(
        {
            "Type": pdf_name("Font"),
            "Subtype": pdf_name("CIDFontType0"),
            "BaseFont": base,
            "CIDSystemInfo": dictionary({**system, "Supplement": 0}),
            "FontDescriptor": doc.Reference(descriptor, f"{name}.descriptor"),
            "DW": 1000,
            "W": array(widths),
        }
    )
    unicode_map = _stream(_to_unicode([(cid, layer.texts[cid]) for cid in cids]))
    return dictionary(
        {
            "Type": pdf_name("Font"),
            "Subtype": pdf_name("Type0"),
            "BaseFont": base,
            "Encoding": pdf_name("Identity-H"),
            "DescendantFonts": array([doc.Reference(descendant, f"{name}.descendant")]),
            "ToUnicode": doc.Reference(unicode_map, f"{name}.unicode"),
        }
    )


def _tag(program: bytes) -> str:
    """Return the six capitals that mark a subset, the same for the same subset."""
    digits = zlib.crc32(program)
    return "".join(chr(ord("A") + digits // 26**place % 26) for place in range(6))


def _stream(data: bytes, **entries: Any) -> Any:
    stream = pdfdoc.PDFStream(content=zlib.compress(data), filters=[])
    stream.dictionary.dict.update(entries, Filter=pdfdoc.PDFName("FlateDecode"))
    return stream


def _to_unicode(codes: Sequence[tuple[int, str]]) -> bytes:
    """Return the CMap that gives each code its text in UTF-16 (ISO 32000-1, 9.10.3)."""
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
    ]
    for start in range(0, len(codes), 100):  # a block holds at most 100 entries
        block = codes[start : start + 100]
        lines.append(f"{len(block)} beginbfchar")
        lines += [f"<{code:04X}> <{text.encode('utf-16-be').hex().upper()}>" for code, text in block]
        lines.append("endbfchar")
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode()


def _register() -> dict[str, ChainFont]:
    """Open the faces and make both chains known to ReportLab."""
    serif, sans = Face(pylopdf_fonts_zh_cn.serif_path()), Face(pylopdf_fonts_zh_cn.sans_path())
    chains = {SONG: ChainFont(SONG, (serif, sans)), HEI: ChainFont(HEI, (sans, serif))}
    # registerFont() would make a font an alias of another one that starts with the same face.
    pdfmetrics._fonts.update(chains)  # noqa: SLF001 - see above
    return chains


# Opened when the module is imported (a millisecond: the files are mapped, not read), so no two threads can
# open them at once.
_CHAINS = _register()
