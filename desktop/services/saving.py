"""Writing a finished paper where the user wants it: whole or not at all, and a refusal where that fails."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from domain.problems import refuse

if TYPE_CHECKING:
    from pathlib import Path

_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
NAME_AT_MOST: Final = 80


def file_name(text: str, otherwise: str) -> str:
    """Return a text as a file may be called on every system; ``otherwise`` where nothing is left of it."""
    return _FORBIDDEN.sub("_", text).strip(" .")[:NAME_AT_MOST] or otherwise


def write_file(path: Path, content: bytes) -> Path:
    """Write a file so that an older one of the same name is replaced whole or stays as it was.

    Raises:
        Refusal: the file cannot be written.
    """
    draft = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    except OSError as error:
        raise refuse("", "file-not-writable", name=str(path)) from error
    return path
