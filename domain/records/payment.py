"""到账: money really received or paid under a contract, the basis of 实际成交额."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Iterator

from domain.fields import Values, choice, day, money, note, record, ref, text
from domain.problems import Problem


def rules(values: Values) -> Iterator[Problem]:
    """Check that something was paid."""
    amount = values.get("amount")
    if amount is not None and amount <= 0:
        yield Problem("amount", "not-positive", {"value": f"{amount}"})


@record(
    "payment",
    "付款",
    group="parts",
    title="voucher_no",
    identity=("deal", "paid_on", "amount", "voucher_no"),
    rules=rules,
)
class Payment:
    """One receipt with its bank voucher and invoice."""

    id: uuid.UUID
    deal: uuid.UUID | None = ref("所属交易", "deal", required=True)
    paid_on: dt.date | None = day("到账日期", required=True, listed=10, unit="payment", policy="protected")
    amount: decimal.Decimal | None = money(
        "金额", required=True, listed=12, unit="payment", policy="protected"
    )
    technical_part: decimal.Decimal | None = money(
        "其中技术交易额", listed=12, unit="payment", policy="protected"
    )
    kind: str | None = choice("款项", "payment-kind", listed=8)
    voucher_no: str | None = text("银行凭证号", max=60, listed=14, searched=True)
    invoice_no: str | None = text("发票号", max=60, listed=14, searched=True)
    remark: str | None = note("备注", max=500)
