"""Fonts exist here so that every Chinese name prints, and reads back from the file, character for character.

ReportLab's own fonts know neither CFF outlines nor fallback, write a wrong text map for characters beyond
U+FFFF and print an empty box for what they lack. :class:`ChainFont` is one font name over an ordered chain
of faces: each character comes from the first face that has it, and one that is in none is an error.
"""

from __future__ import annotations

import re
import threading
import weakref
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from reportlab.pdfbase import pdfdoc, pdfmetrics

from desktop.documents.embedding import FONT, font_objects
from desktop.documents.faces import CHAINS, FaceBook, FaceRecord, record
from desktop.documents.faces import HEI as HEI
from desktop.documents.faces import HEI_BOLD as HEI_BOLD
from desktop.documents.faces import KAI as KAI
from desktop.documents.faces import KAI_BOLD as KAI_BOLD
from desktop.documents.faces import SONG as SONG
from desktop.documents.faces import SONG_BOLD as SONG_BOLD
from desktop.paths import fonts_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from desktop.documents.harfbuzz import Face

# ReportLab's font registry is one per process and documents may be made in a worker thread: whoever draws
# holds this lock from the first measurement to the last byte.
DRAWING = threading.RLock()

# A 破折号 is one stroke two ems long (GB/T 15834-2011, 4.13); two dashes side by side leave a gap.
_DASH, _DASH_GLYPH = "——", "\u2e3a"
_CLUSTER = re.compile(f"{_DASH}|.", re.DOTALL)
_WITH_SELECTOR = re.compile("[^\n][\ufe00-\ufe0f\U000e0100-\U000e01ef]?")
# Drawn as nothing, so dropped: zero-width space, joiners, word joiner, byte-order mark, soft hyphen.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_SPACES = {"\t": " ", "\u00a0": " ", "\u2002": " ", "\u2003": "\u3000", "\u2028": "\n", "\u2029": "\n"}
_CLEAN = str.maketrans({**_SPACES, "\v": "\n", "\f": "\n"}) | _INVISIBLE
_UNCLEAN = re.compile(f"[\r{''.join(map(chr, _CLEAN))}]")


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
    """One embedded font: a face and what each of its glyphs stands for."""

    face: Face
    texts: dict[int, str] = field(default_factory=dict)


class _Embedded:
    """What one document has drawn so far; all chains of the document share its layers."""

    def __init__(self) -> None:
        self.layers: list[_Layer] = []

    def code(self, face: Face, glyph: int, cluster: str) -> tuple[int, bytes]:
        """Return the layer in which ``glyph`` of ``face`` stands for ``cluster``, and its code there.

        Two characters may share a glyph (〇 and its compatibility forms). A second layer keeps them apart,
        because a code can be read back as one text only.
        """
        number = next(self._open(face, glyph, cluster), len(self.layers))
        if number == len(self.layers):
            self.layers.append(_Layer(face))
        self.layers[number].texts[glyph] = cluster
        return number, face.cid(glyph).to_bytes(2, "big")

    def _open(self, face: Face, glyph: int, cluster: str) -> Iterator[int]:
        """Yield the layers of ``face`` in which ``glyph`` stands, or may stand, for ``cluster``."""
        for number, layer in enumerate(self.layers):
            if layer.face is face and layer.texts.get(glyph, cluster) == cluster:
                yield number

    def addObjects(self, doc: Any) -> None:
        """Write the fonts; ReportLab calls this once, when the document is closed."""
        resources = doc.idToObject["BasicFonts"].dict
        for number, layer in enumerate(self.layers):
            resources[_layer_name(number)] = _embed(layer, doc, _layer_name(number))


class Codes(dict[str, tuple[str, str]]):
    """Name of the embedded font and code in hexadecimal of every cluster a document draws with one chain."""

    def __init__(self, font: ChainFont, embedded: _Embedded) -> None:
        super().__init__()
        self._font = font
        self._embedded = embedded

    def __missing__(self, cluster: str) -> tuple[str, str]:
        glyph = self._font.glyph(cluster)
        layer, code = self._embedded.code(self._font.faces[glyph.face], glyph.number, cluster)
        found = self[cluster] = _layer_name(layer), code.hex()
        return found


