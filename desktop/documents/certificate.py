"""The certificate exists so that a trained broker leaves with a sheet that says who, what, when and by whom.

Fields follow the training bases' practice: holder, programme, level, hours, result, number, issuer, seal
space, and the statement that this is a training certificate, not a licence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from desktop.documents.fitting import fit_box, fit_line
from desktop.documents.fonts import DRAWING, HEI
from desktop.documents.ornament import INK, draw_frame, draw_rule, draw_seal_space
from desktop.documents.page import A4, MM, Bookmark, Info, Page, write_pdf
from desktop.documents.paragraph import GREY, Style, ZhParagraph, show_text
from desktop.documents.pictures import Picture, open_portrait
from desktop.documents.preflight import label, require_glyphs
from desktop.documents.qrcode import draw_qr
from desktop.documents.wording import chinese_date, plain_number

if TYPE_CHECKING:
    import datetime as dt
    import decimal
    from collections.abc import Sequence

NAME = "certificate"
LABEL = "技术经纪人培训证书"

_HEIGHT, _WIDTH = A4  # landscape
_EDGE = 36 * MM  # outermost text
_TOP = _HEIGHT - 71 * MM  # of the holder's name
_BODY = 86 * MM  # left edge of the text beside the photograph
_PHOTO = (35 * MM, 45 * MM)
_QR = 30 * MM
_SEAL = (_WIDTH - 74 * MM, 49 * MM)

_TITLE = Style(size=36, leading=46, align="center", colour=INK)
_NUMBERS = Style(HEI, size=10, leading=14, align="center", gap=0, colour=GREY)
_NAME = Style(size=27, leading=37, align="left", colour=INK)
_ASIDE = Style(size=12.5, leading=20, align="left")
_TEXT = Style(size=15.5, leading=29)
_REMARK = Style(size=8.5, leading=14, colour=GREY)
_ISSUER = Style(size=15, leading=21, align="center")
_DATE = Style(size=12.5, leading=18, align="center")
_HINT = Style(HEI, size=8, leading=11, align="center", colour=(0.6, 0.6, 0.6))


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateData:
    """What is printed on one training certificate; texts are printed as they are given.

    ``id_number`` comes in masked (first six, last four). ``photo`` is a JPEG or PNG, ``verification`` the
    text of the QR code (none is drawn when it is empty), ``draft`` prints 草稿 across the sheet.
    """

    title: str = field(metadata=label("证书名称"))
    number: str = field(metadata=label("证书编号"))
    holder: str = field(metadata=label("持证人姓名"))
    sex: str = field(metadata=label("性别"))
    id_number: str = field(metadata=label("证件号码"))
    programme: str = field(metadata=label("培训项目"))
    level: str = field(metadata=label("等级"))
    started: dt.date
    ended: dt.date
    hours: decimal.Decimal
    result: str = field(metadata=label("考核结果"))
    issuer: str = field(metadata=label("发证单位"))
    issued: dt.date
    filing_number: str = field(default="", metadata=label("备案编号"))
    photo: bytes | None = None
    validity: str = field(default="", metadata=label("有效期说明"))
    statement: str = field(default="", metadata=label("证书说明"))
    verification: str = ""
    draft: bool = False


def draw_certificate(data: CertificateData) -> bytes:
    """Return the certificate as a PDF of one A4 landscape page.

    Raises MissingGlyph when a character is in no font, PictureError when the photo cannot be read.
    """
    return draw_certificates([data])


def draw_certificates(certificates: Sequence[CertificateData]) -> bytes:
    """Return one PDF with a page for each of ``certificates``; raises as :func:`draw_certificate`."""
    if not certificates:
        raise ValueError("no certificate to draw")
    require_glyphs(*certificates)
    first = certificates[0]
    title = f"{first.title} {first.holder}" if len(certificates) == 1 else f"{first.title}（合订）"
    info = Info(title, first.issuer, first.programme, max(data.issued for data in certificates))
    with DRAWING:
        return write_pdf([_page(data) for data in certificates], info)


def _page(data: CertificateData) -> Page:
    portrait = open_portrait(data.photo, _PHOTO[0] / _PHOTO[1]) if data.photo else None

    def paint(canvas: Any) -> None:
        draw_frame(canvas, _WIDTH, _HEIGHT, 9 * MM)
        _draw_head(canvas, data)
        _draw_photo(canvas, portrait)
        _draw_body(canvas, data)
        _draw_foot(canvas, data)

    mark = Bookmark(f"{data.holder} {data.number}", 0, _HEIGHT)
    return Page(paint, size=(_WIDTH, _HEIGHT), bookmarks=(mark,), numbered=False, draft=data.draft)


def _draw_head(canvas: Any, data: CertificateData) -> None:
    """Draw the title with the certificate's numbers below it."""
    width = _WIDTH - 2 * _EDGE
    title = fit_line(data.title, _TITLE, width)
    _center(canvas, title, _EDGE, _HEIGHT - 42 * MM, width)
    draw_rule(canvas, _WIDTH / 2, _HEIGHT - 54 * MM, 92 * MM)
    numbers = f"证书编号：{data.number}"
    if data.filing_number:
        numbers += f"　　备案编号：{data.filing_number}"
    _center(canvas, fit_line(numbers, _NUMBERS, width), _EDGE, _HEIGHT - 60.5 * MM, width)


