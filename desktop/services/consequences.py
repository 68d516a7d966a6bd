"""What follows from a write, whoever made it: settled inside the same command, so no figure goes stale."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop.models import queries
from desktop.models.queries import Query

if TYPE_CHECKING:
    from desktop.models.work import Work

REFUND: Final = "refund"


def settle(work: Work) -> None:
    """Bring every figure that is counted from the touched records up to date."""
    _settle_payments(work)


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
