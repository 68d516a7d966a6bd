"""How the server is, in the words of the administrators' first page and of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from domain.sizes import readable

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg


def _number(value: Any) -> str:
    return f"{value:,}"


def _size(value: Any) -> str:
    return readable(int(value))


_QUESTIONS: Final[tuple[tuple[str, Callable[[Any], str], str], ...]] = (
    ("机构", _number, "SELECT count(*) FROM organisation"),
    ("账号（未停用）", _number, "SELECT count(*) FROM account WHERE disabled_at IS NULL"),
    ("设备（未停用）", _number, "SELECT count(*) FROM device WHERE revoked_at IS NULL"),
    (
        "一天内同步过的设备",
        _number,
        "SELECT count(*) FROM device WHERE seen_at > now() - interval '1 day'",
    ),
    (
        "待送达的擦除命令",
        _number,
        "SELECT count(*) FROM device WHERE wipe_at IS NOT NULL AND wipe_told_at IS NULL",
    ),
    ("记录", _number, "SELECT coalesce(sum(live), 0) FROM scope"),
    ("附件", _number, "SELECT count(*) FROM blob WHERE complete_at IS NOT NULL"),
    ("附件大小", _size, "SELECT coalesce(sum(size), 0) FROM blob WHERE complete_at IS NOT NULL"),
    ("未传完的附件", _number, "SELECT count(*) FROM blob WHERE complete_at IS NULL"),
    ("数据库大小", _size, "SELECT pg_database_size(current_database())"),
    ("PostgreSQL 版本", str, "SELECT current_setting('server_version')"),
    ("数据库结构", "第 {} 版".format, "SELECT max(number) FROM schema_version"),
)


def facts(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """Return labels and values, as counted now."""
    found = []
    for label, say, question in _QUESTIONS:
        row = connection.execute(question.encode()).fetchone()
        found.append((label, say(row[0]) if row else "—"))
    return found
