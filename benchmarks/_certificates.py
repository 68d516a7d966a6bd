"""The same certificate by the floor and by other engines, for benchmarks/documents.py.

The floor is the least that makes such a page: everything static is serialised once, including what the class
has in common; a certificate adds its content stream, the photograph as it is, its QR code and a font with the
characters of its name. It is not tagged, not archival, not signed, and fits nothing.
"""

from __future__ import annotations

import io
import json
import zlib
from typing import TYPE_CHECKING, Any, Final

import typst
import zxingcpp
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from desktop.documents.embedding import font_objects
from desktop.documents.fonts import SONG, chain
from desktop.documents.image_stream import image_stream
from desktop.documents.ornament import frame
from desktop.documents.page import MM
from desktop.documents.pdf_objects import append_ending, append_objects, hole, numbered, raw_stream, stream
from desktop.documents.qrcode import qr_operators
from desktop.documents.wording import chinese_date, plain_number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop.documents.certificate import CertificateData
    from desktop.documents.template import Template

WIDTH: Final = 297 * MM
HEIGHT: Final = 210 * MM
STOCK_FONT: Final = "StockKai"
Run = tuple[float, float, float, str]


def runs(data: CertificateData) -> list[Run]:
    """Return every line of the sheet: left, baseline and size in points, text; nothing is measured."""
    span = f"　　于{chinese_date(data.started)}至{chinese_date(data.ended)}参加"
    lines = (
        (62, 172, 36, data.title),
        (95, 148, 10, f"证书编号：{data.number}　　备案编号：{data.filing_number}"),
        (86, 126, 27, data.holder),
        (86, 117, 12.5, f"{data.sex}　　证件号码：{data.id_number}"),
        (86, 106, 15.5, f"{span}{data.programme}，"),
        (86, 96, 15.5, f"完成{data.level}课程{plain_number(data.hours)}学时，考核结果：{data.result}。"),
        (86, 86, 15.5, "　　特发此证。"),
        (86, 34, 8.5, data.validity),
        (86, 29, 8.5, data.statement),
        (195, 50, 15, data.issuer),
        (210, 40, 12.5, chinese_date(data.issued)),
        (40, 29, 8, f"扫码离线验真　校验码 {data.code}"),
    )
    return [(x * MM, y * MM, size, text) for x, y, size, text in lines]


class Floor:
    """The naive splice writer."""

    def __init__(self, template: Template, sample: CertificateData, *, stock_qr: bool) -> None:
        self._stock_qr = stock_qr
        self._fonts = chain(SONG)
        characters = dict.fromkeys("".join(text for *_, text in runs(sample)) + "0123456789-*")
        self._base = {char: self._fonts.glyph(char).number for char in characters}
        drawn = frame(template.ornament, WIDTH, HEIGHT).encode()
        static = {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            5: stream(drawn, f"/Type/XObject/Subtype/Form/BBox[0 0 {WIDTH} {HEIGHT}]", 9),
            **numbered(self._font(self._base), 6),
        }
        self._free = max(static) + 1
        self._head = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._places = append_objects(self._head, static)

    def draw(self, data: CertificateData) -> bytes:
        added: dict[str, int] = {}
        parts = ["/Fr Do"]
        for x, y, size, text in runs(data):
            parts.append(f"BT {x:.2f} {y:.2f} Td")
            parts += self._show(text, size, added)
            parts.append("ET")
        parts.append(f"q {35 * MM:.2f} 0 0 {45 * MM:.2f} {36 * MM:.2f} {91.5 * MM:.2f} cm /Ph Do Q")
        parts.append(self._qr(data.verification))
        image = image_stream(data.photo or b"")
        objects = {
            4: stream("\n".join(parts).encode()),
            self._free: raw_stream(image.content, image.dictionary.decode()),
        }
        fonts = "/B 6 0 R"
        if added:
            objects |= numbered(self._font(added), self._free + 1)
            fonts += f"/D {self._free + 1} 0 R"
        objects[3] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH:.2f} {HEIGHT:.2f}]/Contents 4 0 R/Resources"
            f"<</Font<<{fonts}>>/XObject<</Fr 5 0 R/Ph {self._free} 0 R>>>>>>"
        ).encode()
        content = bytearray(self._head)
        places = self._places | append_objects(content, objects)
        append_ending(content, places, "/Root 1 0 R", ("00", "00"))
        return bytes(content)

    def _show(self, text: str, size: float, added: dict[str, int]) -> list[str]:
        operators, current, codes = [], "", ""
        face = self._fonts.faces[0]
        for char in text:
            name, glyph = "/B", self._base.get(char)
            if glyph is None:
                name = "/D"
                glyph = added.get(char) or added.setdefault(char, self._fonts.glyph(char).number)
            if name != current and codes:
                operators.append(f"{current} {size} Tf <{codes}> Tj")
                codes = ""
            current = name
            codes += f"{face.cid(glyph):04x}"
        operators.append(f"{current} {size} Tf <{codes}> Tj")
        return operators

    def _font(self, glyphs: dict[str, int]) -> list[bytes]:
        names = ["font", "descendant", "descriptor", "file", "unicode"]
        texts = {glyph: char for char, glyph in glyphs.items()}
        objects = font_objects(self._fonts.faces[0], texts, lambda name: hole(names.index(name)))
        return [objects[name] for name in names]

    def _qr(self, text: str) -> str:
        if not self._stock_qr:
            return qr_operators(text, 39 * MM, 32 * MM, 28.5 * MM)
        modules: Any = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_image(
            scale=1, add_quiet_zones=False
        )
        count = modules.shape[0]
        bits = zlib.compress(bytes(modules))
        place = f"{25 * MM:.2f} 0 0 {25 * MM:.2f} {41 * MM:.2f} {34 * MM:.2f}"
        return f"q {place} cm BI /W {count} /H {count} /BPC 8 /CS /G /F [/AHx /Fl] ID {bits.hex()}> EI Q"


