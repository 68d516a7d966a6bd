"""Moving a deal from stage to stage, the same for the stepper and the board: one step of undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop.models import queries
from desktop.services import records
from domain.fields import RECORD_TYPES
from domain.problems import refuse

if TYPE_CHECKING:
    import uuid

    from desktop.models.work import Changes
    from desktop.services.desk import Desk

TERMINATED: Final = "terminated"
STAGES: Final = (
    "lead",
    "contact",
    "appraisal",
    "negotiation",
    "signing",
    "registration",
    "archiving",
)
"""The way of a deal; terminated is no step of it."""


def move(desk: Desk, deal_ids: list[uuid.UUID], stage: str) -> Changes:
    """Put deals into a stage, all or none.

    Raises:
        Refusal: a deal is gone, or is not sound.
    """
    names = [field.name for field in RECORD_TYPES["deal"].fields]
    moved = []
    with desk.store.read() as connection:
        for deal_id in deal_ids:
            held = queries.get(connection, "deal", deal_id)
            if held is None:
                raise refuse("deal", "not-found", label="技术交易", value=str(deal_id))
            moved.append(("deal", deal_id, {**{name: held[name] for name in names}, "stage": stage}))
    return records.save_all(desk, records=moved)


def neighbour(stage: str, by: int) -> str | None:
    """Return the stage some steps further or back; None beyond either end."""
    if stage not in STAGES:
        return None
    number = STAGES.index(stage) + by
    return STAGES[number] if 0 <= number < len(STAGES) else None
