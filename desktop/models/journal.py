"""Changes that sync makes to known records enter the change log, so that histories and undo stay true."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from desktop.models import sync_state
from desktop.models.images import to_packed
from desktop.models.tables import now_text
from desktop.models.work import DELETED, new_id
from domain.protocol import moment_ms
from domain.wire import packed_to_wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from domain.protocol import Person
    from domain.registry import WireType

ARRIVED: Final = "同步"
FELL_BACK: Final = "同步：改回服务器的版本"


def moment_text(clock: int) -> str:
    """Return the moment of a clock as the store keeps moments."""
    second, ms = divmod(moment_ms(clock), 1000)
    return f"{_second_text(second)}.{ms:03}000Z"


@functools.lru_cache(maxsize=4096)
def _second_text(second: int) -> str:
    return now_text(dt.datetime.fromtimestamp(second, dt.UTC)).partition(".")[0]


@dataclass
class Journal:
    """What one transaction of sync changed, by the device that made the change and its clock."""

    connection: Connection
    label: str = ARRIVED
    _steps: dict[tuple[int, int], list[tuple[str, bytes, str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def note(
        self,
        known: WireType,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        *,
        device: int,
        clock: int,
    ) -> None:
        """Note one record, as rows of its table by column; a record that stays as it is leaves no trace."""
        was, now = logged(known, before), logged(known, after)
        if was != now:
            step = known.record_type.name, before["id"], _dump(was), _dump(now)
            self._steps[device, clock].append(step)

    def finish(self) -> None:
        """Write what was noted, one command for each user action of another device."""
        people: dict[int, Person | None] = {}
        steps = []
        for (device, clock), noted in self._steps.items():
            if device not in people:
                people[device] = sync_state.person(self.connection, device)
            person = people[device]
            who = (person.name, person.device_label) if person else ("", "")
            seq = self.connection.exec_driver_sql(
                "INSERT INTO command (id, at, user, device, label, kind) VALUES (?, ?, ?, ?, ?, 'sync')"
                " RETURNING seq",
                (new_id().bytes, moment_text(clock), *who, self.label),
            ).scalar_one()
            steps += [(seq, *step) for step in noted]
        if steps:
            self.connection.exec_driver_sql(
                "INSERT INTO change (command, record_type, record, before, after) VALUES (?, ?, ?, ?, ?)",
                steps,
            )
        self._steps.clear()


def logged(known: WireType, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as the change log keeps a record."""
    body = {
        one.name: packed_to_wire(one, to_packed(one, row[one.name]))
        for one in known.record_type.fields
        if row[one.name] is not None and not (one.kind == "flag" and not row[one.name])
    }
    return {**body, DELETED: True} if row["deleted_at"] is not None else body


def _dump(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
