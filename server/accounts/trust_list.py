"""The trust list of everybody on this server: an organisation tells its own keys, and nobody else's.

What is served is signed by the server. A key or a certificate belongs to the organisation that showed it
first, so none can revoke or replace what another one issues with.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Final

from domain.problems import Refusal
from domain.trust import TrustList, merged, read_trust_list
from server.accounts import audit
from server.denials import Denied

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from server.caller import Caller

PUBLISHERS: Final = frozenset({"head", "trainer", "certifier"})
"""Roles that may tell the keys of their organisation."""


def publish(connection: psycopg.Connection, caller: Caller, text: str, *, now: dt.datetime) -> int:
    """Take an organisation's own list in place of its last one, and return the new version of the whole.

    Raises:
        Denied: 403 not this role's business, 400 no trust list, 409 a key belongs to another organisation.
    """
    if caller.role not in PUBLISHERS:
        raise Denied(403, "not-permitted", "只有机构负责人、培训师和证书主管可以公布信任名单")
    try:
        told = read_trust_list(text)
    except Refusal as refused:
        raise Denied(400, "malformed", refused.messages()[0]) from refused
    if told.as_of > now.date() + dt.timedelta(days=1):
        raise Denied(400, "malformed", "信任名单的日期还没有到，请核对本机日期")
    _claim(connection, caller, told)
    row = connection.execute(
        "INSERT INTO trust_list (organisation, body, changed_at, version)"
        " VALUES (%s, %s, %s, nextval('trust_version')) ON CONFLICT (organisation) DO UPDATE SET"
        " body = excluded.body, changed_at = excluded.changed_at, version = excluded.version"
        " WHERE trust_list.body <> excluded.body RETURNING version",
        (caller.organisation, told.to_json(), now),
    ).fetchone()
    if row:
        audit.note(connection, "trust", now=now, account=caller.account, device=caller.device)
    return int(row[0]) if row else version(connection)


def version(connection: psycopg.Connection) -> int:
    """Return a number that rises with every change; 0 while nobody has published anything."""
    row = connection.execute("SELECT coalesce(max(version), 0) FROM trust_list").fetchone()
    return int(row[0]) if row else 0


def current(connection: psycopg.Connection, today: dt.date) -> TrustList:
    """Return the list of all organisations; an issuer of another name is shown with his organisation's."""
    rows = connection.execute(
        "SELECT organisation.name, body FROM trust_list"
        " JOIN organisation ON organisation.id = trust_list.organisation ORDER BY organisation.name"
    )
    return merged([_attributed(read_trust_list(body), name) for name, body in rows], today)


def _attributed(told: TrustList, organisation: str) -> TrustList:
    issuers = (
        issuer
        if issuer.name == organisation
        else dataclasses.replace(issuer, name=f"{issuer.name}（{organisation}）")
        for issuer in told.issuers
    )
    return TrustList(told.as_of, tuple(issuers))


def _claim(connection: psycopg.Connection, caller: Caller, told: TrustList) -> None:
    keys = sorted(set(_keys(told)))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO trust_key (key, organisation) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [(key, caller.organisation) for key in keys],
        )
    foreign = connection.execute(
        "SELECT 1 FROM trust_key WHERE key = ANY(%s) AND organisation <> %s LIMIT 1",
        (keys, caller.organisation),
    ).fetchone()
    if foreign:
        raise Denied(409, "key-taken", "名单中有属于其他机构的密钥，只能公布本机构自己的")


def _keys(told: TrustList) -> Iterator[str]:
    for issuer in told.issuers:
        yield issuer.key
        yield from issuer.fingerprints
