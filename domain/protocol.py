"""Every message that crosses between a desktop and the server; the rows of its pages are in ``domain.pages``.

All of them are msgpack arrays, so a member may be added at the end and nowhere else: an older side ignores
it, a newer side takes its default. Frames are zstd-compressed on the way. docs/protocol.md tells the whole
conversation; this module is its vocabulary.

PROTOCOL_VERSION history:
    1  first form.
A server answers clients from OLDEST_CLIENT on; older ones are told so, may still pull, and lose nothing.
"""

from __future__ import annotations

import enum
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from domain.pages import Page  # noqa: TC001 - msgspec reads the annotations

PROTOCOL_VERSION: Final = 1
OLDEST_CLIENT: Final = 1

SYNC_PATH: Final = "/v1/sync"
HEADS_PATH: Final = "/v1/heads"
DEVICES_PATH: Final = "/v1/devices"
SUCCESSOR_PATH: Final = "/v1/devices/successor"
TOKEN_PATH: Final = "/v1/token"  # noqa: S105 - a path
BLOB_PATH: Final = "/v1/blobs"
SNAPSHOT_PATH: Final = "/v1/snapshots"
TRUST_PATH: Final = "/v1/trust"
HISTORY_PATH: Final = "/v1/history"

BATCH_OPS: Final = 2_000
"""A batch takes whole user actions until it has this many edits; one larger action is a batch of its own."""
FLIGHTS_AT_MOST: Final = 4
"""Batches in flight at once: enough to keep the line full, and little to send again when it breaks.

A device may send the next before it has kept the answers to the last: the server keeps so many behind.
"""
PAGE_ROWS: Final = 5_000
CHUNK: Final = 1 << 20
"""Attachments travel in chunks of this many bytes."""
LARGEST_MESSAGE: Final = 64 << 20
"""Bytes of a message after decompression; a longer one is refused before it is decoded."""
CLOCK_BITS: Final = 16
"""A clock is the corrected time in milliseconds, shifted by these bits that count within the millisecond."""
AHEAD_MS: Final = 2_000
"""The server takes no clock that is further ahead of its own; it is set back to that."""


class Status(enum.IntEnum):
    """What became of an edit."""

    OK = 0
    MERGED = 1
    CONFLICT = 2
    REFUSED = 3


class State(enum.IntEnum):
    """What a record is in a scope."""

    LIVE = 0
    DEAD = 1
    GONE = 2
    """It has left the scope: the device drops it."""
    STUB = 3
    """It is outside the scope but named by a record in it; the body holds its title and nothing else."""


# --- edits -------------------------------------------------------------------------------------------------


class New(Struct, array_like=True, tag_field="kind", tag=1):
    """A record's birth, with its packed body; the empty scope is the type's home."""

    type: int
    pk: bytes
    body: list[Any]
    scope: str = ""


class Set(Struct, array_like=True, tag_field="kind", tag=2):
    """Changed units: their places and packed values.

    ``base`` is the version of the record its author saw; ``bases`` names the units for which it is another
    one. ``was`` are the values the author saw, by place, of the units that are surfaced or joined.
    """

    type: int
    pk: bytes
    base: int
    units: dict[int, dict[int, Any]]
    was: dict[int, Any] = field(default_factory=dict)
    bases: dict[int, int] = field(default_factory=dict)

    def base_of(self, unit: int) -> int:
        """Return the version of a unit that its author saw."""
        return self.bases.get(unit, self.base)


class Drop(Struct, array_like=True, tag_field="kind", tag=3):
    """A record put in the recycle bin by one who had seen it at ``base`` (other units at ``bases``)."""

    type: int
    pk: bytes
    base: int
    bases: dict[int, int] = field(default_factory=dict)

    def base_of(self, unit: int) -> int:
        """Return the version of a unit that the author saw."""
        return self.bases.get(unit, self.base)


class Back(Struct, array_like=True, tag_field="kind", tag=4):
    """A record taken out of the recycle bin."""

    type: int
    pk: bytes
    base: int


class Move(Struct, array_like=True, tag_field="kind", tag=5):
    """A record handed to another scope: it leaves the one and enters the other whole."""

    type: int
    pk: bytes
    base: int
    scope: str


class Publish(Struct, array_like=True, tag_field="kind", tag=6):
    """Show (or no longer show) a record's public fields in the public catalogue."""

    type: int
    pk: bytes
    shown: bool


Op = New | Set | Drop | Back | Move | Publish


class Group(Struct, array_like=True):
    """One user action: it stands whole or not at all. ``clock`` is when, by the author's corrected clock."""

    clock: int
    ops: list[Op]


class Batch(Struct, array_like=True):
    """What a device sends as one; numbers rise by one, and no store uses one for other bytes.

    ``follows`` is told by the first after a server has said what it took last: that number. A batch from
    before it, delivered late, follows nothing any more.
    """

    number: int
    groups: list[Group]
    follows: int | None = None

    @property
    def before(self) -> int:
        """The number that must be the server's last of this device."""
        return self.number - 1 if self.follows is None else self.follows


# --- the sync request --------------------------------------------------------------------------------------


class Want(Struct, array_like=True):
    """How far a device is in a scope; the epoch changes when a server was restored from a backup.

    ``cursor`` is what the device shows: it holds everything up to there, and 0 means that it holds nothing.
    ``staged`` is how far pages lie ready above it; the next page begins there. ``count`` and ``digest`` are
    the live records held and the XOR of their ``row_digest``, for comparison; -1: not told.

    ``heard`` is the newest head of the scope that the device was ever told, and ``mark`` what the server drew
    for it: a server that was taken back to a backup has drawn another, or never came so far. ``anew`` says
    that records are held of which the server has to speak again: it names those, too, that are no more.
    """

    scope: str
    cursor: int
    epoch: int = 0
    count: int = -1
    digest: int = 0
    staged: int = 0
    heard: int = 0
    mark: int = 0
    anew: bool = False

    @property
    def since(self) -> int:
        """Return where the next page begins."""
        return max(self.cursor, self.staged)