class ChainFont:
    """A ReportLab font that is an ordered chain of faces; its 'subset' number is the embedded layer."""

    def __init__(self, name: str, faces: Sequence[Face]) -> None:
        self._multiByte = self._dynamicFont = True  # what ReportLab asks of a font, as is `shapable`
        self.shapable = False
        self.fontName = name
        self.face = faces[0]
        self.faces = tuple(faces)
        self._found: dict[str, Glyph] = {}
        self._codes: weakref.WeakKeyDictionary[Any, Codes] = weakref.WeakKeyDictionary()

    def find(self, cluster: str) -> Glyph | None:
        """Return the glyph of one character (or of the two-em dash), None when no face has it."""
        char = _DASH_GLYPH if cluster == _DASH else cluster
        for place, face in enumerate(self.faces):
            if number := face.glyph(char):
                return Glyph(place, number, face.advance(number))
        return None

    def glyph(self, cluster: str) -> Glyph:
        """Return the glyph of ``cluster`` or raise :class:`MissingGlyph`."""
        found = self._found.get(cluster) or self.find(cluster)
        if found is None:
            raise MissingGlyph([_missing("", cluster)])
        self._found[cluster] = found
        return found

    def stringWidth(self, text: str, size: float, encoding: str = "utf-8") -> float:  # noqa: ARG002 - ReportLab's signature
        """Return the width of ``text`` in points at ``size``."""
        return sum(self.glyph(cluster).advance for cluster in clusters(text)) * size / 1000

    def codes(self, doc: Any) -> Codes:
        """Return the codes of clusters in ``doc``; a cluster that is asked for becomes part of it."""
        found = self._codes.get(doc)
        if found is None:
            found = self._codes[doc] = Codes(self, _embedded(doc))
        return found

    def splitString(self, text: str, doc: Any, encoding: str = "utf-8") -> list[tuple[int, bytes]]:  # noqa: ARG002 - ReportLab's signature
        """Return ``text`` as runs of (layer, character codes) for the page content of ``doc``."""
        codes = map(self.codes(doc).__getitem__, clusters(text))
        return [
            (_layer_number(name), bytes.fromhex("".join(code for _, code in run)))
            for name, run in groupby(codes, key=itemgetter(0))
        ]

    def getSubsetInternalName(self, subset: int, doc: Any) -> str:  # noqa: ARG002 - ReportLab's signature
        """Return the name of one layer in the resources of ``doc``."""
        return f"/{_layer_name(subset)}"


def clusters(text: str) -> Iterable[str]:
    """Return the pieces of ``text`` that are one glyph each: its characters, and —— as one."""
    return _CLUSTER.findall(text) if _DASH in text else text


def printable(text: str) -> str:
    """Return ``text`` without invisible characters, with plain spaces and line feeds."""
    if not _UNCLEAN.search(text):
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEAN)


def missing_characters(texts: Iterable[tuple[str, str]]) -> list[Missing]:
    """Return each (label, character, code point) in the (label, text) pairs that no font can print.

    A character with a variation selector counts as missing: without it another form of somebody's name would
    be printed. So does every private code point, which means something on its own system only.
    """
    font = chain(SONG)  # what this chain prints, all others print
    found: dict[Missing, None] = {}
    for label, text in texts:
        for char in _WITH_SELECTOR.findall(printable(text)):
            if len(char) > 1 or font.find(char) is None:
                found[_missing(label, char)] = None
    return list(found)


def chain(name: str) -> ChainFont:
    """Return one of the chains ``SONG``, ``HEI``, ``KAI`` and their ``_BOLD``."""
    return _CHAINS[name]


def substitutions() -> Mapping[str, str]:
    """Return the chains whose own face is not on this machine, each with the chain that stands in for it."""
    return _BOOK.substitutions


def font_record(*chains: str) -> tuple[FaceRecord, ...]:
    """Return name, version and digest of every face in which ``chains`` may set a character."""
    faces = (face for name in chains for face in chain(name).faces)
    return tuple(record(face) for face in dict.fromkeys(faces))


def faces_used(canvas: Any) -> tuple[FaceRecord, ...]:
    """Return name, version and digest of every face drawn on ``canvas`` so far."""
    faces = (layer.face for layer in _embedded(canvas._doc).layers)  # noqa: SLF001 - as ReportLab's own do
    return tuple(record(face) for face in dict.fromkeys(faces))


def prepare(*chains: str) -> None:
    """Make ``chains`` ready for documents by the hundred; it takes half a second each and changes no byte."""
    with DRAWING:
        for name in chains:
            chain(name).faces[0].prepare()


def _missing(label: str, cluster: str) -> Missing:
    return Missing(label, cluster, " ".join(f"U+{ord(char):04X}" for char in cluster))


def _layer_name(number: int) -> str:
    return f"Z{number}"


def _layer_number(name: str) -> int:
    return int(name[1:])


def _embedded(doc: Any) -> _Embedded:
    """Return what ``doc`` has drawn so far; it hangs on the document and goes with it."""
    for font in doc.delayedFonts:
        if isinstance(font, _Embedded):
            return font
    embedded = _Embedded()
    doc.delayedFonts.append(embedded)
    return embedded


class _Written(pdfdoc.PDFObject):  # type: ignore[misc] # ReportLab is not annotated
    """A PDF object of known bytes."""

    def __init__(self) -> None:
        self.body = b""

    def format(self, document: Any) -> bytes:  # noqa: ARG002 - ReportLab's signature
        """Return the object as it stands in the file."""
        return self.body


def _embed(layer: _Layer, doc: Any, name: str) -> Any:
    """Write the objects of one layer into ``doc`` and return the reference to its font."""
    written: dict[str, _Written] = {}

    def refer(role: str) -> str:
        entry = written.setdefault(role, _Written())
        return str(doc.Reference(entry, f"{name}.{role}").format(doc), "ascii")

    for role, body in font_objects(layer.face, layer.texts, refer).items():
        refer(role)
        written[role].body = body
    return doc.Reference(written[FONT], f"{name}.{FONT}")


def _register() -> dict[str, ChainFont]:
    """Make every chain known to ReportLab."""
    chains = {name: ChainFont(name, _BOOK.faces(name)) for name in CHAINS}
    # registerFont() would make a font an alias of another one that starts with the same face.
    pdfmetrics._fonts.update(chains)  # noqa: SLF001 - see above
    return chains


# Opened when the module is imported (milliseconds: the files are mapped, not read), so no two threads can
# open them at once.
_BOOK = FaceBook(fonts_dir())
_CHAINS = _register()
