"""The way of a deal from stage to stage, the same for the stepper and the board."""

from __future__ import annotations

from typing import Final

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


def neighbour(stage: str, by: int) -> str | None:
    """Return the stage some steps further or back; None beyond either end."""
    if stage not in STAGES:
        return None
    number = STAGES.index(stage) + by
    return STAGES[number] if 0 <= number < len(STAGES) else None
