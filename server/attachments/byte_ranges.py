"""The Range header, of which one form is served: a download goes on where it was cut."""

from __future__ import annotations

import re


class RangeError(ValueError):
    """The range lies outside the content."""


def asked(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte of a single range, both included; None for the whole (RFC 9110, 14.2).

    A header in any other form is ignored, as the standard permits.

    Raises:
        RangeError: the range begins behind the content.
    """
    found = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", header.strip())
    if not found or not any(found.groups()):
        return None
    if not found[1]:
        first, last = max(0, size - int(found[2])), size - 1
    else:
        first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
        if found[2] and int(found[2]) < int(found[1]):
            return None
    if first >= size:
        raise RangeError(header)
    return first, last