def _draw_photo(canvas: Any, portrait: Picture | None) -> None:
    """Draw the photograph, or the dashed frame it is glued into."""
    x, y = _EDGE, _TOP - 2.5 * MM - _PHOTO[1]
    canvas.saveState()
    canvas.setStrokeGray(0.55)
    canvas.setLineWidth(0.5)
    if portrait:
        portrait.draw(canvas, x, y, *_PHOTO)
    else:
        canvas.setDash(2.2, 2.8)
        show_text(canvas, x + _PHOTO[0] / 2, y + _PHOTO[1] / 2 - 3, "照片", _HINT)
    canvas.rect(x, y, *_PHOTO)
    canvas.restoreState()


def _draw_body(canvas: Any, data: CertificateData) -> None:
    """Draw the holder, and the sentence that says what was learnt and how well."""
    width = _WIDTH - _BODY - _EDGE
    name = fit_line(data.holder, _NAME, width)
    identity = data.id_number and f"证件号码：{data.id_number}"
    aside = fit_line("　　".join(filter(None, (data.sex, identity))), _ASIDE, width)
    sentence = (
        f"　　于{chinese_date(data.started)}至{chinese_date(data.ended)}参加{data.programme}，"
        f"完成{data.level}课程{plain_number(data.hours)}学时，考核结果：{data.result}。\n　　特发此证。"
    )
    top = _TOP
    name.draw(canvas, _BODY, top, width)
    top -= name.height(width) + 0.5 * MM
    aside.draw(canvas, _BODY, top, width)
    top -= aside.height(width) + 3 * MM
    fit_box(sentence, _TEXT, width, top - 74 * MM).draw(canvas, _BODY, top, width)


def _draw_foot(canvas: Any, data: CertificateData) -> None:
    """Draw the QR code, the remarks, and the issuer over the space for the seal."""
    if data.verification:
        x = _EDGE + (_PHOTO[0] - _QR) / 2
        draw_qr(canvas, data.verification, x, 29 * MM, _QR)
        show_text(canvas, _EDGE + _PHOTO[0] / 2, 25.5 * MM, "证书信息", _HINT)
    draw_seal_space(canvas, *_SEAL, 20 * MM)
    show_text(canvas, _SEAL[0], _SEAL[1] + 13 * MM, "（盖章）", _HINT)
    width = 88 * MM
    _center(canvas, fit_line(data.issuer, _ISSUER, width), _SEAL[0] - width / 2, _SEAL[1] + 3 * MM, width)
    show_text(canvas, _SEAL[0], _SEAL[1] - 9 * MM, chinese_date(data.issued), _DATE)
    remarks = "\n".join(filter(None, (data.validity, data.statement)))
    width = _SEAL[0] - 46 * MM - _BODY
    remark = fit_box(remarks, _REMARK, width, 38 * MM)
    remark.draw(canvas, _BODY, 28 * MM + remark.height(width), width)


def _center(canvas: Any, paragraph: ZhParagraph, x: float, middle: float, width: float) -> None:
    """Draw ``paragraph`` with its middle at the height ``middle``, however many lines it has."""
    paragraph.draw(canvas, x, middle + paragraph.height(width) / 2, width)
