"""One transaction of a use case: a full disk under it is no bug, but a refusal that says what to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from desktop.models.store_troubles import store_trouble
from domain.problems import Problem, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from desktop.models.store import Store
    from desktop.models.store_troubles import StoreTrouble

WORDS: Final[dict[StoreTrouble, str]] = {
    "disk-full": "磁盘空间不足，这一步没有保存，以前保存的都在；请腾出空间后再试",
    "store-busy": "数据文件正被另一个程序占用，这一步没有保存，以前保存的都在；请稍后再试",
}


@contextmanager
def writing(store: Store) -> Iterator[Connection]:
    """Yield the writing transaction of a store.

    Raises:
        Refusal: the machine has no room for it, or another program holds the file; nothing was written.
    """
    try:
        with store.write() as connection:
            yield connection
    except Exception as error:
        trouble = store_trouble(error)
        if trouble is None:
            raise
        raise Refusal([Problem("", "plain", {"why": WORDS[trouble]})]) from error
