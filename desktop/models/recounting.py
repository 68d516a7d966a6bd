"""Figures counted from other records, compared in SQL with what stands: edits of two devices may have met."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select, type_coerce

from desktop.models.sync_tables import SYNC_REFUSED
from desktop.models.tables import RECORD_TABLES, Identity
from domain.registry import wire_types

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import Connection

REFUND = "refund"


def miscounted_deals(connection: Connection) -> dict[uuid.UUID, Decimal]:
    """Return the right 实际成交额 of every live deal whose payments do not add up to what it says.

    Deals that never had a payment keep the figure they came with. A payment that waits for the decision of a
    conflict is not counted: nobody else has it.
    """
    deal, payment = RECORD_TABLES["deal"], RECORD_TABLES["payment"]
    signed = case((payment.c.kind == REFUND, -payment.c.amount), else_=payment.c.amount)
    total = func.coalesce(func.sum(case((payment.c.deleted_at.is_(None), signed), else_=None)), Decimal(0))
    right = total.label("right")
    known = wire_types()["payment"].number
    waiting = select(type_coerce(SYNC_REFUSED.c.pk, Identity)).where(
        SYNC_REFUSED.c.type == known, SYNC_REFUSED.c.waits == 1
    )
    statement = (
        select(deal.c.id, right)
        .join(payment, payment.c.deal == deal.c.id)
        .where(deal.c.deleted_at.is_(None), payment.c.id.not_in(waiting))
        .group_by(deal.c.id)
        .having(func.coalesce(deal.c.paid_amount, Decimal(-1)) != right)
    )
    return {key: Decimal(amount or 0) for key, amount in connection.execute(statement)}
