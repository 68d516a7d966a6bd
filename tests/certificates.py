"""A certificate for the tests, with everything on it that can be."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

from PIL import Image, ImageDraw

from desktop.documents.certificate import CertificateData

CREDENTIAL = ("TD1:" + "6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDE" * 7)[:311]
"""As long as a credential can be."""
LONG_NAME = "阿卜杜热合曼·买买提吐尔逊江·阿布都热依木·吾斯曼江·艾合买提"


def portrait(colour: str = "#8CAAD2", size: tuple[int, int] = (315, 405)) -> bytes:
    """Return a photograph that goes into the file as it is."""
    picture = Image.new("RGB", size, colour)
    draw = ImageDraw.Draw(picture)
    draw.pieslice((36, 234, 279, 540), 180, 360, fill="#283250")
    draw.ellipse((104, 81, 212, 225), fill="#E6C3AA")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


CERTIFICATE = CertificateData(
    title="技术经纪人（初级）培训合格证书",
    number="LNJJ-2026-00040",
    holder="王䶮",
    sex="男",
    id_number="210203********1039",
    programme="2026年度第三期技术经纪人培训班",
    level="初级",
    started=dt.date(2026, 3, 2),
    ended=dt.date(2026, 3, 13),
    hours=Decimal("80.0"),
    result="合格",
    issuer="大连市技术转移促进中心",
    issued=dt.date(2026, 4, 12),
    filing_number="国科火备2026-12",
    photo=portrait(),
    valid_to=dt.date(2029, 4, 11),
    validity="期满前六十日内办理续期登记。",
    statement="本证书为培训合格证明，不作为职业资格凭证。",
    verification=CREDENTIAL,
)
