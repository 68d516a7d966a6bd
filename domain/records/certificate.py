"""证书: the training certificate as it was issued; what it printed is kept for ever."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Iterator

from domain.fields import Values, choice, day, note, number, record, ref, text
from domain.problems import Problem, ordered


def rules(values: Values) -> Iterator[Problem]:
    """Check the order of the training's days."""
    yield from ordered(values, "trained_from", "trained_to", "培训起")
    yield from ordered(values, "issued_on", "valid_to", "发证日期")


@record(
    "certificate",
    "证书",
    group="training",
    title="certificate_no",
    identity=("certificate_no",),
    rules=rules,
    dated_by="issued_on",
)
class Certificate:
    """Holder, level, hours and number; the state tells a draft from an issued paper."""

    id: uuid.UUID
    certificate_no: str = text(
        "证书编号",
        required=True,
        max=40,
        listed=18,
        searched=True,
        unit="certificate",
        policy="protected",
        example="JJR-2026-00001",
    )
    holder: uuid.UUID | None = ref(
        "持证人", "broker", required=True, listed=12, unit="certificate", policy="protected"
    )
    holder_name: str = text(
        "姓名",
        required=True,
        max=60,
        listed=12,
        searched=True,
        pinyin=True,
        unit="certificate",
        policy="protected",
    )
    training_class: uuid.UUID | None = ref(
        "培训班", "training_class", listed=20, unit="certificate", policy="protected"
    )
    level: str | None = choice(
        "等级", "broker-level", required=True, listed=6, unit="certificate", policy="protected"
    )
    programme: str | None = text("培训项目", max=200, unit="certificate", policy="protected")
    trained_from: dt.date | None = day("培训起", unit="certificate", policy="protected")
    trained_to: dt.date | None = day("培训止", unit="certificate", policy="protected")
    hours: decimal.Decimal | None = number("总学时", low=0, places=1, unit="certificate", policy="protected")
    result: str | None = text("考核结果", max=20, unit="certificate", policy="protected")
    issuer: str | None = text("发证单位", max=120, required=True, unit="certificate", policy="protected")
    issued_on: dt.date | None = day("发证日期", listed=10, unit="certificate", policy="protected")
    valid_to: dt.date | None = day("有效期至", unit="certificate", policy="protected")
    torch_no: str | None = text("国家备案编号", max=40, unit="certificate", policy="protected")
    state: str = choice(
        "状态",
        "certificate-state",
        required=True,
        default="draft",
        listed=8,
        unit="state",
        policy="protected",
    )
    photo: uuid.UUID | None = ref("照片", "attachment", unit="certificate", policy="protected")
    replaces: uuid.UUID | None = ref("换发自", "certificate", unit="certificate", policy="protected")
    template: str | None = text("证书样式", max=60, unit="certificate", policy="protected")
    state_on: dt.date | None = day("状态日期", unit="state", policy="protected", kept=True)
    state_reason: str | None = text(
        "状态原因", max=200, unit="state", policy="protected", example="姓名有误，已换发"
    )
    credential: str | None = text("验证码", max=400, unit="paper", policy="protected", kept=True)
    made_with: str | None = note("制证记录", max=2000, unit="paper", policy="protected", kept=True)
    pdf_sha256: str | None = text(
        "文件摘要", max=64, format="sha256", unit="paper", policy="protected", kept=True
    )
