"""CFF tables are touched up here because readers exist that misread one of the two forms of a selector.

In a CID-keyed font each glyph belongs to a font dictionary, and the width in its outline counts from a number
in that dictionary. HarfBuzz writes the selector as ranges; a validator of PDF/A (page-validation 0.11) takes
the dictionary of the next range, and so finds widths that do not agree.
"""

from __future__ import annotations

import re
from itertools import pairwise

# In the top dictionary: a long integer (29), the offset of the selector, and the operator FDSelect (12 37).
_SELECTOR = re.compile(rb"\x1d(....)\x0c\x25", re.DOTALL)
_PLAIN, _RANGES = 0, 3


def with_plain_selector(cff: bytes) -> bytes:
    """Return ``cff`` with a selector that has one byte for each glyph (Adobe Technical Note 5176, 19).

    The new selector stands at the end, so that nothing else moves; the old one is no longer referred to.
    """
    found = _SELECTOR.search(cff, *_top_dictionary(cff))
    if found is None:
        return cff
    offset = int.from_bytes(found[1], "big")
    if cff[offset] != _RANGES:
        return cff
    count = int.from_bytes(cff[offset + 1 : offset + 3], "big")
    entries = cff[offset + 3 : offset + 3 + 3 * count]
    firsts = [int.from_bytes(cff[at : at + 2], "big") for at in range(offset + 3, offset + 4 + 3 * count, 3)]
    plain = b"".join(
        bytes([chosen]) * (stop - start)
        for (start, stop), chosen in zip(pairwise(firsts), entries[2::3], strict=True)
    )
    moved = cff[: found.start(1)] + len(cff).to_bytes(4, "big") + cff[found.end(1) :]
    return moved + bytes([_PLAIN]) + plain


def _top_dictionary(cff: bytes) -> tuple[int, int]:
    """Return where the top dictionary starts and ends: it is all of the second index, after the names."""
    start = _after_index(cff, cff[2])
    return start, _after_index(cff, start)


def _after_index(cff: bytes, start: int) -> int:
    """Return the place after an INDEX: a count, the size of an offset, the offsets, the data (5176, 5)."""
    count, size = int.from_bytes(cff[start : start + 2], "big"), cff[start + 2]
    data = start + 2 + (count + 1) * size  # offsets count from the byte before the data
    return data + int.from_bytes(cff[data + 1 - size : data + 1], "big")
