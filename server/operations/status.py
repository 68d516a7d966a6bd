"""How the server is, in the words of the administrators' first page and of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import psycopg

_QUESTIONS: Final = (
    ("机构", "SELECT count(*)::text FROM organisation"),
    ("账号（未停用）", "SELECT count(*)::text FROM account WHERE disabled_at IS NULL"),
    ("设备（未停用）", "SELECT count(*)::text FROM device WHERE revoked_at IS NULL"),
    ("一天内同步过的设备", "SELECT count(*)::text FROM device WHERE seen_at > now() - interval '1 day'"),
    (
        "待送达的擦除命令",
        "SELECT count(*)::text FROM device WHERE wipe_at IS NOT NULL AND wipe_told_at IS NULL",
    ),
    ("记录", "SELECT coalesce(sum(live), 0)::text FROM scope"),
    (
        "附件",
        (
            "SELECT count(*) || ' 个，' || pg_size_pretty(coalesce(sum(size), 0)) FROM blob"
            " WHERE complete_at IS NOT NULL"
        ),
    ),
    ("未传完的附件", "SELECT count(*)::text FROM blob WHERE complete_at IS NULL"),
    ("数据库大小", "SELECT pg_size_pretty(pg_database_size(current_database()))"),
    ("PostgreSQL", "SELECT current_setting('server_version')"),
    ("数据库结构", "SELECT name FROM schema_version ORDER BY number DESC LIMIT 1"),
)


def facts(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """Return labels and values, as counted now."""
    found = []
    for label, question in _QUESTIONS:
        row = connection.execute(question.encode()).fetchone()
        found.append((label, str(row[0]) if row else "—"))
    return found
