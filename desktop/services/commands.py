"""What makes a function a use case: one transaction, one entry in the log, one step of undo."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from desktop.models.work import Changes, Work
from desktop.services.consequences import settle
from desktop.services.writable import demand_writable
from desktop.services.writing import writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.services.desk import Desk

P = ParamSpec("P")
log = logging.getLogger(__name__)

COMMANDS: dict[str, str] = {}
"""Label of every command by its dotted name; law tests walk it."""


def command(
    label: str,
) -> Callable[[Callable[Concatenate[Work, Desk, P], Any]], Callable[Concatenate[Desk, P], Changes]]:
    """Turn ``do(work, desk, ...)`` into ``do(desk, ...) -> Changes``.

    Whatever the function raises leaves the store as it was; a full disk is told as a refusal.
    ``work.label`` may be refined inside.
    """

    def declare(do: Callable[Concatenate[Work, Desk, P], Any]) -> Callable[Concatenate[Desk, P], Changes]:
        COMMANDS[f"{do.__module__}.{do.__qualname__}"] = label

        @functools.wraps(do)
        def run(desk: Desk, /, *args: P.args, **kwargs: P.kwargs) -> Changes:
            with writing(desk.store) as connection:
                work = Work(connection, desk.clock(), desk.user, desk.device, label)
                do(work, desk, *args, **kwargs)
                settle(work)
                changes = work.finish()
                demand_writable(connection, changes)
            log.info("command %s touched %d records", do.__qualname__, len(changes.touched))
            return changes

        return run

    return declare
