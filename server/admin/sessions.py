"""Who is at the administrators' pages: sessions in the database, forms that only these pages can send."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from server.accounts.requests import now
from server.denials import Denied

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    import psycopg
    from starlette.requests import Request
    from starlette.responses import Response

COOKIE: Final = "transfer_desk_admin"
LOGIN_COOKIE: Final = "transfer_desk_login"
HOURS: Final = 8
ROLES: Final = ("administrator", "auditor")
"""An auditor looks at everything an administrator sees, and changes nothing."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has logged in; ``csrf`` stands in every form he is shown."""

    account: UUID
    name: str
    role: str
    csrf: str

    @property
    def may_change(self) -> bool:
        """Tell whether the buttons are his."""
        return self.role == "administrator"


def open_session(connection: psycopg.Connection, account: UUID, *, now: dt.datetime) -> str:
    """Begin a session and return the secret of its cookie, of which the database keeps a hash."""
    secret = secrets.token_urlsafe(32)
    connection.execute("DELETE FROM admin_session WHERE expires_at <= %s", (now,))
    connection.execute(
        "INSERT INTO admin_session (hash, account, csrf, expires_at) VALUES (%s, %s, %s, %s)",
        (_hash(secret), account, secrets.token_urlsafe(24), now + dt.timedelta(hours=HOURS)),
    )
    return secret


def find(connection: psycopg.Connection, secret: str, *, now: dt.datetime) -> Session | None:
    """Return the session of a cookie, if the account may still be here."""
    row = connection.execute(
        "SELECT account.id, account.name, account.role, csrf FROM admin_session"
        " JOIN account ON account.id = admin_session.account"
        " WHERE hash = %s AND expires_at > %s AND disabled_at IS NULL AND role = ANY(%s)",
        (_hash(secret), now, list(ROLES)),
    ).fetchone()
    return Session(*row) if row else None


def current(request: Request) -> Session | None:
    """Return the session a request belongs to."""
    with request.app.state.database.reading() as connection:
        return find(connection, request.cookies.get(COOKIE, ""), now=now())


def close(connection: psycopg.Connection, secret: str) -> None:
    """End a session."""
    connection.execute("DELETE FROM admin_session WHERE hash = %s", (_hash(secret),))


def hand_over(answer: Response, request: Request, name: str, secret: str, hours: int = HOURS) -> None:
    """Set a cookie that no script reads and no other site sends; over TLS only where there is TLS."""
    answer.set_cookie(
        name,
        secret,
        max_age=hours * 3600,
        path="/admin",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a form that these pages sent, each once.

    Raises:
        Denied: 403, it comes from elsewhere.
    """
    origin = request.headers.get("origin", "")
    if origin and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Denied(403, "foreign-form", "表单不是从本页面提交的")
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0].strip() for name, values in fields.items()}


def demand_token(fields: Mapping[str, str], expected: str) -> None:
    """Demand the token of this very session or login page in the form.

    Raises:
        Denied: 403, it is another or none.
    """
    if not expected or not hmac.compare_digest(fields.get("csrf", "").encode(), expected.encode()):
        raise Denied(403, "foreign-form", "页面已过期，请返回后重新打开")


def demand_change(session: Session, fields: Mapping[str, str]) -> None:
    """Demand an administrator who pressed a button on his own page.

    Raises:
        Denied: 403.
    """
    demand_token(fields, session.csrf)
    if not session.may_change:
        raise Denied(403, "not-permitted", "审计员只能查看")


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
