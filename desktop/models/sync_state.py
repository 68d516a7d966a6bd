"""What this store knows of the server: scopes and how far they are, people, number blocks, past runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop.models import number_series, settings
from desktop.models.tables import STUB
from domain.digest import Digest, Tally
from domain.protocol import Block, BlockRequest, Person, Want
from domain.registry import wire_types
from domain.scopes import PUBLIC
from domain.scopes import home as home_of

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

RUNS_KEPT: Final = 500
HEARD: Final = "sync-heard"
"""The setting with the versions of grants and trust list last heard, and the own list last given."""
MOVING: Final = -1
"""The version of a record that left its scope for another of this device, which brings it; below all."""
UNCONFIRMED: Final = -2
"""The version of a record that the server has still to name in a scope that is loaded anew."""
_SCOPE: Final = "number, key, label, writes, granted, epoch, cursor, staged, head, total, loaded, mark, anew"


@dataclass(frozen=True, slots=True)
class ScopeState:
    """One scope: applied up to ``cursor``, fetched up to ``staged``, of ``head`` versions on the server.

    ``mark`` is what the server drew for the head, ``anew`` whether the scope is being loaded once more.
    """

    number: int
    key: str
    label: str
    writes: bool
    granted: bool
    epoch: int
    cursor: int
    staged: int
    head: int
    total: int
    loaded: bool
    mark: int
    anew: bool

    @property
    def public(self) -> bool:
        """Whether it is the public catalogue, of which each device holds a part."""
        return self.key == PUBLIC


@dataclass(frozen=True, slots=True)
class Run:
    """One past run of sync."""

    at: str
    kind: str
    sent: int
    received: int
    bytes_up: int
    bytes_down: int
    detail: str


def scopes(connection: Connection) -> list[ScopeState]:
    """Return the scopes that this device may see."""
    found = connection.exec_driver_sql(f"SELECT {_SCOPE} FROM sync_scope WHERE granted = 1 ORDER BY number")
    return [_state(row) for row in found]


def scope(connection: Connection, key: str) -> ScopeState | None:
    """Return one scope that this device may see."""
    sql = f"SELECT {_SCOPE} FROM sync_scope WHERE key = ? AND granted = 1"
    row = connection.exec_driver_sql(sql, (key,)).first()
    return _state(row) if row else None


def key_of(connection: Connection, record_type: str, record_id: uuid.UUID) -> str | None:
    """Return the key of the scope a record is in, None where no server has put it into one."""
    sql = f"SELECT key FROM {record_type} AS t JOIN sync_scope ON number = t.sync_scope WHERE t.id = ?"
    key: str | None = connection.exec_driver_sql(sql, (record_id.bytes,)).scalar()
    return key


def _state(row: Any) -> ScopeState:
    flags = {name: bool(getattr(row, name)) for name in ("writes", "granted", "loaded", "anew")}
    return ScopeState(**{**row._mapping, **flags})  # noqa: SLF001 - public in SQLAlchemy, named like a tuple's


def home_number(connection: Connection, record_type: str, *, taken: bool = False) -> int:
    """Return the number of the scope in which new records of a type are kept; 0 while it is not known.

    ``taken`` says that the server has just taken one: the right to write there may not have been heard of.
    """
    kin = [one for one in scopes(connection) if one.key.startswith(f"{home_of(record_type)}:")]
    own = [one for one in kin if one.writes] or (kin if taken else [])
    return own[0].number if len(own) == 1 else 0


def wants(connection: Connection, *, digests: bool = False) -> list[Want]:
    """Return how far this device is in each scope; until the first load is complete it holds nothing.

    With ``digests`` also what it holds, where that can be compared: all is applied and nothing is unsent.
    """
    settled = (
        digests
        and not connection.exec_driver_sql(
            "SELECT 1 FROM outbox UNION ALL SELECT 1 FROM flight LIMIT 1"
        ).first()
    )
    found = []
    for one in scopes(connection):
        want = Want(one.key, one.cursor if one.loaded else 0, one.epoch, staged=one.staged)
        want.heard, want.mark, want.anew = one.head, one.mark, one.anew
        whole = one.loaded and one.cursor == one.staged
        if settled and whole and not _expects(connection, one.number):
            held = scope_digest(connection, one.key)
            want.count, want.digest = held.count, held.total
        found.append(want)
    return found


def _expects(connection: Connection, number: int) -> bool:
    """Tell whether records that came from another scope wait for the page that brings them whole."""
    one = "SELECT 1 FROM {} WHERE sync_scope = ?1 AND row_ver < 0".format
    asked = f"{' UNION ALL '.join(map(one, wire_types()))} LIMIT 1"
    return connection.exec_driver_sql(asked, (number,)).first() is not None


def heard(connection: Connection) -> dict[str, Any]:
    """Return what was last heard of the server's lists, and last given to it, by name."""
    found: dict[str, Any] = settings.read(connection, HEARD, {})
    return found


def note_heard(connection: Connection, **versions: Any) -> None:
    """Note what was heard or given."""
    settings.write(connection, HEARD, {**heard(connection), **versions})


def hear(connection: Connection, key: str, head: int, mark: int) -> None:
    """Note a head of a scope with its mark, if it is the newest that this device was told."""
    connection.exec_driver_sql(
        "UPDATE sync_scope SET head = ?, mark = ? WHERE key = ? AND head <= ?", (head, mark, key, head)
    )


