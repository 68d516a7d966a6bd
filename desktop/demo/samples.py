"""What the demonstration adds to the published lists: an agency, a class, a contract, all invented."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any, Final

from PIL import Image, ImageDraw

DEAL: Final = "鹦鹉人工繁殖巢箱"
AGENCY: Final = "示例技术转移中心"
ISSUER: Final = "示例技术转移人才培养基地"
TRAINING: Final = "示例初级技术经纪人培训班"
NAMES: Final = (
    "王喆", "李㛃", "张䶮", "赵𬭳", "欧阳堃祎", "买买提江·阿卜杜热合曼", "陈玥", "单晓旻", "刘昇", "周甯",
)  # fmt: skip
"""Names that bad fonts print as boxes, and one that is long."""
CONTRACT_DAY: Final = dt.date(2019, 12, 20)
YEAR: Final = Decimal(2019)
ISSUED_ON: Final = dt.date(2026, 3, 20)

CONTRACT: Final[dict[str, Any]] = {
    "stage": "archiving",
    "contract_type": "assign-patent",
    "contract_no": "JZ-2019-0126",
    "payment_mode": "instalments",
    "signed_on": CONTRACT_DAY,
    "begins_on": CONTRACT_DAY,
    "ends_on": dt.date(2020, 12, 19),
    "registration_no": "2019440100000126",
    "registered_on": dt.date(2019, 12, 27),
    "registration_state": "registered",
    "pricing_route": "agreement",
    "technical_field": "09",
    "ip_kinds": ("patent-invention",),
    "landing_region": "440100",
}

PAYMENTS: Final[tuple[dict[str, Any], ...]] = tuple(
    {
        "paid_on": day,
        "amount": Decimal(yuan),
        "technical_part": Decimal(yuan),
        "kind": "stage",
        "voucher_no": voucher,
    }
    for day, yuan, voucher in (
        (dt.date(2020, 1, 10), 10_000, "0120191230"),
        (dt.date(2020, 1, 28), 30_000, "0120200228"),
    )
)

AGENCY_YEAR: Final[dict[str, Any]] = {
    "name": AGENCY,
    "year": YEAR,
    "kind": "A",
    "region": "440100",
    "operating_income": Decimal(3_200_000),
    "working_funds": Decimal(800_000),
    "total_income": Decimal(4_000_000),
    "technical_income": Decimal(2_600_000),
    "profit_and_tax": Decimal(520_000),
    "has_bylaws": True,
    "has_information_system": True,
    "demonstration": "牵头组建区域技术转移联盟，服务周边三市。",
    "complaints": Decimal(0),
    "awards": "省级技术转移示范机构；地方媒体报道两次。",
}

STAFF: Final[tuple[dict[str, Any], ...]] = (
    *(
        {"name": name, "agency_name": AGENCY, "is_technical": True, "joined_on": dt.date(2018, 3, 1)}
        for name in ("高璟", "许晗", "沈珂", "韩沐", "冯笛", "曹越")
    ),
    *(
        {"name": name, "agency_name": AGENCY, "employment": "part", "is_expert": True}
        for name in ("蒋教授", "沈研究员")
    ),
)

SELF_SCORES: Final = {
    "bylaws": Decimal(5),
    "information_systems": Decimal("4.5"),
    "demonstration": Decimal(4),
    "industry_activity": Decimal("3.5"),
    "integrity": Decimal(5),
    "reputation": Decimal(4),
}

CLASS: Final[dict[str, Any]] = {
    "name": TRAINING,
    "level": "junior",
    "hours": Decimal(40),
    "programme": "国家技术转移专业人员能力等级培训",
    "starts_on": "2026-03-09",
    "ends_on": "2026-03-13",
    "organiser": ISSUER,
    "issuer": ISSUER,
    "state": "closed",
}


def photograph() -> bytes:
    """Return a photograph as a telephone makes it: lying on its side, with an EXIF note that says so."""
    picture = Image.new("RGB", (900, 1200), "#dfe7ea")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((300, 250, 600, 600), fill="#90a4ae")
    pen.pieslice((130, 660, 770, 1500), 180, 360, fill="#607d8b")
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    picture.rotate(90, expand=True).save(out, "JPEG", exif=exif)
    return out.getvalue()
