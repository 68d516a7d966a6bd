"""What sync is doing, as the screens show it: honest counts, and trouble by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import datetime as dt

    from desktop.models.outgoing.outbox import Counts
    from domain.protocol import Notice

TOO_OLD: Final = "too-old"
"""The notice of a server that takes no edits from this version of the program; reading goes on."""

Phase = Literal["off", "idle", "syncing", "offline", "held", "trouble"]
"""``off``: no server was joined; ``held``: the user wants no network; ``offline``: there is none now."""

TroubleCode = Literal[
    "signed-out", "revoked", "too-old", "disk-full", "store-busy", "wrong-server", "busy", "broken"
]
"""Why sync does not go on. Edits stay; all but the first three are tried again by themselves."""

Activity = Literal["sending", "receiving", "files"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the running sync is; ``rows_total`` is what the server said it holds, 0 while unknown."""

    what: Activity
    rows: int
    rows_total: int
    bytes_up: int
    bytes_down: int


@dataclass(frozen=True, slots=True)
class Status:
    """One moment of sync.

    ``last_success`` is the end of the last whole sync (UTC), ``retry_at`` when the next try is due after a
    failure. ``live`` says that the server tells of news at once. ``notices`` are the server's words to
    people; ``detail`` is for support, not for users.
    """

    phase: Phase
    counts: Counts
    last_success: dt.datetime | None = None
    trouble: TroubleCode | None = None
    detail: str = ""
    retry_at: dt.datetime | None = None
    progress: Progress | None = None
    live: bool = False
    notices: tuple[Notice, ...] = ()
