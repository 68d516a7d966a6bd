"""What the store keeps for sync: edits to send, batches in flight, scopes and how far each has come."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from desktop.models.tables import METADATA

SYNC_NOW = Table(
    "sync_now",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("clock", Integer, nullable=False),
    Column("shift_ms", Integer, nullable=False),
    Column("applying", Integer, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("follows", Integer),
)
"""One row. ``clock`` is that of the running write transaction: one user action, one clock, above all before
it. ``shift_ms`` corrects this machine's time by the server's. While ``applying`` is 1 the outbox triggers
keep still: what is written comes from the server. ``batch`` is the number of the batch frozen last,
``follows`` the one that the server said to be its last, until the next batch is frozen."""

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("type", Integer, primary_key=True),
    Column("pk", LargeBinary, primary_key=True),
    Column("unit", Integer, primary_key=True),
    Column("action", Integer, nullable=False),
    Column("base", Integer, nullable=False),
    Column("clock", Integer, nullable=False),
    Column("was", Text),
    Column("theirs", Text),
    Column("theirs_ver", Integer, nullable=False, server_default="0"),
    Index(None, "clock"),
    sqlite_with_rowid=False,
)
"""Edits not yet sent, one row a changed merge unit; the values are in the record itself.

``unit`` 0 is the record's life; ``action`` says what happened (``capture.Action``). ``base`` is the version
the author saw, ``clock`` the last user action that wrote the unit. ``was`` is the unit as the author saw it
and ``theirs`` the server's image when a pull has moved it since (else NULL), as it was in version
``theirs_ver`` of the record: JSON arrays in the order of the unit's places, ids in hexadecimal."""

MOVED: Final = -1
"""The unit of a request to hand the record to another scope, whose key is its ``was``."""
SHOWN: Final = -2
"""The unit of a request to show the record in the public catalogue, or no longer."""

FLIGHT = Table(
    "flight",
    METADATA,
    Column("batch", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("ops", Integer, nullable=False),
    Column("again", Integer, nullable=False, server_default="0"),
)
"""Batches frozen for sending and not yet answered: after a crash the very same bytes are sent again.

``again`` is 1 if a server may have been told before what is born in it."""

FLIGHT_UNIT = Table(
    "flight_unit",
    METADATA,
    Column("type", Integer, primary_key=True),
    Column("pk", LargeBinary, primary_key=True),
    Column("unit", Integer, primary_key=True),
    Column("batch", Integer, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("action", Integer, nullable=False),
    Column("base", Integer, nullable=False),
    Column("clock", Integer, nullable=False),
    Column("was", Text),
    Column("theirs", Text),
    Column("theirs_ver", Integer, nullable=False, server_default="0"),
    Index(None, "batch", "place"),
    sqlite_with_rowid=False,
)
"""The outbox rows of the batches in flight; ``place`` is the edit's place in its batch."""

SYNC_SCOPE = Table(
    "sync_scope",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("label", Text, nullable=False),
    Column("writes", Integer, nullable=False),
    Column("granted", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("cursor", Integer, nullable=False),
    Column("staged", Integer, nullable=False),
    Column("head", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("loaded", Integer, nullable=False),
    Column("mark", Integer, nullable=False, server_default="0"),
    Column("anew", Integer, nullable=False, server_default="0"),
)
"""The scopes of this device: applied up to ``cursor``, fetched up to ``staged``; the server was at ``head``,
for which it drew ``mark``, with ``total`` records. ``loaded`` is 0 until the first load is complete: till
then pages are shown as they come. ``anew`` is 1 while a scope is loaded once more (incoming/restarts.py)."""

SYNC_PAGE = Table(
    "sync_page",
    METADATA,
    Column("scope", Integer, ForeignKey("sync_scope.number"), primary_key=True),
    Column("until", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""Pages fetched and not yet applied: a scope is shown only as it was at one moment."""

SYNC_REFUSED = Table(
    "sync_refused",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("type", Integer, nullable=False),
    Column("pk", LargeBinary, nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("op", LargeBinary, nullable=False),
    Column("waits", Integer, nullable=False),
    Column("conflict", LargeBinary),
    Index(None, "type", "pk"),
)
"""Edits the server did not take, whole, until somebody has looked at them. ``waits`` is 1 while ``conflict``,
the record that tells what they met, is open: then they are shown there."""

SYNC_STRANGE = Table(
    "sync_strange",
    METADATA,
    Column("type", Integer, primary_key=True),
    Column("pk", LargeBinary, primary_key=True),
    Column("scope", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("row", LargeBinary, nullable=False),
)
"""Records of types that a newer program has: kept as they came, shown after the upgrade."""

SYNC_SHOWN = Table(
    "sync_shown",
    METADATA,
    Column("type", Integer, primary_key=True),
    Column("pk", LargeBinary, primary_key=True),
    Column("scope", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Which copies in the public catalogue, by the copies' own ids, are of records of this organisation."""

SYNC_PERSON = Table(
    "sync_person",
    METADATA,
    Column("device", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("label", Text, nullable=False),
)
"""Whose a device is, for the names in histories and conflicts."""

SYNC_LOG = Table(
    "sync_log",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("received", Integer, nullable=False),
    Column("bytes_up", Integer, nullable=False),
    Column("bytes_down", Integer, nullable=False),
    Column("detail", Text, nullable=False),
)
"""The last runs of sync, for the sync centre and for support; no personal data."""

SEARCH_TODO = Table(
    "search_todo",
    METADATA,
    Column("type", Text, primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("was", Text),
    sqlite_with_rowid=False,
)
"""Rows written by sync that the search does not know yet; ``was`` are the words it still holds of them (a
JSON array), NULL when it holds none."""

NUMBER_BLOCK = Table(
    "number_block",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("series", Text, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("next", Integer, nullable=False),
    Index(None, "series"),
)
"""Numbers that belong to this device alone; ``next`` is the first unused one."""

BLOB_COPY = Table(
    "blob_copy",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("here", Integer, nullable=False),
    Column("there", Integer, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("touched", Text, nullable=False),
)
"""Where an attachment is: ``here``, ``there`` (whole on the server); and whether it is ``wanted``."""

KEPT_OFFLINE = Table(
    "kept_offline",
    METADATA,
    Column("type", Integer, primary_key=True),
    Column("pk", LargeBinary, primary_key=True),
)
"""Records whose attachments are fetched ahead, for site visits."""
