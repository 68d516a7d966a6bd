"""Set text becomes operators and glyphs here, once for all certificates that print the same words.

Each embedded font of a certificate holds the characters of one face and of one share: what all
papers of the template print, what a class has in common, what one person adds. Those of the first two are
cut from their face once, and yet every file depends on its own data alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from desktop.documents.embedding import FONT, font_objects
from desktop.documents.faces import CHAINS
from desktop.documents.fonts import chain, clusters
from desktop.documents.pdf_objects import hole
from desktop.documents.template import Template, TextItem
from desktop.documents.text_operators import line_operators

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from desktop.documents.certificate_layout import SetLine, Text
    from desktop.documents.harfbuzz import Face

# What these fields print on nearly every certificate, beside the template's own words.
_DIGITS = "0123456789"
_DATE = _DIGITS + "年月日"
_USUAL = {
    "number": _DIGITS + "-",
    "id_number": _DIGITS + "*",
    "started": _DATE,
    "ended": _DATE,
    "issued": _DATE,
    "hours": _DIGITS,
    "qr_label": "扫码离线验真",
}


Share = Literal["T", "C", "P"]
"""Who else prints the characters of an embedded font: template, class or person. It begins the name."""


class Font(NamedTuple):
    """An embedded font; ``layer`` keeps apart what one glyph may stand for.

    Two characters may share a glyph (〇 and its compatibility forms), and a code reads back as one text only.
    """

    share: Share
    face: Face
    layer: int = 0

    @property
    def name(self) -> str:
        """The font's name in the resources of the page."""
        return f"{self.share}{_places()[self.face]}" + (f".{self.layer}" if self.layer else "")


class Use(NamedTuple):
    """A glyph of an embedded font and the text it stands for."""

    font: Font
    glyph: int
    cluster: str


class Encoded(NamedTuple):
    """The operators of a text, and the glyphs it draws that are not among the template's own."""

    operators: str
    uses: tuple[Use, ...]


class Settled(NamedTuple):
    """The operators of some texts, and what each glyph means in each font they need."""

    operators: tuple[str, ...]
    fonts: tuple[tuple[Font, frozenset[tuple[int, str]]], ...]


class Encoder:
    """Writes text with the embedded fonts of one template."""

    def __init__(self, template: Template) -> None:
        self.usual: dict[Font, dict[int, str]] = {}  # what the template's own fonts hold
        self._codes: dict[str, dict[str, tuple[str, str]]] = {}  # by chain, then cluster
        for item in template.items:
            if isinstance(item, TextItem):
                usual = "".join(_USUAL.get(name, "") for name in item.wording.fields)
                self._add_usual(item.style.font, item.wording.fixed + usual)

    def encode(self, text: Text, layers: Mapping[str, int]) -> Encoded:
        """Return ``text`` as operators; ``layers`` has the clusters that do not belong in layer 0."""
        share: Share = "P" if text.personal else "C"
        usual = self._codes.get(text.style.font, {})
        codes: dict[str, tuple[str, str]] = {}
        uses = []
        for cluster in (cluster for line in text.lines for _, run in line.runs for cluster in clusters(run)):
            if cluster in codes:
                continue
            if cluster in usual:
                codes[cluster] = usual[cluster]
                continue
            face, glyph = _glyph(text.style.font, cluster)
            font = Font(share, face, layers.get(cluster, 0))
            codes[cluster] = font.name, f"{face.cid(glyph):04x}"
            uses.append(Use(font, glyph, cluster))
        return Encoded("\n".join(_line(line, text, codes) for line in text.lines), tuple(uses))

    def _add_usual(self, chain_name: str, text: str) -> None:
        known = self._codes.setdefault(chain_name, {})
        for cluster in clusters(text.replace("\n", "")):
            face, glyph = _glyph(chain_name, cluster)
            font = Font("T", face)
            texts = self.usual.setdefault(font, {})
            if texts.setdefault(glyph, cluster) == cluster:
                known[cluster] = font.name, f"{face.cid(glyph):04x}"


@lru_cache(maxsize=64)
def settle(encoder: Encoder, texts: tuple[Text, ...]) -> Settled:
    """Return ``texts``, all of one share, as operators; what a class has in common is asked for each time."""
    layers: dict[str, int] = {}
    while True:
        ready = [encoder.encode(text, layers) for text in texts]
        glyphs: dict[Font, dict[int, str]] = {}
        clash = _gather(ready, glyphs)
        if clash is None:
            fonts = tuple((font, frozenset(meanings.items())) for font, meanings in glyphs.items())
            return Settled(tuple(text.operators for text in ready), fonts)
        layers[clash] = layers.get(clash, 0) + 1


def _gather(ready: Iterable[Encoded], glyphs: dict[Font, dict[int, str]]) -> str | None:
    """Fill ``glyphs`` from ``ready``; return a cluster whose glyph already stands for another one."""
    for text in ready:
        for font, glyph, cluster in text.uses:
            if glyphs.setdefault(font, {}).setdefault(glyph, cluster) != cluster:
                return cluster
    return None


@lru_cache(maxsize=64)
def embedded(face: Face, texts: frozenset[tuple[int, str]]) -> tuple[bytes, ...]:
    """Return the objects of an embedded font, itself first, with holes where they name one another."""
    places = {FONT: 0}

    def refer(name: str) -> str:
        return hole(places.setdefault(name, len(places)))

    objects = font_objects(face, dict(sorted(texts)), refer)
    return tuple(objects[name] for name in sorted(objects, key=places.__getitem__))


def _line(line: SetLine, text: Text, codes: Mapping[str, tuple[str, str]]) -> str:
    """Return the operators of one line."""
    return line_operators((line.x, line.y), line.runs, text.style.colour, text.style.size, codes)


def _glyph(chain_name: str, cluster: str) -> tuple[Face, int]:
    """Return the face in which ``cluster`` is set and its glyph there; raises MissingGlyph."""
    fonts = chain(chain_name)
    glyph = fonts.glyph(cluster)
    return fonts.faces[glyph.face], glyph.number


@lru_cache(maxsize=1)
def _places() -> Mapping[Face, int]:
    """Return a number for every face there is."""
    faces = dict.fromkeys(face for name in CHAINS for face in chain(name).faces)
    return {face: place for place, face in enumerate(faces)}
