"""The least that moves rows between a desktop's file and PostgreSQL: no versions, merging, rights, resume.

Pages of msgpack in zstd over HTTP on the loopback; COPY on the one side, executemany on the other. The file
is one of two: ``store`` is the desktop's own (encrypted, durable, with the record's table and all its
indexes) without capture and search; ``plain`` is SQLite as it comes, not encrypted, with two indexes, where a
power cut may cost the last commits.

Usage: python -m benchmarks._sync_floor serve URL PORT | fill KIND FOLDER COUNT | push KIND FOLDER PORT
       ... pull KIND FOLDER PORT COUNT
"""

from __future__ import annotations

import http.client
import http.server
import sqlite3
import sys
import uuid
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
import zstandard
from sqlcipher3 import dbapi2 as sqlcipher

from benchmarks._sync_data import FIELDS, packed_rows
from benchmarks._sync_meter import Meter
from desktop.models.store import CACHE_KIB, FILE, Store

PAGE: Final = 5_000
KEY: Final = b"b" * 32
NUMBERS: Final = frozenset({"funds", "asking_price"})
COLUMNS: Final = ", ".join(FIELDS)
MOMENT: Final = "2026-01-01T00:00:00.000000Z"
PLACES: Final = ", ".join("?" * (len(FIELDS) + 1))
INSERT: Final = {
    "plain": f"INSERT INTO achievement (id, {COLUMNS}) VALUES ({PLACES})",
    "store": f"INSERT INTO achievement (id, {COLUMNS}, created_at, updated_at)"
    f" VALUES ({PLACES}, '{MOMENT}', '{MOMENT}')",
}
encode: Final = msgspec.msgpack.Encoder().encode
decode: Final = msgspec.msgpack.Decoder().decode


def _types(number: str) -> str:
    return ", ".join(f"{name} {number if name in NUMBERS else 'text'}" for name in FIELDS)


def opened(kind: str, folder: Path) -> Any:
    """Return the client's file."""
    if kind == "store":
        return _store(folder)
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(folder / "plain.db", isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "cache_size = -65536"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"CREATE TABLE IF NOT EXISTS achievement (id blob PRIMARY KEY, {_types('integer')})")
    for name in ("title", "region"):
        connection.execute(f"CREATE INDEX IF NOT EXISTS by_{name} ON achievement ({name})")
    return connection


def _store(folder: Path) -> Any:
    """Return a connection to a desktop's store on which a write moves nothing but the row and its indexes."""
    if not (folder / FILE).exists():
        Store.open(folder, KEY).close()
    connection = sqlcipher.connect(str(folder / FILE), isolation_level=None)
    key, cache = f"key = \"x'{KEY.hex()}'\"", f"cache_size = -{CACHE_KIB}"
    for pragma in (key, "journal_mode = WAL", "synchronous = FULL", cache):
        connection.execute(f"PRAGMA {pragma}")
    asked = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'achievement'"
    for (name,) in connection.execute(asked).fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    return connection


def insert(kind: str, connection: Any, rows: list[Any]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(INSERT[kind], rows)
    connection.execute("COMMIT")


def serve(url: str, port: int) -> None:
    """Keep what comes in one table, give it out in pages."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("DROP TABLE IF EXISTS achievement")
    connection.execute(f"CREATE TABLE achievement (id uuid PRIMARY KEY, {_types('bigint')})")
    for name in ("title", "region"):
        connection.execute(f"CREATE INDEX ON achievement ({name})")
    pack, unpack = zstandard.ZstdCompressor(level=3), zstandard.ZstdDecompressor()
    kinds = ["uuid", *("int8" if name in NUMBERS else "text" for name in FIELDS)]
    asked = f"SELECT uuid_send(id), {COLUMNS} FROM achievement WHERE id > %s ORDER BY id LIMIT {PAGE}"

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            cursor = connection.cursor(binary=True).execute(asked, (uuid.UUID(self.path[1:]),))
            self._answer(pack.compress(encode(cursor.fetchall())))

        def do_POST(self) -> None:
            rows = decode(unpack.decompress(self.rfile.read(int(self.headers["Content-Length"]))))
            copying = f"COPY achievement (id, {COLUMNS}) FROM STDIN (FORMAT BINARY)"
            with connection.transaction(), connection.cursor().copy(copying) as copy:
                copy.set_types(kinds)
                for row in rows:
                    copy.write_row((uuid.UUID(bytes=row[0]), *row[1:]))
            self._answer(b"ok")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

    http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()


def push(kind: str, folder: Path, port: int) -> None:
    connection, line, pack = opened(kind, folder), _line(port), zstandard.ZstdCompressor(level=3)
    last = b""
    asked = f"SELECT id, {COLUMNS} FROM achievement WHERE id > ? ORDER BY id LIMIT {PAGE}"
    with Meter() as meter:
        while rows := connection.execute(asked, (last,)).fetchall():
            line.request("POST", "/", pack.compress(encode(rows)))
            line.getresponse().read()
            last = rows[-1][0]
    meter.tell()


def pull(kind: str, folder: Path, port: int, count: int) -> None:
    connection, line, unpack = opened(kind, folder), _line(port), zstandard.ZstdDecompressor()
    last, got = uuid.UUID(int=0), 0
    with Meter() as meter:
        while got < count:
            line.request("GET", f"/{last}")
            rows = decode(unpack.decompress(line.getresponse().read()))
            insert(kind, connection, rows)
            got += len(rows)
            last = uuid.UUID(bytes=rows[-1][0])
    meter.tell()


def _line(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port)


def main() -> None:
    match sys.argv[1:]:
        case ["serve", url, port]:
            serve(url, int(port))
        case ["fill", kind, folder, count]:
            insert(kind, opened(kind, Path(folder)), packed_rows(int(count)))
        case ["push", kind, folder, port]:
            push(kind, Path(folder), int(port))
        case ["pull", kind, folder, port, count]:
            pull(kind, Path(folder), int(port), int(count))


if __name__ == "__main__":
    main()