class BlockRequest(Struct, array_like=True):
    """A series of numbers of which a device has few left; ``known`` is the highest id of its blocks."""

    series: str
    left: int
    known: int = 0


class SyncRequest(Struct, array_like=True):
    """Everything a device says in one round trip. The device itself is known by its access token.

    ``incarnation`` changes when a store was copied or restored. ``batches`` are encoded ``Batch``es, frozen
    when they were made. ``grants`` and ``trust`` are the versions last heard.
    """

    version: int
    build: str
    incarnation: int
    now_ms: int
    batches: list[bytes] = field(default_factory=list)
    wants: list[Want] = field(default_factory=list)
    grants: int = 0
    trust: int = 0
    rows: int = PAGE_ROWS
    blocks: list[BlockRequest] = field(default_factory=list)
    sent: int = 0
    """The highest number this store ever gave to a batch; below what the server knows: it is a copy."""
    again: bool = False
    """A server may have been told before what is born in the batches: a record may stand anywhere by now."""


# --- the sync answer ---------------------------------------------------------------------------------------


class Verdict(Struct, array_like=True):
    """What became of one edit that did not simply stand.

    ``lost`` names the units in which somebody's later edit stands; ``conflict`` the record that keeps all
    versions. An edit of a declined user action that was not itself the reason carries the code "with".
    """

    group: int
    op: int
    status: int
    code: str = ""
    lost: list[int] = field(default_factory=list)
    conflict: bytes = b""


class BatchAnswer(Struct, array_like=True):
    """Verdicts of one batch; edits that are not named stood.

    ``versions`` are the ``runs`` of each edit's version in the order of the batch, 0 where nothing was
    written. ``before`` and ``after`` are the heads around the batch of the scopes in which it wrote nothing
    but what its author has: a device whose cursor is at ``before`` goes on at ``after``, and the server takes
    that for done in the pages of the same answer. ``expected`` is set when the batch was not taken, because
    its number did not follow or its author has seen what this server does not have: the last number the
    server knows. ``heads`` are the new heads of all scopes to which it wrote, each with its mark.
    """

    number: int
    versions: list[tuple[int, int]] = field(default_factory=list)
    before: dict[str, int] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    expected: int = -1
    after: dict[str, int] = field(default_factory=dict)
    heads: dict[str, tuple[int, int]] = field(default_factory=dict)


class ScopeGrant(Struct, array_like=True):
    """A scope the device may see now, and how many records it holds."""

    scope: str
    writes: bool
    label: str
    count: int = 0
    snapshot: int = 0
    """The version of the prepared copy for new devices; 0: there is none, take pages."""


class Block(Struct, array_like=True):
    """Numbers of a series that belong to this device alone, both ends included."""

    series: str
    first: int
    last: int
    id: int = 0


class Notice(Struct, array_like=True):
    """A word of the server to people: an upgrade that is due, a limit that is near."""

    code: str
    text: str = ""


class Person(Struct, array_like=True):
    """Whose a device is, for what the page's rows name by number."""

    device: int
    name: str
    device_label: str


class SyncAnswer(Struct, array_like=True):
    """Everything the server says in one round trip; empty parts say "nothing new".

    ``scopes`` is None when the grants have not changed; a scope that is not in it must be dropped.
    ``mended`` names scopes of which the device holds what this server does not: it loads them anew.
    """

    now_ms: int
    batches: list[BatchAnswer] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    grants: int = 0
    scopes: list[ScopeGrant] | None = None
    people: list[Person] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    trust: int = 0
    notices: list[Notice] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)


# --- troubles ----------------------------------------------------------------------------------------------


class WipeOrder(Struct):
    """Tells a lost device to destroy its key; ``signature`` of the server over ``wipe device at``."""

    device: int
    at: int
    signature: str


class Trouble(Struct):
    """Why a request as a whole was declined, with the moment from which another try makes sense. JSON."""

    code: str
    text: str = ""
    retry_after: int = 0
    wipe: WipeOrder | None = None


# --- attachments -------------------------------------------------------------------------------------------


class BlobOffer(Struct, array_like=True):
    """What a device wants to send: the content's SHA-256 and size."""

    sha256: bytes
    size: int


class BlobAnswer(Struct, array_like=True):
    """The chunks that are missing; none when the content is whole here."""

    sha256: bytes
    missing: list[int]


encode = msgspec.msgpack.Encoder().encode
decode_batch = msgspec.msgpack.Decoder(Batch).decode
decode_request = msgspec.msgpack.Decoder(SyncRequest).decode
decode_answer = msgspec.msgpack.Decoder(SyncAnswer).decode


def clock_at(now_ms: int) -> int:
    """Return the first clock of a millisecond."""
    return now_ms << CLOCK_BITS


def moment_ms(clock: int) -> int:
    """Return the corrected time of a clock in milliseconds since 1970, UTC."""
    return clock >> CLOCK_BITS


def runs(versions: list[int]) -> list[tuple[int, int]]:
    """Return versions as runs of (first, how many): rising by one, or all 0."""
    found: list[list[int]] = []
    for version in versions:
        last = found[-1] if found else None
        if last and version == (last[0] and last[0] + last[1]):
            last[1] += 1
        else:
            found.append([version, 1])
    return [(first, count) for first, count in found]


def unrolled(found: list[tuple[int, int]]) -> list[int]:
    """Return the versions that runs stand for."""
    return [first and first + step for first, count in found for step in range(count)]
