"""Binding exists so that our pages, strangers' pages and the source files become one archival file.

The dossier's own pages come first, as a PDF; pictures and PDF pages are then laid under them, one attachment
after another, and the files themselves embedded (PDF/A-3, ISO 19005-3, 6.8). Whenever what was added fills
too much memory the file is written out and goes on from the disk, so a dossier may be larger than memory.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import tempfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple, Self, cast

import pikepdf
from pikepdf import Array, Dictionary, Name

from desktop.documents.image_stream import image_stream
from desktop.documents.pdf_pages import lay_under
from desktop.documents.signature import FIELD, FIELD_LABEL, Signer, fill_file, signature_dictionary

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from desktop.documents.archive import Info

Relationship = Literal["Source", "Data", "Supplement"]
HELD_AT_MOST = 16 << 20
"""Bytes of content that may wait in memory before the file is written out."""

_SAMPLE = 1 << 14
_WORTHWHILE = 0.9
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_PRINTED, _LOCKED = 4, 128  # flags of an annotation


class Box(NamedTuple):
    """A rectangle on a page, in points."""

    left: float
    bottom: float
    right: float
    top: float


class Link(NamedTuple):
    """A place on a page that leads to another page, both counted from 0."""

    page: int
    box: Box
    target: int


class Enclosure(NamedTuple):
    """What the dossier says of a file inside it."""

    name: str
    media_type: str
    relationship: Relationship
    description: str


class Binding:
    """An archival file in the making; a context manager that leaves nothing behind."""

    def __init__(self, pages: bytes, info: Info, folder: Path) -> None:
        """Start with ``pages``; what does not fit into memory waits in ``folder``, where the file goes."""
        self._pdf = pikepdf.open(io.BytesIO(pages))
        self._info = info
        self._folder = folder
        self._file: BinaryIO | None = None
        self._held = 0
        self._enclosed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._pdf.close()
        if self._file:
            self._file.close()

    def lay_pdf(self, first: int, content: bytes) -> None:
        """Lay the pages of a PDF under the pages from ``first`` (from 0) on."""
        with pikepdf.open(io.BytesIO(content)) as source:
            for number, page in enumerate(source.pages, start=first):
                lay_under(self._pdf, self._pdf.pages[number], page)
        self._hold(len(content))

    def lay_picture(self, number: int, content: bytes, box: Box) -> None:
        """Draw a prepared picture in the middle of ``box`` on page ``number`` (from 0), as large as fits."""
        image = image_stream(content)
        stream = pikepdf.Stream(self._pdf, image.content)
        for key, value in pikepdf.Object.parse(b"<<%b>>" % image.dictionary).items():
            stream[key] = value
        page = self._pdf.pages[number]
        page.add_resource(stream, Name.XObject, Name.Bound)
        scale = min((box.right - box.left) / image.width, (box.top - box.bottom) / image.height)
        wide, high = image.width * scale, image.height * scale
        left, bottom = (box.left + box.right - wide) / 2, (box.bottom + box.top - high) / 2
        drawing = f"q {wide:.3f} 0 0 {high:.3f} {left:.3f} {bottom:.3f} cm /Bound Do Q"
        page.contents_add(drawing.encode(), prepend=True)
        self._hold(len(content))

    def enclose(self, content: bytes, about: Enclosure) -> None:
        """Embed a file as an associated file of the whole document."""
        # What is compressed already is only wrapped: a stream without a filter would be compressed again.
        sample = content[:_SAMPLE]
        small = len(zlib.compress(sample, 1)) < _WORTHWHILE * len(sample)
        stream = pikepdf.Stream(self._pdf, zlib.compress(content, 6 if small else 0))
        stream.Type, stream.Filter = Name.EmbeddedFile, Name.FlateDecode
        known = _MEDIA_TYPE.fullmatch(about.media_type)
        stream.Subtype = Name("/" + (about.media_type if known else "application/octet-stream"))
        stream.Params = Dictionary(
            Size=len(content),
            ModDate=self._info.pdf_date,
            CheckSum=pikepdf.String(hashlib.md5(content, usedforsecurity=False).digest()),
        )
        file = Dictionary(
            Type=Name.Filespec,
            F=about.name,
            UF=about.name,
            Desc=about.description,
            AFRelationship=Name("/" + about.relationship),
            EF=Dictionary(F=stream, UF=stream),
        )
        self._list(self._pdf.make_indirect(file))
        self._hold(len(content))

    def link(self, links: Iterable[Link]) -> None:
        """Make places on our pages lead to others."""
        for link in links:
            target = self._pdf.pages[link.target].obj
            self._annotate(
                link.page,
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.Link,
                    Rect=Array([round(edge, 2) for edge in link.box]),
                    Border=Array([0, 0, 0]),
                    F=_PRINTED,
                    Dest=Array([target, Name.XYZ, None, None, None]),
                ),
            )

    def label(self, labels: Iterable[tuple[int, Dictionary]]) -> None:
        """Set how viewers count: from each page (from 0) on by that page label dictionary."""
        numbers = [entry for start, style in labels for entry in (start, style)]
        self._pdf.Root.PageLabels = Dictionary(Nums=Array(numbers))

    def save(self, path: Path, signer: Signer | None = None) -> None:
        """Write the file, signed if there is a ``signer``: all of it or, on an error, nothing."""
        if signer:
            self._add_signature(signer)
        draft = path.with_name(f".{path.name}.part")
        try:
            with draft.open("w+b") as out:
                self._write(out)
            if signer:
                fill_file(draft, signer)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def _add_signature(self, signer: Signer) -> None:
        """Add the field of a signature that is not seen: the seal on the last sheet is ink."""
        widget = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=FIELD,
            TU=FIELD_LABEL,
            Rect=Array([0, 0, 0, 0]),
            F=_PRINTED | _LOCKED,
            P=self._pdf.pages[-1].obj,
            V=self._pdf.make_indirect(pikepdf.Object.parse(signature_dictionary(signer, self._info))),
        )
        field = self._annotate(len(self._pdf.pages) - 1, widget)
        self._pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)

    def _annotate(self, number: int, annotation: Dictionary) -> pikepdf.Object:
        page = self._pdf.pages[number].obj
        held = self._pdf.make_indirect(annotation)
        page.Annots = Array([*page.get("/Annots", ()), held])
        return held

    def _list(self, file: pikepdf.Object) -> None:
        """Name a file in the catalog, where readers and the standard look for it."""
        root = self._pdf.Root
        if not self._enclosed:
            root.AF = Array()
            root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array()))
        self._enclosed += 1
        root.AF.append(file)
        root.Names.EmbeddedFiles.Names.append(pikepdf.String(f"{self._enclosed:05d}"))
        root.Names.EmbeddedFiles.Names.append(file)

    def _hold(self, size: int) -> None:
        """Count what waits in memory; write it out when it is too much."""
        self._held += size
        if self._held <= HELD_AT_MOST:
            return
        file = cast("BinaryIO", tempfile.TemporaryFile(dir=self._folder))  # noqa: SIM115 - open until the next one is
        self._write(file)
        self._pdf.close()
        if self._file:
            self._file.close()
        # Not mapped into memory, which would count as ours.
        self._pdf = pikepdf.open(file, access_mode=pikepdf.AccessMode.stream)
        self._file, self._held = file, 0

    def _write(self, out: BinaryIO) -> None:
        _close_streams(self._pdf)
        self._pdf.save(
            out,
            deterministic_id=True,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )


def _close_streams(pdf: pikepdf.Pdf) -> None:
    """Compress what is not, and let no stream end in a carriage return.

    With the end of line that follows it would be taken for one of two bytes, and the length of the stream for
    wrong (ISO 19005-2, 6.1.7.1). What a stream holds is not ours to change, so such a one is wrapped.
    """
    for stream in pdf.objects:
        if not isinstance(stream, pikepdf.Stream):
            continue
        raw = stream.read_raw_bytes()
        if Name.Filter not in stream and stream.get(Name.Type) != Name.Metadata:
            raw = zlib.compress(raw)
            stream.write(raw, filter=Name.FlateDecode)
        if raw.endswith(b"\r"):
            filters: list[Any] = _as_list(stream.get(Name.Filter))
            settings = _as_list(stream.get(Name.DecodeParms)) or [None] * len(filters)
            wrapped = base64.a85encode(raw) + b"~>"
            stream.write(
                wrapped,
                filter=Array([Name.ASCII85Decode, *filters]),
                decode_parms=Array([None, *settings]),
            )


def _as_list(value: pikepdf.Object | None) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, Array) else [value]
