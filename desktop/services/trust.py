"""The trust list of this workspace: its own keys with what it has revoked, and the lists given by others."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from desktop.models import queries, settings
from desktop.models.queries import Query
from desktop.services import issuing_keys
from desktop.services.saving import write_file
from domain.problems import refuse
from domain.trust import TrustList, merged, read_trust_list

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from desktop.services.desk import Desk

LISTS: Final = "trust-lists"
NO_LONGER_VALID: Final = ("suspended", "revoked", "replaced")
BYTES_AT_MOST: Final = 20 * 1024 * 1024


def own(desk: Desk) -> TrustList:
    """Return what others need to check the papers issued here."""
    with desk.store.read() as connection:
        return _own(desk, connection)


def published(desk: Desk) -> str:
    """Return the own list as others are given it; empty while nothing was issued here."""
    trust = own(desk)
    return trust.to_json() if trust.issuers else ""


def known(desk: Desk) -> TrustList:
    """Return everything papers are checked by here: the own list and those taken in.

    Of the own keys nobody else's list has a say.
    """
    with desk.store.read() as connection:
        own_list = _own(desk, connection)
        ours = {issuer.key for issuer in own_list.issuers}
        taken = [read_trust_list(text) for text in settings.read(connection, LISTS, [])]
        others = [
            TrustList(one.as_of, tuple(issuer for issuer in one.issuers if issuer.key not in ours))
            for one in taken
        ]
        return merged([*others, own_list], desk.today())


def give(desk: Desk, path: Path) -> None:
    """Write the own list as a file for others.

    Raises:
        Refusal: nothing was issued here yet, or the file cannot be written.
    """
    trust = own(desk)
    if not trust.issuers:
        raise refuse("trust", "plain", why="还没有签发过证书，没有可以交给别人的信任名单")
    write_file(path, trust.to_json().encode())


def read_file(path: Path) -> TrustList:
    """Read a list somebody gave.

    Raises:
        Refusal: the file cannot be read or is no trust list.
    """
    try:
        if path.stat().st_size > BYTES_AT_MOST:
            raise refuse("trust", "plain", why="文件太大，不是信任名单")
        return read_trust_list(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("trust", "plain", why=f"读不到信任名单文件“{path.name}”") from error


def take(desk: Desk, path: Path) -> TrustList:
    """Take in a list somebody gave; a newer one of the same issuer replaces the older.

    Raises:
        Refusal: the file cannot be read, is no trust list, or says it is of a day to come.
    """
    trust = read_file(path)
    if trust.as_of > desk.today() + dt.timedelta(days=1):
        why = f"信任名单的日期 {trust.as_of.isoformat()} 还没有到，请核对本机日期，或向发证单位重新索取"
        raise refuse("trust", "plain", why=why)
    keep(desk, trust)
    return trust


def keep(desk: Desk, trust: TrustList) -> None:
    """Take in a list whose origin is beyond doubt: the user's own choice, or the server's signed one."""
    with desk.store.write() as connection:
        held = [read_trust_list(text) for text in settings.read(connection, LISTS, [])]
        keys = {issuer.key for issuer in trust.issuers}
        others = [
            one
            for one in held
            if one.as_of > trust.as_of or not {issuer.key for issuer in one.issuers} <= keys
        ]
        settings.write(connection, LISTS, [one.to_json() for one in (*others, trust)])


def _own(desk: Desk, connection: Connection) -> TrustList:
    revoked: dict[str, dict[str, tuple[str, dt.date]]] = {}
    for row in _ended(connection):
        ended = row["state"] in NO_LONGER_VALID
        day = (ended and row["state_on"]) or _day_of_change(row)
        state = row["state"] if ended else "revoked"
        revoked.setdefault(row["issuer"], {})[row["certificate_no"]] = (state, day)
    today = desk.today()
    return TrustList(today, tuple(issuing_keys.issuers(connection, revoked, today)))


def _day_of_change(row: dict[str, Any]) -> dt.date:
    """Return the day of a state that was typed into the form, or of the way into the recycle bin."""
    return dt.datetime.fromisoformat(row["updated_at"]).astimezone().date()


def _ended(connection: Connection) -> Iterator[dict[str, Any]]:
    """Yield the certificates that no longer count; an issued one in the recycle bin is as good as revoked."""
    yield from queries.rows(connection, Query("certificate", where=(("state", NO_LONGER_VALID),)))
    for row in queries.rows(connection, Query("certificate", binned=True)):
        if row["credential"]:
            yield row
