"""Archival facts exist here so that every writer says the same of a file: standard, colours, maker.

PDF/A wants its metadata twice (in the information dictionary and as XMP, ISO 19005-2, 6.6), one output
intent for all colours (6.2.3) and an identifier; all of it follows from the document, nothing from the clock.
"""

from __future__ import annotations

import enum
import hashlib
import uuid
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from PIL import ImageCms

if TYPE_CHECKING:
    import datetime as dt

PRODUCER = "Transfer Desk"
CREATOR = "技转工作台"
LANGUAGE = "zh-CN"
COLOURS = "sRGB IEC61966-2.1"


class Conformance(enum.Enum):
    """The standard a file keeps: (part of ISO 19005, level, whether it keeps PDF/UA-1 too)."""

    A2A = (2, "A", True)  # forms and certificates: archival, and readable by a screen reader
    A3B = (3, "B", False)  # dossiers: archival, with the source files inside

    @property
    def tagged(self) -> bool:
        """Whether the pages carry a structure tree."""
        return self.value[2]


@dataclass(frozen=True, slots=True)
class Info:
    """What the file says about itself; ``created`` is the day the document bears, not the clock's."""

    title: str
    author: str
    subject: str
    created: dt.date
    keywords: str = ""

    @property
    def pdf_date(self) -> str:
        """Midnight in Beijing of the document's day, as PDF writes it."""
        return f"D:{self.created:%Y%m%d}000000+08'00'"

    @property
    def identifier(self) -> str:
        """32 hexadecimal digits that depend on these facts alone."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:32]


def xmp_packet(info: Info, conformance: Conformance) -> bytes:
    """Return the metadata of ``info`` as an XMP packet (ISO 16684-1)."""
    part, level, accessible = conformance.value
    moment = f"{info.created.isoformat()}T00:00:00+08:00"
    keywords = f"<pdf:Keywords>{escape(info.keywords)}</pdf:Keywords>" if info.keywords else ""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about=""{_USUAL}{_OF_ACCESS if accessible else ""}>'
        "<dc:format>application/pdf</dc:format>"
        f"<dc:title>{_alternative(info.title)}</dc:title>"
        f"<dc:creator><rdf:Seq><rdf:li>{escape(info.author)}</rdf:li></rdf:Seq></dc:creator>"
        f"<dc:description>{_alternative(info.subject)}</dc:description>"
        f"{keywords}<pdf:Producer>{PRODUCER}</pdf:Producer>"
        f"<xmp:CreatorTool>{CREATOR}</xmp:CreatorTool>"
        f"<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>"
        f"<xmpMM:DocumentID>uuid:{uuid.UUID(info.identifier)}</xmpMM:DocumentID>"
        f"<pdfaid:part>{part}</pdfaid:part><pdfaid:conformance>{level}</pdfaid:conformance>"
        f"{_ACCESSIBLE if accessible else ''}"
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>'
    ).encode()


@cache
def srgb_profile() -> bytes:
    """Return an ICC profile of sRGB, the same bytes on every machine and day."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes((0x07, 0xEA, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))  # date of making: 2026-01-01
    profile[84:100] = bytes(16)  # profile identifier: not computed (ICC.1:2010, 7.2.18)
    return bytes(profile)


def _alternative(text: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt>'


def _declared(**addresses: str) -> str:
    return "".join(f' xmlns:{prefix}="{address}"' for prefix, address in addresses.items())


_USUAL = _declared(
    dc="http://purl.org/dc/elements/1.1/",
    xmp="http://ns.adobe.com/xap/1.0/",
    pdf="http://ns.adobe.com/pdf/1.3/",
    xmpMM="http://ns.adobe.com/xap/1.0/mm/",
    pdfaid="http://www.aiim.org/pdfa/ns/id/",
)
_OF_ACCESS = _declared(
    pdfuaid="http://www.aiim.org/pdfua/ns/id/",
    pdfaExtension="http://www.aiim.org/pdfa/ns/extension/",
    pdfaSchema="http://www.aiim.org/pdfa/ns/schema#",
    pdfaProperty="http://www.aiim.org/pdfa/ns/property#",
)
# PDF/A knows no pdfuaid: a property that is not predefined brings its own description (ISO 19005-2, 6.6.2.3).
_ACCESSIBLE = (
    "<pdfuaid:part>1</pdfuaid:part>"
    '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>"
    "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    '<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">'
    "<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    "<pdfaProperty:category>internal</pdfaProperty:category>"
    "<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>"
    "</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>"
)
