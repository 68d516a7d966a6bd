"""Writing a finished paper where the user wants it: whole or not at all, and a refusal where that fails."""

from __future__ import annotations

import contextlib
import filecmp
import os
import re
from typing import TYPE_CHECKING, Final

from domain.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
NAME_AT_MOST: Final = 80


def file_name(text: str, otherwise: str) -> str:
    """Return a text as a file may be called on every system; ``otherwise`` where nothing is left of it."""
    return _FORBIDDEN.sub("_", text).strip(" .")[:NAME_AT_MOST] or otherwise


def write_file(path: Path, content: bytes) -> Path:
    """Write a file so that an older one of the same name is replaced whole or stays as it was.

    One that already has these bytes is left alone.

    Raises:
        Refusal: the file cannot be written.
    """
    with replace_file(path) as out:
        assert out
        out.write(content)
    return path


@contextlib.contextmanager
def replace_file(path: Path, *, wanted: bool = True) -> Iterator[BinaryIO | None]:
    """Open a file to be written piece by piece; it takes its name once it is whole.

    Nothing is opened unless it is ``wanted``. An older file with the same bytes is left alone.

    Raises:
        Refusal: the file cannot be written.
    """
    if not wanted:
        yield None
        return
    draft = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        filecmp.clear_cache()  # it remembers what files of the same size and moment were
        if path.exists() and filecmp.cmp(draft, path, shallow=False):
            draft.unlink()
        else:
            draft.replace(path)
    except OSError as error:
        _forget(draft)
        raise refuse("", "file-not-writable", name=str(path)) from error
    except BaseException:
        _forget(draft)
        raise


def _forget(draft: Path) -> None:
    with contextlib.suppress(OSError):
        draft.unlink()