def scope_digest(connection: Connection, key: str) -> Digest:
    """Return what this device holds of a scope: live records the server knows, with their versions."""
    state, tally = scope(connection, key), Tally()
    if state is None:
        return tally.digest()
    for name, known in wire_types().items():
        rows: Any = connection.exec_driver_sql(
            f"SELECT id, row_ver FROM {name} WHERE sync_scope = ? AND row_ver <> 0 AND deleted_at IS NULL",
            (state.number,),
        ).cursor
        for pk, version in rows:
            tally.add(known.number, pk, version)
    for row in connection.exec_driver_sql(
        "SELECT type, pk, version FROM sync_strange WHERE scope = ?", (state.number,)
    ):
        tally.add(*row)
    return tally.digest()


def writable(connection: Connection, record_type: str, record_id: uuid.UUID | None) -> bool:
    """Tell whether a record may be changed here: not in a scope that is only read, and no stub.

    None asks whether a new record of the type may be made. A store without a server may write all.
    """
    granted = {one.number: one.writes and one.key != PUBLIC for one in scopes(connection)}
    home = home_number(connection, record_type)
    found = (
        record_id
        and connection.exec_driver_sql(
            f"SELECT sync_scope, deleted_at FROM {record_type} WHERE id = ?", (record_id.bytes,)
        ).first()
    )
    if not found:
        return home != 0 or not granted
    return found.deleted_at != STUB and granted.get(
        found.sync_scope or home, not granted or not found.sync_scope
    )


def read_only(connection: Connection, record_type: str, rows: Sequence[int]) -> int:
    """Return how many of the rows with these row ids may not be changed here."""
    granted = {one.number: one.writes and one.key != PUBLIC for one in scopes(connection)}
    if not granted:
        return 0
    granted[0] = granted.get(home_number(connection, record_type), True)
    open_ = [number for number, writes in granted.items() if writes]
    return int(
        connection.exec_driver_sql(
            f"SELECT count(*) FROM {record_type} WHERE row IN (SELECT value FROM json_each(?))"
            " AND (deleted_at IS ? OR sync_scope NOT IN (SELECT value FROM json_each(?)))",
            (json.dumps(list(rows)), STUB, json.dumps(open_)),
        ).scalar_one()
    )


def person(connection: Connection, device: int) -> Person | None:
    """Return whose a device is."""
    row = connection.exec_driver_sql(
        "SELECT device, name, label FROM sync_person WHERE device = ?", (device,)
    ).first()
    return Person(*row) if row else None


def learn_people(connection: Connection, people: Iterable[Person]) -> None:
    """Keep whose devices are."""
    rows = [(one.device, one.name, one.device_label) for one in people]
    if rows:
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO sync_person (device, name, label) VALUES (?, ?, ?)", rows
        )


def shift(connection: Connection) -> int:
    """Return by how many milliseconds the server's time is ahead of this machine's."""
    return int(connection.exec_driver_sql("SELECT shift_ms FROM sync_now").scalar_one())


def set_shift(connection: Connection, ms: int) -> None:
    """Correct this machine's time; clocks already given stand, and later ones stay above them."""
    connection.exec_driver_sql("UPDATE sync_now SET shift_ms = ?", (ms,))


def log_run(
    connection: Connection,
    *,
    at: str,
    kind: str,
    sent: int = 0,
    received: int = 0,
    bytes_up: int = 0,
    bytes_down: int = 0,
    detail: str = "",
) -> None:
    """Keep what a run did; the oldest runs are forgotten."""
    number = connection.exec_driver_sql(
        "INSERT INTO sync_log (at, kind, sent, received, bytes_up, bytes_down, detail)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (at, kind, sent, received, bytes_up, bytes_down, detail),
    ).scalar_one()
    connection.exec_driver_sql("DELETE FROM sync_log WHERE id <= ?", (int(number) - RUNS_KEPT,))


def runs(connection: Connection, limit: int = 50) -> list[Run]:
    """Return the last runs, the newest first."""
    found = connection.exec_driver_sql(
        "SELECT at, kind, sent, received, bytes_up, bytes_down, detail FROM sync_log"
        " ORDER BY id DESC LIMIT ?",
        (limit,),
    )
    return [Run(*row) for row in found]


def take_blocks(connection: Connection, blocks: Iterable[Block]) -> None:
    """Keep number blocks that the server gave to this device; one that is known is left as it is."""
    rows = [(one.id, one.series, one.first, one.last, one.first) for one in blocks]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO number_block (id, series, first, last, next) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            rows,
        )


def forget_blocks(connection: Connection) -> None:
    """Use no number of these blocks any more: they belong to the device of which this store is a copy."""
    connection.exec_driver_sql("DELETE FROM number_block")


def blocks(connection: Connection) -> list[BlockRequest]:
    """Return how many numbers are left of each series this device uses, and its newest block of it."""
    found = connection.exec_driver_sql(
        "SELECT series, sum(last + 1 - next) AS left, max(id) AS known FROM number_block GROUP BY series"
    )
    held = {row.series: BlockRequest(row.series, row.left, row.known) for row in found}
    wanted = dict.fromkeys([*number_series.needed(connection), *held])
    return [held.get(series, BlockRequest(series, 0)) for series in wanted]


def next_number(connection: Connection, series: str) -> int | None:
    """Use up the next number of a series; None when this device has none left."""
    number = connection.exec_driver_sql(
        "UPDATE number_block SET next = next + 1 WHERE id ="
        " (SELECT id FROM number_block WHERE series = ? AND next <= last ORDER BY first LIMIT 1)"
        " RETURNING next - 1",
        (series,),
    ).scalar()
    return None if number is None else int(number)
