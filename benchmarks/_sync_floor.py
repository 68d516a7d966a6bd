"""The least that moves rows between SQLite and PostgreSQL: no versions, no merging, no rights, no resume.

Pages of msgpack in zstd over HTTP on the loopback; COPY on the one side, executemany on the other.

Usage: python -m benchmarks._sync_floor serve URL PORT | fill FILE COUNT | push FILE PORT
       ... pull FILE PORT COUNT
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

from benchmarks._sync_data import FIELDS, packed_rows
from benchmarks._sync_meter import Meter

PAGE: Final = 5_000
NUMBERS: Final = frozenset({"funds", "asking_price"})
COLUMNS: Final = ", ".join(FIELDS)
INSERT: Final = f"INSERT INTO achievement VALUES ({', '.join('?' * (len(FIELDS) + 1))})"
encode: Final = msgspec.msgpack.Encoder().encode
decode: Final = msgspec.msgpack.Decoder().decode


def _types(number: str) -> str:
    return ", ".join(f"{name} {number if name in NUMBERS else 'text'}" for name in FIELDS)


def opened(path: Path) -> sqlite3.Connection:
    """Return the client's file, with the two indexes that lists need."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"CREATE TABLE IF NOT EXISTS achievement (id blob PRIMARY KEY, {_types('integer')})")
    for name in ("title", "region"):
        connection.execute(f"CREATE INDEX IF NOT EXISTS by_{name} ON achievement ({name})")
    return connection


def insert(connection: sqlite3.Connection, rows: list[Any]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(INSERT, rows)
    connection.execute("COMMIT")


def serve(url: str, port: int) -> None:
    """Keep what comes in one table, give it out in pages."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("DROP TABLE IF EXISTS achievement")
    connection.execute(f"CREATE TABLE achievement (id uuid PRIMARY KEY, {_types('bigint')})")
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


def push(path: Path, port: int) -> None:
    connection, line, pack = opened(path), _line(port), zstandard.ZstdCompressor(level=3)
    last = b""
    asked = f"SELECT * FROM achievement WHERE id > ? ORDER BY id LIMIT {PAGE}"
    with Meter() as meter:
        while rows := connection.execute(asked, (last,)).fetchall():
            line.request("POST", "/", pack.compress(encode(rows)))
            line.getresponse().read()
            last = rows[-1][0]
    meter.tell()


def pull(path: Path, port: int, count: int) -> None:
    connection, line, unpack = opened(path), _line(port), zstandard.ZstdDecompressor()
    last, got = uuid.UUID(int=0), 0
    with Meter() as meter:
        while got < count:
            line.request("GET", f"/{last}")
            rows = decode(unpack.decompress(line.getresponse().read()))
            insert(connection, rows)
            got += len(rows)
            last = uuid.UUID(bytes=rows[-1][0])
    meter.tell()


def _line(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port)


def main() -> None:
    match sys.argv[1:]:
        case ["serve", url, port]:
            serve(url, int(port))
        case ["fill", path, count]:
            insert(opened(Path(path)), packed_rows(int(count)))
        case ["push", path, port]:
            push(Path(path), int(port))
        case ["pull", path, port, count]:
            pull(Path(path), int(port), int(count))


if __name__ == "__main__":
    main()
