"""Splicing exists so that a class of five hundred has its signed certificates in seconds.

What every certificate of a template shares is written once: frame, colour profile, and fonts with the
characters of the template's own words. Around that a certificate is only its page, photograph, metadata,
structure tree and small fonts with the characters that its own data add. They depend on nothing else, so a
certificate is the same file whatever was printed before it. The file is PDF/A-2a and PDF/UA-1.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from desktop.documents.archive import (
    COLOURS,
    LANGUAGE,
    Conformance,
    Info,
    srgb_profile,
    xmp_packet,
)
from desktop.documents.certificate_layout import Layout, Photo, QrCode, Text
from desktop.documents.image_stream import image_stream
from desktop.documents.ornament import Rect, frame
from desktop.documents.pdf_objects import (
    Places,
    append_ending,
    append_objects,
    append_packed,
    information,
    numbered,
    raw_stream,
    stream,
)
from desktop.documents.qrcode import qr_operators
from desktop.documents.signature import FIELD, FIELD_LABEL, Signer, fill, signature_dictionary
from desktop.documents.splice_text import Encoder, embedded, settle
from desktop.documents.tags import pdf_text

if TYPE_CHECKING:
    from desktop.documents.template import Template

# Numbers of the objects that are in every file.
_CATALOG, _PAGES, _PAGE, _CONTENT, _METADATA, _INFO, _TREE, _DOCUMENT, _PROFILE, _FRAME = range(1, 11)
_PRINTED, _LOCKED = 4, 128  # flags of an annotation


class Splicer:
    """The compiled form of one template: what all its certificates have in common."""

    def __init__(self, template: Template) -> None:
        self.encoder = Encoder(template)
        self.box = f"[0 0 {template.width:.4f} {template.height:.4f}]"
        drawn = frame(template.ornament, template.width, template.height).encode()
        shared = {
            _PAGES: b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % _PAGE,
            _PROFILE: stream(srgb_profile(), "/N 3", level=9),
            _FRAME: stream(drawn, f"/Type/XObject/Subtype/Form/BBox{self.box}", level=9),
        }
        self.fonts: list[tuple[str, int]] = []  # name in the resources, number of the object
        self.first_free = _FRAME + 1
        for font, texts in self.encoder.usual.items():
            group = embedded(font.face, frozenset(texts.items()))
            self.fonts.append((font.name, self.first_free))
            shared |= numbered(group, self.first_free)
            self.first_free += len(group)
        self.head = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self.places = _append(self.head, shared, self.first_free)
        self.first_free += 1
        self.digest = hashlib.sha256(self.head)

    def write(self, layout: Layout, info: Info, signer: Signer | None = None) -> bytes:
        """Return the file of ``layout``, signed when there is a ``signer``."""
        return _Sheet(self, layout).file(info, signer)


@lru_cache(maxsize=8)
def splicer(template: Template) -> Splicer:
    """Return the compiled form of ``template``."""
    return Splicer(template)


class _Sheet:
    """One certificate while it is written."""

    def __init__(self, shared: Splicer, layout: Layout) -> None:
        self._shared = shared
        self._layout = layout
        self._operators: list[str] = []
        self._elements: list[str] = []  # of the structure tree, each with one piece of marked content
        self._objects: dict[int, bytes] = {}
        self._free = shared.first_free
        self._pictures = f"/Frame {_FRAME} 0 R"

    def file(self, info: Info, signer: Signer | None) -> bytes:
        """Return the file."""
        fonts = self._draw()
        widget = self._add_signature(signer, info) if signer else 0
        self._write_structure(widget)
        objects = self._objects
        objects[_CATALOG] = _catalog(widget)
        objects[_PAGE] = self._page(fonts, widget)
        objects[_CONTENT] = stream("\n".join(self._operators).encode())
        objects[_METADATA] = raw_stream(xmp_packet(info, Conformance.A2A), "/Type/Metadata/Subtype/XML")
        objects[_INFO] = information(info)
        content = bytearray(self._shared.head)
        places = self._shared.places | _append(content, objects, self._free)
        digest = self._shared.digest.copy()
        digest.update(memoryview(content)[len(self._shared.head) :])
        identifiers = info.identifier, digest.hexdigest()[:32]
        append_ending(content, places, f"/Root {_CATALOG} 0 R/Info {_INFO} 0 R", identifiers)
        return fill(content, signer) if signer else bytes(content)

    def _draw(self) -> str:
        """Draw the page and return its fonts."""
        texts, fonts = self._encode()
        watermark = self._layout.watermark
        ground = f"q {watermark.matrix} {texts[watermark.text]} Q\n" if watermark else ""
        self._operators.append(f"/Artifact BMC\n{ground}/Frame Do\nEMC")
        for piece in self._layout.pieces:
            match piece:
                case Text():
                    self._mark(piece.role, texts[piece])
                case Photo():
                    self._mark("Figure", self._photo(piece), _figure(piece.alt, piece.place))
                case QrCode(place=place):
                    code = qr_operators(piece.text, place.left, place.bottom, place.width)
                    self._mark("Figure", code, _figure(piece.alt, place))
                case _:
                    self._operators.append(f"/Artifact BMC\n{piece.operators}\nEMC")
        return fonts

    def _mark(self, role: str, operators: str, entries: str = "") -> None:
        """Draw ``operators`` as the content of a new element of the structure tree."""
        number = len(self._elements)
        self._operators.append(f"/{role} <</MCID {number}>> BDC\n{operators}\nEMC")
        self._elements.append(
            f"<</Type/StructElem/S/{role}/P {_DOCUMENT} 0 R/Pg {_PAGE} 0 R/K {number}{entries}>>"
        )

    def _photo(self, piece: Photo) -> str:
        """Add the photograph as it is and return the operators that draw it."""
        image = image_stream(piece.content)
        self._pictures += f"/Photo {self._add(raw_stream(image.content, image.dictionary.decode()))} 0 R"
        place = piece.place
        scale = f"{place.width:.4f} 0 0 {place.height:.4f} {place.left:.4f} {place.bottom:.4f}"
        return f"q {scale} cm /Photo Do Q"

    def _encode(self) -> tuple[dict[Text, str], str]:
        """Return the operators of every text, and the small fonts they name, added to the file."""
        texts = [piece for piece in self._layout.pieces if isinstance(piece, Text)]
        if self._layout.watermark:
            texts.append(self._layout.watermark.text)
        ready: dict[Text, str] = {}
        fonts = ""
        for personal in (False, True):
            group = tuple(text for text in texts if text.personal == personal)
            settled = settle(self._shared.encoder, group)
            ready |= zip(group, settled.operators, strict=True)
            for font, meanings in settled.fonts:
                objects = embedded(font.face, meanings)
                fonts += f"/{font.name} {self._free} 0 R"
                self._objects |= numbered(objects, self._free)
                self._free += len(objects)
        return ready, fonts

    def _add(self, body: bytes) -> int:
        self._objects[self._free] = body
        self._free += 1
        return self._free - 1

    def _page(self, fonts: str, widget: int) -> bytes:
        fonts += "".join(f"/{name} {number} 0 R" for name, number in self._shared.fonts)
        annotations = f"/Annots[{widget} 0 R]" if widget else ""
        return (
            f"<</Type/Page/Parent {_PAGES} 0 R/MediaBox{self._shared.box}/Contents {_CONTENT} 0 R"
            f"/Resources<</Font<<{fonts}>>/XObject<<{self._pictures}>>>>"
            f"/StructParents 0/Tabs/S{annotations}>>"
        ).encode()

    def _add_signature(self, signer: Signer, info: Info) -> int:
        """Leave room for the signature and return the number of its field."""
        value = self._add(signature_dictionary(signer, info))
        place = self._layout.signature
        rectangle, appearance = "[0 0 0 0]", ""
        if place:  # a field that can be seen has an appearance: an empty one, its words are on the page
            rectangle = f"[{_edges(place)}]"
            box = f"/Type/XObject/Subtype/Form/BBox[0 0 {place.width:.2f} {place.height:.2f}]"
            appearance = f"/AP<</N {self._add(raw_stream(b'', box))} 0 R>>"
        return self._add(
            (
                f"<</Type/Annot/Subtype/Widget/FT/Sig/T({FIELD})/TU {pdf_text(FIELD_LABEL)}/V {value} 0 R"
                f"/P {_PAGE} 0 R/Rect{rectangle}/F {_PRINTED | _LOCKED}/StructParent 1{appearance}>>"
            ).encode()
        )

    def _write_structure(self, widget: int) -> None:
        """Add the structure tree and the parent tree (ISO 32000-1, 14.7.2 and 14.7.4.4)."""
        numbers = [f"{self._add(element.encode())} 0 R" for element in self._elements]
        parents = f"0[{' '.join(numbers)}]"
        if widget:
            held = f"/K<</Type/OBJR/Obj {widget} 0 R/Pg {_PAGE} 0 R>>"
            form = self._add(f"<</Type/StructElem/S/Form/P {_DOCUMENT} 0 R{held}>>".encode())
            numbers.append(f"{form} 0 R")
            parents += f" 1 {form} 0 R"
        self._objects[_TREE] = (
            f"<</Type/StructTreeRoot/K {_DOCUMENT} 0 R/ParentTree<</Nums[{parents}]>>/ParentTreeNextKey 2>>"
        ).encode()
        self._objects[_DOCUMENT] = (
            f"<</Type/StructElem/S/Document/P {_TREE} 0 R/K[{' '.join(numbers)}]>>"
        ).encode()


def _append(content: bytearray, objects: dict[int, bytes], holder: int) -> Places:
    """Write ``objects``: what is no stream and need not be read without inflating goes into one stream."""
    plain: dict[int, bytes] = {}
    packed: dict[int, bytes] = {}
    for number, body in objects.items():
        alone = body.endswith(b"endstream") or b"/ByteRange" in body
        (plain if alone else packed)[number] = body
    return append_objects(content, plain) | append_packed(content, packed, holder)


def _catalog(widget: int) -> bytes:
    form = f"/AcroForm<</Fields[{widget} 0 R]/SigFlags 3>>" if widget else ""
    return (
        f"<</Type/Catalog/Pages {_PAGES} 0 R/Lang({LANGUAGE})/Metadata {_METADATA} 0 R"
        "/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true>>"
        f"/StructTreeRoot {_TREE} 0 R/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1"
        f"/OutputConditionIdentifier({COLOURS})/Info({COLOURS})/DestOutputProfile {_PROFILE} 0 R>>]{form}>>"
    ).encode()


def _figure(alt: str, place: Rect) -> str:
    return f"/Alt {pdf_text(alt)}/A<</O/Layout/Placement/Block/BBox[{_edges(place)}]>>"


def _edges(place: Rect) -> str:
    right, top = place.left + place.width, place.bottom + place.height
    return f"{place.left:.2f} {place.bottom:.2f} {right:.2f} {top:.2f}"
