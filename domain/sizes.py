"""Sizes of files in the words of people, the same in the window, on the server's pages and in print."""

from __future__ import annotations

from typing import Final

STEP: Final = 1024
UNITS: Final = (("KB", 0), ("MB", 1), ("GB", 1), ("TB", 1))
"""Each with its decimals."""


def readable(size: int) -> str:
    """Return a number of bytes as people say it, such as 12 KB or 3.4 MB."""
    if size < STEP:
        return f"{size} 字节"
    amount, said = float(size), ""
    for unit, decimals in UNITS:
        amount /= STEP
        said = f"{amount:.{decimals}f} {unit}"
        if amount < STEP:
            break
    return said
