"""Limits on how often somebody may try: token buckets in the database, so they hold for all workers together.

Only what is rare and worth guessing is limited here: passwords, invitations, tokens. Syncs are bounded by the
connections of a worker, which answer 503 when none is free.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.denials import Denied

if TYPE_CHECKING:
    import datetime as dt

    import psycopg

    from server.accounts.server_keys import ServerKeys


@dataclass(frozen=True, slots=True)
class Bucket:
    """Room for ``size`` tries; one more becomes free every ``seconds``."""

    name: str
    size: int
    seconds: float


LOGIN: Final = Bucket("login", 10, 60)
"""Passwords of one account: 10 at once, then one a minute."""
ADDRESS: Final = Bucket("address", 60, 2)
"""Passwords from one address: a whole office may sit behind it."""
DEVICE: Final = Bucket("device", 30, 10)
"""Refreshes of one device, which needs one in a quarter of an hour."""

_FREE: Final = "held.tokens + greatest(0, extract(epoch FROM %(now)s - held.at)::float8) / %(seconds)s"
"""Tries that are free by now; a host whose clock is behind takes nothing away."""
_TAKE: Final = f"""
    INSERT INTO rate_limit AS held (key, tokens, at) VALUES (%(key)s, %(size)s - 1, %(now)s)
    ON CONFLICT (key) DO UPDATE
    SET tokens = least(%(size)s, {_FREE}) - 1, at = greatest(held.at, %(now)s) WHERE {_FREE} >= 1
    RETURNING tokens
"""  # noqa: S608 - made of constants


def take(
    connection: psycopg.Connection, keys: ServerKeys, bucket: Bucket, who: str, *, now: dt.datetime
) -> None:
    """Take one try; to be done in a transaction of its own, which stands whatever becomes of the try.

    Raises:
        Denied: 429 ``slow-down``, with the seconds until the next try.
    """
    key = _key(keys, bucket, who)
    values = {"key": key, "size": float(bucket.size), "seconds": float(bucket.seconds), "now": now}
    if connection.execute(_TAKE, values).fetchone():
        return
    row = connection.execute(
        f"SELECT (1 - ({_FREE})) * %(seconds)s FROM rate_limit AS held WHERE key = %(key)s",  # noqa: S608 - made of constants
        values,
    ).fetchone()
    wait = max(1, math.ceil(row[0])) if row else 1
    raise Denied(429, "slow-down", f"尝试过于频繁，请 {wait} 秒后再试", retry_after=wait)


def prune(connection: psycopg.Connection, before: dt.datetime) -> int:
    """Forget the buckets nobody has touched since ``before``; they are full again."""
    return connection.execute("DELETE FROM rate_limit WHERE at < %s", (before,)).rowcount


def _key(keys: ServerKeys, bucket: Bucket, who: str) -> bytes:
    """Return a bucket's key: neither addresses nor logins stand in the table."""
    return hashlib.blake2b(f"{bucket.name} {who}".encode(), key=keys.token, digest_size=16).digest()
