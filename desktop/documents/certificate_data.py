"""The data of a certificate stands apart from its design, so that one paper can be printed in any of them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from desktop.documents.archive import Info
from desktop.documents.credential import PREFIX
from desktop.documents.preflight import label
from desktop.documents.wording import chinese_date, plain_number

if TYPE_CHECKING:
    import datetime as dt
    import decimal
    from collections.abc import Mapping

_CODE = 8  # characters of the verification code
_SIGNED_LABEL, _PLAIN_LABEL = "扫码离线验真", "证书信息"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateData:
    """What is printed on one training certificate; texts are printed as they are given.

    ``id_number`` comes in masked (first six, last four). ``photo`` is a JPEG or PNG, ``verification`` the
    text of the QR code: a credential, or plain text that verifies nothing (none is drawn when it is empty).
    A ``draft`` bears 草稿 across the sheet and no QR code.
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
    valid_to: dt.date | None = None
    validity: str = field(default="", metadata=label("有效期说明"))
    statement: str = field(default="", metadata=label("证书说明"))
    verification: str = ""
    draft: bool = False

    @property
    def code(self) -> str:
        """The verification code printed beside the QR code: the end of the credential, without its spaces."""
        return self.verification.replace(" ", "")[-_CODE:] if self._is_credential else ""

    @property
    def printed_verification(self) -> str:
        """The text of the QR code, none on a draft."""
        return "" if self.draft else self.verification

    @property
    def info(self) -> Info:
        """What the file says about itself; whoever reads the file finds the credential in its keywords."""
        return Info(
            f"{self.title} {self.holder}",
            self.issuer,
            self.programme,
            self.issued,
            self.printed_verification,
        )

    def values(self, signer: str = "") -> Mapping[str, str]:
        """Return what fills the blanks of a template; ``signer`` names who signs the file."""
        qr_label = _SIGNED_LABEL if self._is_credential else _PLAIN_LABEL
        return {
            "title": self.title,
            "number": self.number,
            "filing_number": self.filing_number,
            "holder": self.holder,
            "sex": self.sex,
            "id_number": self.id_number,
            "programme": self.programme,
            "level": self.level,
            "started": chinese_date(self.started),
            "ended": chinese_date(self.ended),
            "hours": plain_number(self.hours),
            "result": self.result,
            "issuer": self.issuer,
            "issued": chinese_date(self.issued),
            "valid_to": chinese_date(self.valid_to),
            "validity": self.validity,
            "statement": self.statement,
            "qr_label": qr_label if self.printed_verification else "",
            "code": "" if self.draft else self.code,
            "signer": "" if self.draft else signer,
        }

    @property
    def _is_credential(self) -> bool:
        return self.verification.startswith(PREFIX)


def _labels() -> Mapping[str, str]:
    fields = dataclasses.fields(CertificateData)
    return {entry.name: entry.metadata["label"] for entry in fields if "label" in entry.metadata}


LABELS: Final = {
    **_labels(),
    "started": "开始日期",
    "ended": "结束日期",
    "hours": "学时",
    "issued": "发证日期",
    "valid_to": "有效期至",
    "qr_label": "二维码说明",
    "code": "校验码",
    "signer": "签名者",
}
"""What the user knows each field by that a template can name."""
