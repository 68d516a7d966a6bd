"""学员: one person in one class, with attendance, marks and result (学员档案)."""

from __future__ import annotations

import decimal
import uuid

from domain.fields import choice, flag, note, number, record, ref


@record("enrolment", "学员登记", group="training", title="broker", identity=("training_class", "broker"))
class Enrolment:
    """What the certificate will state: hours, mark and whether the person passed."""

    id: uuid.UUID
    training_class: uuid.UUID | None = ref("培训班", "training_class", required=True, listed=24)
    broker: uuid.UUID | None = ref("学员", "broker", required=True, listed=14)
    attended_hours: decimal.Decimal | None = number(
        "出勤学时", low=0, places=1, listed=8, unit="attendance", policy="protected"
    )
    attendance: decimal.Decimal | None = number(
        "出勤率", low=0, high=100, places=1, unit_label="%", listed=8, unit="attendance", policy="protected"
    )
    mark: decimal.Decimal | None = number(
        "成绩", low=0, high=100, places=1, listed=6, unit="result", policy="protected"
    )
    resit_mark: decimal.Decimal | None = number(
        "补考成绩", low=0, high=100, places=1, listed=6, unit="result", policy="protected"
    )
    passed: bool = flag("合格", listed=6, unit="result", policy="protected")
    result: str | None = choice("结论", "trainee-result", listed=8, unit="result", policy="protected")
    remark: str | None = note("备注", max=500)
