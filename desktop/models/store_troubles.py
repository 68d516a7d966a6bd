"""Tells a full disk or a locked file from a bug, for those who must go on working afterwards."""

from __future__ import annotations

import errno
from typing import Literal

from sqlalchemy.exc import DBAPIError

StoreTrouble = Literal["disk-full", "store-busy"]

WORDS: dict[str, StoreTrouble] = {
    "disk is full": "disk-full",
    "disk I/O error": "disk-full",
    "database is locked": "store-busy",
}
"""What SQLite says; an I/O error while writing is most often a full or vanished disk."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""The last is a file longer than its disk or its user may have."""


def store_trouble(error: BaseException) -> StoreTrouble | None:
    """Return what the machine lacks; None when the error is none of the machine's."""
    if isinstance(error, OSError):
        return "disk-full" if error.errno in _NO_ROOM else None
    if isinstance(error, DBAPIError):
        said = str(error.orig)
        return next((trouble for words, trouble in WORDS.items() if words in said), None)
    return None
