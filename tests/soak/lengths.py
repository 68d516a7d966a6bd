"""How long the long tests are: the figures of their modules, times what `make soak` is told."""

from __future__ import annotations

import os
from typing import Final

VARIABLE: Final = "TRANSFER_DESK_SOAK"
"""1 is the whole length, 0.01 a hundredth of it."""


def many(figure: int) -> int:
    """Return how many of so many to do."""
    return max(1, round(figure * float(os.environ.get(VARIABLE, "1"))))
