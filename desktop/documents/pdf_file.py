"""The file is written here because ReportLab's own writer makes no archival PDF.

:class:`PdfFile` takes the place of ReportLab's document: an end of line before ``endstream`` (ISO 19005-2,
6.1.7), one output intent, the same metadata twice, an identifier that follows from the content, and the
structure tree. Both classes are subclasses, so nothing is changed for other users of ReportLab.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from desktop.documents.archive import (
    COLOURS,
    CREATOR,
    LANGUAGE,
    PRODUCER,
    Conformance,
    Info,
    srgb_profile,
    xmp_packet,
)
from desktop.documents.file_body import FileBody
from desktop.documents.signature import FIELD, FIELD_LABEL, Signer, signature_dictionary
from desktop.documents.structure_tree import tree_objects
from desktop.documents.tags import Element, Structure, pdf_text

if TYPE_CHECKING:
    import io
    from collections.abc import Iterable, Sequence

_STREAM_END = b"endstream\nendobj\n"
# Streams that ReportLab writes without the end of line.
_OF_REPORTLAB = (pdfdoc.PDFStream, pdfdoc.PDFImageXObject, pdfdoc.PDFFormXObject)
_PRINTED, _LOCKED = 4, 128  # flags of an annotation


class Raw(pdfdoc.PDFObject):  # type: ignore[misc]  # ReportLab is untyped
    """An object whose text is ready."""

    __RefOnly__ = 1

    def __init__(self, content: bytes = b"") -> None:
        self.content = content

    def format(self, document: PdfFile) -> bytes:  # noqa: ARG002 - ReportLab's signature
        return self.content


class PdfFile(pdfdoc.PDFDocument):  # type: ignore[misc]  # ReportLab is untyped
    """A ReportLab document that becomes an archival file."""

    def __init__(self, info: Info, conformance: Conformance) -> None:
        super().__init__(compression=1, invariant=1, pdfVersion=(1, 7), lang=LANGUAGE)
        self.info = _InfoDictionary(info)
        self.structure = Structure() if conformance.tagged else None
        self._identifier = info.identifier
        catalog = self.Catalog
        catalog.__NoDefault__ = (*catalog.__NoDefault__, "OutputIntents")  # one ReportLab does not know
        catalog.Metadata = _stream(xmp_packet(info, conformance), "/Type/Metadata/Subtype/XML")
        catalog.ViewerPreferences = Raw(b"<</DisplayDocTitle true>>")
        profile = self.refer(_stream(zlib.compress(srgb_profile()), "/N 3/Filter/FlateDecode"))
        catalog.OutputIntents = (
            f"[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier({COLOURS})"
            f"/Info({COLOURS})/DestOutputProfile {profile}>>]"
        )

    def refer(self, content: pdfdoc.PDFObject) -> str:
        """Add an object and return the reference to it."""
        return self.reference(self.Reference(content).name)

    def reference(self, name: str) -> str:
        """Return the reference to the object of that name."""
        return "{} {} R".format(*self.idToObjectNumberAndVersion[name])

    def addPage(self, page: Any) -> None:
        """Add a page; ReportLab calls this."""
        page.Trans = None  # a transition of the screen is none of the archive's business
        if self.structure:
            page.__NoDefault__ = (*page.__NoDefault__, "StructParents", "Tabs")
            page.StructParents, page.Tabs = len(self.Pages.pages), "/S"
        super().addPage(page)

    def label_pages(self, labels: Iterable[tuple[int, str]]) -> None:
        """Set how viewers count the pages: from each (page, from 0) on in that style, ``D`` or ``r``."""
        nums = "".join(f"{start}<</S/{style}>>" for start, style in labels)
        self.Catalog.PageLabels = Raw(f"<</Nums[{nums}]>>".encode())

    def add_signature(self, signer: Signer, info: Info, page: int, box: Sequence[float] | None) -> None:
        """Leave room for a signature, its field lying over ``box`` of the page (from 0), else unseen."""
        left, bottom, right, top = box or (0.0, 0.0, 0.0, 0.0)
        rect = f"[{left:.2f} {bottom:.2f} {right:.2f} {top:.2f}]"
        value = self.refer(Raw(signature_dictionary(signer, info)))
        where = self.reference(f"Page{page + 1}")
        field = (
            f"/Type/Annot/Subtype/Widget/FT/Sig/T({FIELD})/TU {pdf_text(FIELD_LABEL)}/V {value}"
            f"/P {where}/Rect{rect}/F {_PRINTED | _LOCKED}"
        )
        if box:  # a field that can be seen has an appearance: an empty one, the seal is ink
            size = f"[0 0 {right - left:.2f} {top - bottom:.2f}]"
            field += f"/AP<</N {self.refer(_stream(b'', f'/Type/XObject/Subtype/Form/BBox{size}'))}>>"
        if self.structure:
            field += f"/StructParent {len(self.Pages.pages)}"
        widget = self.Reference(Raw(f"<<{field}>>".encode()))
        self.Pages.pages[page].Annots.append(widget)
        held = self.reference(widget.name)
        self.Catalog.AcroForm = Raw(f"<</Fields[{held}]/SigFlags 3>>".encode())
        if self.structure:
            entries = f"/K<</Type/OBJR/Obj {held}/Pg {where}>>"
            self.structure.root.kids.append(Element("Form", entries))

    def format(self) -> bytes:
        """Return the file; ReportLab calls this when everything has been drawn."""
        tree = Raw()
        if self.structure:
            self.Catalog.StructTreeRoot, self.Catalog.MarkInfo = tree, Raw(b"<</Marked true>>")
        body, number, root = FileBody(), 1, 0
        while name := self.numberToId.get(number):  # formatting an object may add others
            held = self.idToObject[name]
            if held is tree:
                root = number
            else:
                body.add(number, self._written(name, held))
            number += 1
        if self.structure:
            pages = [self.reference(page.__InternalName__) for page in self.Pages.pages]
            for place, content in tree_objects(self.structure, root, number, pages):
                body.pack(place, content)
        catalog, info = (self.reference(one.__InternalName__) for one in (self.Catalog, self.info))
        return body.finish(catalog, info, self._identifier)

    def _written(self, name: str, held: pdfdoc.PDFObject) -> bytes:
        written: bytes = pdfdoc.PDFIndirectObject(name, held).format(self)
        if isinstance(held, _OF_REPORTLAB):  # two bytes, as the data itself may end in a carriage return
            written = written.removesuffix(_STREAM_END) + b"\r\n" + _STREAM_END
        return written


class ArchivalCanvas(Canvas):  # type: ignore[misc]  # ReportLab is untyped
    """A ReportLab canvas that draws into a :class:`PdfFile`."""

    def __init__(self, buffer: io.BytesIO, info: Info, conformance: Conformance, font: str) -> None:
        super().__init__(buffer, pageCompression=1, invariant=1, initialFontName=font)
        self.file = self._doc = PdfFile(info, conformance)
        self.structure = self.file.structure

    def showPage(self) -> None:
        """Finish the page."""
        if self.structure:
            self.structure.end_page(self)
        super().showPage()

    def linkRect(self, *arguments: Any, **options: Any) -> None:
        """Make a link within the document that may be printed, as an archival file demands."""
        super().linkRect(*arguments, **{"F": _PRINTED, **options})

    def linkURL(self, *arguments: Any, **options: Any) -> None:
        """Make a link to an address that may be printed, as an archival file demands."""
        super().linkURL(*arguments, **{"F": _PRINTED, **options})


class _InfoDictionary(Raw):
    """The information dictionary, which says no more and no less than the XMP packet."""

    def __init__(self, info: Info) -> None:
        texts = {"Title": info.title, "Author": info.author, "Subject": info.subject}
        texts |= {"Creator": CREATOR, "Producer": PRODUCER}
        if info.keywords:
            texts["Keywords"] = info.keywords
        entries = "".join(f"/{name} {pdf_text(text)}" for name, text in texts.items())
        super().__init__(f"<<{entries}/CreationDate({info.pdf_date})/ModDate({info.pdf_date})>>".encode())

    def digest(self, md5object: Any) -> None:
        """Add nothing to ReportLab's identifier: the file has its own."""


def _stream(data: bytes, entries: str) -> Raw:
    return Raw(b"<<%b/Length %d>>\nstream\n%b\r\nendstream\n" % (entries.encode(), len(data), data))
