"""Hostile and broken files, made here so that none of them has to be kept."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

if TYPE_CHECKING:
    from collections.abc import Callable


def bomb_png(side: int = 12_000) -> bytes:
    """A picture of 144 million pixels in a few kilobytes."""
    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def pdf_with(change: Callable[[pikepdf.Pdf], None], content: bytes = b"") -> bytes:
    """A PDF of one page with this content, after ``change``."""
    buffer = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.Contents = Stream(pdf, content)
        change(pdf)
        pdf.save(buffer, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return buffer.getvalue()


def pdf_without_its_font() -> bytes:
    """A page that asks for a font it does not bring."""

    def change(pdf: pikepdf.Pdf) -> None:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        pdf.pages[0].Resources = Dictionary(Font=Dictionary(F=font))

    return pdf_with(change, b"BT /F 60 Tf 80 400 Td (No font) Tj ET")


def launching_pdf() -> bytes:
    """A PDF that starts a program when it is opened, behind a harmless action."""

    def change(pdf: pikepdf.Pdf) -> None:
        launch = Dictionary(S=Name.Launch, F="calc.exe")
        pdf.Root.OpenAction = Dictionary(S=Name.Named, N=Name.FirstPage, Next=Array([launch]))

    return pdf_with(change)


def scripted_pdf() -> bytes:
    """A PDF with a script for the document and one for its page."""

    def change(pdf: pikepdf.Pdf) -> None:
        script = Dictionary(S=Name.JavaScript, JS="app.alert('!')")
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["a", script])))
        pdf.pages[0].AA = Dictionary(O=script)

    return pdf_with(change, b"0 0 100 100 re f")


def nested_pdf(depth: int = 1_000_000) -> bytes:
    """A PDF whose page holds an array in an array in an array …"""
    plain = pdf_with(lambda pdf: pdf.pages[0].obj.__setitem__("/Deep", Name("/Marker")))
    return plain.replace(b"/Marker", b"[" * depth + b"]" * depth)


def circular_pdf() -> bytes:
    """A PDF whose page tree holds itself."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Pages.Kids.append(pdf.Root.Pages)
        pdf.Root.Pages.Count = 2

    plain = pdf_with(lambda _pdf: None)
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        number = pdf.Root.Pages.objgen[0]
    return plain.replace(b"/Kids [ ", b"/Kids [ %d 0 R " % number)


def laughing_pdf(levels: int = 12) -> bytes:
    """A PDF that draws a form that draws a form ten times … : ten to the twelfth drawings on one page."""

    def change(pdf: pikepdf.Pdf) -> None:
        below = Stream(pdf, b"0 0 1 1 re f")
        below.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 9, 9])})
        for _ in range(levels):
            form = Stream(pdf, b"/X Do " * 10)
            form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 9, 9])
            form.Resources = Dictionary(XObject=Dictionary(X=below))
            below = form
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        pdf.pages[0].Resources = Dictionary(XObject=Dictionary(X=below), Font=Dictionary(F=font))

    return pdf_with(change, b"BT /F 9 Tf (x) Tj ET /X Do")


def swelling_pdf(gigabytes: int = 8) -> bytes:
    """A PDF whose page content swells to gigabytes of spaces: compressed twice."""
    packer = zlib.compressobj(9)
    block = packer.compress(b" " * (1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    second = packer.compress(b" " * (1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = zlib.compress(block + second * (gigabytes * 64 - 1), 9)

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Contents.write(packed, filter=Array([Name.FlateDecode, Name.FlateDecode]))

    return pdf_with(change)
