"""What follows from a write, whoever made it: settled inside the same command, so no figure goes stale."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop.models import queries
from desktop.models.queries import Query
from domain.problems import refuse

if TYPE_CHECKING:
    from desktop.models.work import Work

REFUND: Final = "refund"
DRAFT: Final = "draft"
SIGNED: Final = (
    "certificate_no",
    "holder_name",
    "level",
    "hours",
    "issuer",
    "issued_on",
    "valid_to",
)
"""What a certificate's signed credential says of it; the credential itself is never typed."""


def settle(work: Work) -> None:
    """Bring every figure that is counted from the touched records up to date.

    Raises:
        Refusal: an issued certificate would no longer say what its signed credential says, or be a draft.
    """
    _settle_payments(work)
    _keep_what_was_signed(work)


def _keep_what_was_signed(work: Work) -> None:
    """Refuse to change what stands under a signature: the paper is out in the world."""
    changed = [
        before["certificate_no"]
        for before, after in work.touched("certificate")
        if before.get("credential")
        and (after.get("state") == DRAFT or any(before.get(name) != after.get(name) for name in SIGNED))
    ]
    if changed:
        numbers = "、".join(changed)
        why = f"证书 {numbers} 已签发，编号、姓名、等级、学时、单位和日期不能再改，也不能退回草稿；请换发新证"
        raise refuse("certificate", "plain", why=why)


def _settle_payments(work: Work) -> None:
    """Make 实际成交额 of every deal whose payments were touched the sum of its payments less refunds."""
    deals = {body["deal"] for pair in work.touched("payment") for body in pair if body.get("deal")}
    for deal_id in sorted(deals):
        key = uuid.UUID(deal_id)
        if work.get("deal", key) is not None:
            work.change("deal", key, paid_amount=_paid(work, key))


def _paid(work: Work, deal_id: uuid.UUID) -> Decimal:
    rows: list[dict[str, Any]] = queries.rows(work.connection, Query("payment", where=(("deal", deal_id),)))
    return sum((-row["amount"] if row["kind"] == REFUND else row["amount"] for row in rows), Decimal(0))