TYPST: Final = """
#let d = json(bytes(sys.inputs.d))
#set page(width: 297mm, height: 210mm, margin: 0mm)
#set document(title: d.title + " " + d.holder, author: d.issuer,
  date: datetime(year: 2026, month: 4, day: 12))
#set text(font: ("Noto Serif SC", "Noto Sans SC"), lang: "zh", region: "cn", size: 12.5pt)
#set par(justify: true, leading: 13pt)
#let ink = rgb("#214261")
#place(dx: 9mm, dy: 9mm, rect(width: 279mm, height: 192mm, stroke: 1.6pt + ink))
#place(dx: 13mm, dy: 13mm, rect(width: 271mm, height: 184mm, stroke: .6pt + rgb("#B39152")))
#place(dy: 30mm, box(width: 297mm, align(center, text(size: 36pt, fill: ink, d.title))))
#place(dy: 58mm, box(width: 297mm, align(center,
  text(size: 10pt)[证书编号：#d.number　　备案编号：#d.filing])))
#place(dx: 36mm, dy: 73.5mm, image(d.photo, width: 35mm, height: 45mm))
#place(dx: 86mm, dy: 74mm, text(size: 27pt, fill: ink, d.holder))
#place(dx: 86mm, dy: 88mm)[#d.sex　　证件号码：#d.identity]
#place(dx: 86mm, dy: 98mm, box(width: 175mm, text(size: 15.5pt)[#d.sentence]))
#place(dx: 39mm, dy: 149mm, image(bytes(d.qr), format: "svg", width: 28.5mm))
#place(dx: 29mm, dy: 179mm, text(size: 8pt)[扫码离线验真　校验码 #d.code])
#place(dx: 86mm, dy: 172mm, text(size: 8.5pt)[#d.validity #linebreak() #d.statement])
#place(dx: 190mm, dy: 155mm, text(size: 15pt, d.issuer))
#place(dx: 205mm, dy: 168mm, d.issued)
"""


def typst_certificates(folder: Path, font_paths: list[Path]) -> Callable[[CertificateData], bytes]:
    """Return a function that draws with typst, its compiler made once: unsigned, untagged, no fitting."""
    source, photo = folder / "certificate.typ", folder / "photo.jpg"
    source.write_text(TYPST, "utf-8")
    compiler = typst.Compiler(
        str(source), root=str(folder), font_paths=list(map(str, font_paths)), ignore_system_fonts=True
    )

    def draw(data: CertificateData) -> bytes:
        photo.write_bytes(data.photo or b"")
        barcode = zxingcpp.create_barcode(data.verification, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        told = {
            "title": data.title,
            "holder": data.holder,
            "number": data.number,
            "filing": data.filing_number,
            "photo": photo.name,
            "sex": data.sex,
            "identity": data.id_number,
            "sentence": "".join(text for _, _, size, text in runs(data) if size == 15.5),
            "qr": barcode.to_svg(add_quiet_zones=True),
            "code": data.code,
            "validity": data.validity,
            "statement": data.statement,
            "issuer": data.issuer,
            "issued": chinese_date(data.issued),
        }
        drawn = compiler.compile(
            format="pdf", sys_inputs={"d": json.dumps(told, ensure_ascii=False)}, pdf_tags=False
        )
        assert isinstance(drawn, bytes)
        return drawn

    return draw


def stock_certificates(font: Path) -> Callable[[CertificateData], bytes]:
    """Return a function that draws as ReportLab's manual teaches, its font opened once."""
    pdfmetrics.registerFont(TTFont(STOCK_FONT, str(font)))

    def draw(data: CertificateData) -> bytes:
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT))
        canvas.rect(9 * MM, 9 * MM, WIDTH - 18 * MM, HEIGHT - 18 * MM)
        canvas.drawImage(ImageReader(io.BytesIO(data.photo or b"")), 36 * MM, 91.5 * MM, 35 * MM, 45 * MM)
        for x, y, size, text in runs(data):
            canvas.setFont(STOCK_FONT, size)
            canvas.drawString(x, y, text)
        code = QrCodeWidget(data.verification, barLevel="M", barWidth=25 * MM, barHeight=25 * MM)
        drawing = Drawing(25 * MM, 25 * MM)
        drawing.add(code)
        renderPDF.draw(drawing, canvas, 41 * MM, 32 * MM)
        canvas.save()
        return buffer.getvalue()

    return draw
