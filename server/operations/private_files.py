"""Files with secrets in them: readable by their owner from the first byte on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from domain.problems import refuse

if TYPE_CHECKING:
    from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Write a file only its owner may read, in place of one that is there.

    Raises:
        Refusal: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise refuse("文件", "plain", why=f"无法写入“{path}”，请检查文件夹是否可以写入") from error
