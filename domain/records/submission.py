"""报送材料: a sealed package that an agency hands to the authority, and what the authority answers."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid

from domain.fields import choice, day, note, number, record, ref, text


@record("submission", "报送材料", group="agency", identity=("title", "submitted_on", "sha256"))
class Submission:
    """The package is named by the SHA-256 of its file and never changes; only the answer does."""

    id: uuid.UUID
    title: str = text("材料名称", required=True, max=200, listed=28, searched=True, policy="sealed")
    kind: str | None = choice(
        "材料类别", "submission-kind", listed=10, policy="sealed", unit="package", required=True
    )
    year: decimal.Decimal | None = number(
        "年度", low=1990, high=2100, listed=6, policy="sealed", unit="package"
    )
    agency: uuid.UUID | None = ref("报送机构", "agency", listed=16, policy="sealed", unit="package")
    submitted_on: dt.date | None = day("报送日期", listed=10, policy="sealed", unit="package")
    sha256: str | None = text("文件 SHA-256", max=64, format="sha256", policy="sealed", unit="package")
    file_name: str | None = text("文件名", max=200, policy="sealed", unit="package")
    state: str = choice(
        "办理状态",
        "submission-state",
        required=True,
        default="submitted",
        listed=8,
        unit="answer",
        policy="authority",
    )
    answered_on: dt.date | None = day("答复日期", listed=10, unit="answer", policy="authority")
    answer: str | None = note("答复意见", max=4000, unit="answer", policy="authority")
