"""What every command needs: the installation its arguments name, and a way to show a list."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from domain.problems import refuse
from server.operations import installation
from server.settings import Settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    import psycopg

    from server.postgres.database import Database


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Return the settings of a command that does not listen."""
    return Settings(
        data_dir=arguments.data_dir.absolute(), database=arguments.database, blobs=arguments.blobs, pool=2
    )


@contextmanager
def database_of(arguments: argparse.Namespace) -> Iterator[Database]:
    """Lend the database; the PostgreSQL that comes with the server is started if it does not run.

    Raises:
        Refusal: there is none yet; a mistyped folder must not become an empty server.
    """
    settings = settings_of(arguments)
    if not settings.database and not settings.postgres_dir.exists():
        why = f"“{settings.data_dir}”中没有服务器的数据：请先运行 serve，或用 --data-dir、--database 指明"
        raise refuse("数据", "plain", why=why)
    with installation.opened(settings) as database:
        yield database


@contextmanager
def connected(arguments: argparse.Namespace) -> Iterator[psycopg.Connection]:
    """Lend a connection for one transaction."""
    with database_of(arguments) as database, database.connection() as connection:
        yield connection


def show(arguments: argparse.Namespace, titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table, or with ``--json`` a line of JSON for each row."""
    if arguments.json:
        for row in rows:
            print(json.dumps(dict(zip(titles, row, strict=True)), ensure_ascii=False, default=str))
        return
    texts = [[str(title) for title in titles], *([_text(cell) for cell in row] for row in rows)]
    widths = [max(_width(row[column]) for row in texts) for column in range(len(titles))]
    for row in texts:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _text(cell: Any) -> str:
    if cell is None:
        return "—"
    return f"{cell.astimezone():%Y-%m-%d %H:%M}" if isinstance(cell, dt.datetime) else str(cell)


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
