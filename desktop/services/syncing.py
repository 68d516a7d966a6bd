"""What the sync centre shows, read from one state of the store, and the log that support asks for."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop.models import departures, file_copies, sync_state
from desktop.models.outgoing import outbox
from desktop.services import returned
from desktop.services.departures import what_leaves
from desktop.services.saving import write_file

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.models.outgoing.outbox import Counts
    from desktop.models.sync_state import Run, ScopeState
    from desktop.services.departures import Leaving
    from desktop.services.desk import Desk
    from desktop.services.returned import Returned

RUNS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Centre:
    """Everything the sync centre shows but the state of the line."""

    counts: Counts
    by_type: dict[str, int]
    leaving: tuple[Leaving, ...]
    returned: tuple[Returned, ...]
    runs: tuple[Run, ...]
    scopes: tuple[ScopeState, ...]
    numbers: dict[str, int]
    """How many numbers of each series are left for this device."""
    largest: int | None
    """Bytes of the largest file that travels without being asked for; None: any does."""


def centre(desk: Desk) -> Centre:
    """Read the sync centre from one state of the store."""
    with desk.store.read() as connection:
        return Centre(
            counts=outbox.counts(connection),
            by_type=departures.counted(connection),
            leaving=what_leaves(desk, connection),
            returned=returned.listed(connection),
            runs=tuple(sync_state.runs(connection, RUNS_SHOWN)),
            scopes=tuple(sync_state.scopes(connection)),
            numbers={one.series: one.left for one in sync_state.blocks(connection)},
            largest=file_copies.largest(connection),
        )


def let_travel(desk: Desk, *, largest: int | None) -> None:
    """Let no file above so many bytes travel from or to this device without being asked for; None: all do."""
    with desk.store.write(applying=True) as connection:
        file_copies.set_largest(connection, largest)


def support_log(desk: Desk, *, build: str, phase: str, trouble: str, detail: str) -> str:
    """Return what support needs to know of sync: counts, codes and moments; no names and no values."""
    read = centre(desk)
    now = read.counts
    lines = [
        f"技转工作台 {build} · {platform.platform(terse=True)}",
        f"状态 {phase} {trouble} {detail}".rstrip(),
        f"待上传 {now.waiting} · 上传中 {now.in_flight} · 被退回 {now.refused} · 冲突 {now.conflicts}",
        *(
            f"范围 {one.key[:1]} 应用 {one.cursor} 取得 {one.staged} 服务器 {one.head} 共 {one.total}"
            for one in read.scopes
        ),
        *(f"{kind} {count}" for kind, count in read.by_type.items()),
        *(f"退回 {held.record_type} {held.why}" for held in read.returned),
        *(
            f"{run.at} {run.kind} ↑{run.sent} ↓{run.received} {run.bytes_up}/{run.bytes_down} B {run.detail}"
            for run in read.runs
        ),
    ]
    return "\n".join(lines) + "\n"


def export_log(desk: Desk, path: Path, **state: str) -> Path:
    """Write the support log to a file.

    Raises:
        Refusal: the file cannot be written.
    """
    return write_file(path, support_log(desk, **state).encode())
