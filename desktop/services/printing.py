"""What a document cannot print is the user's to mend: said as a refusal, not as a fault of the program."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from desktop.documents.fitting import TooMuchTextError
from desktop.documents.fonts import MissingGlyph
from desktop.documents.pictures import PictureError
from domain.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def refusing_unprintable() -> Iterator[None]:
    """Turn a missing character, an unreadable photo or a text that fits nowhere into a ``Refusal``."""
    try:
        yield
    except (MissingGlyph, PictureError, TooMuchTextError) as error:
        raise refuse("", "plain", why=str(error)) from error


@contextlib.contextmanager
def refusing_unwritable(path: Path) -> Iterator[None]:
    """Turn a file that cannot be written into a ``Refusal``."""
    try:
        yield
    except OSError as error:
        raise refuse("", "file-not-writable", name=str(path)) from error
