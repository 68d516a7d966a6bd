"""Measures the local store on a hundred thousand achievements against the least that SQLite can do.

The floor is a plain SQLite file (no key, same engine) with the same rows and indexes, driven by hand-written
SQL through the driver alone. Ours and the floor take turns in one run; medians are compared. Searches have a
second floor, the full scan with LIKE that a program without an index would do.

Usage: python -m benchmarks.store [--achievements 100000]
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import shutil
import statistics
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlcipher3 import dbapi2

from desktop import paths
from desktop.models import migrations, queries
from desktop.models.blobs import Blobs
from desktop.models.queries import Query
from desktop.models.store import FILE, Store
from desktop.models.work import Work, new_id
from desktop.services import records
from desktop.services.desk import Desk
from domain.folding import grams, match_expression
from tools.generate import Maker, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BUILD: Final = Path(__file__).parents[1] / "build" / "bench"
KEY: Final = b"b" * 32
PAGE: Final = 200
ORDER: Final = "deleted_at IS NULL ORDER BY updated_at DESC, row DESC"
NAMES: Final = ("title", "keywords", "summary", "registration_no", "ip_summary")


@dataclass(frozen=True)
class Bench:
    """The two stores side by side."""

    desk: Desk
    floor: Any

    def ask(self, sql: str, *values: object) -> list[Any]:
        return list(self.floor.execute(sql, values).fetchall())

    def ids(self, **facts: Any) -> list[int]:
        with self.desk.store.read() as connection:
            return list(queries.row_ids(connection, Query("achievement", **facts)))


@dataclass(frozen=True)
class Line:
    """One line of the table: milliseconds of both and what the floor did."""

    name: str
    ours: list[float]
    floor: list[float]
    how: str

    def __str__(self) -> str:
        ours, floor = statistics.median(self.ours), statistics.median(self.floor)
        p95 = sorted(self.ours)[int(0.95 * len(self.ours))]
        return f"| {self.name} | {ours:.1f} | {p95:.1f} | {floor:.1f} | {ours / floor:.2f} | {self.how} |"


def alternate(
    name: str,
    how: str,
    ours: Callable[[Any], object],
    floor: Callable[[Any], object],
    cases: Sequence[Any],
    *,
    rounds: int = 3,
) -> Line:
    """Time both on each case in turn; the first case of all warms up and is not counted.

    A single round gives each case once: for writes, which a second time would change nothing.
    """
    line = Line(name, [], [], how)
    for case in [cases[0], *(cases[1:] if rounds == 1 else [*cases] * rounds)]:
        for act, times in ((ours, line.ours), (floor, line.floor)):
            started = time.perf_counter()
            act(case)
            times.append(1000 * (time.perf_counter() - started))
    return Line(name, line.ours[1:], line.floor[1:], how)


# ── the two stores ──────────────────────────────────────────────────────────────────────────────


def prepare(achievements: int) -> Bench:
    """Generate the store once for each shape it may have, copy it and its floor for this run."""
    scripts = sorted(Path(migrations.__file__).parent.glob("versions/*.py"))
    shape = zlib.crc32(b"".join(script.read_bytes() for script in scripts))
    cache, run = BUILD / f"store-{achievements}-{shape:08x}", BUILD / "run"
    if not (cache / "floor.db").exists():
        shutil.rmtree(cache, ignore_errors=True)
        store = Store.open(cache, KEY)
        started = time.perf_counter()
        fill(store, achievements)
        print(f"generated {achievements} achievements in {time.perf_counter() - started:.0f} s\n")
        build_floor(store, cache / "floor.db")
        store.close()
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(cache, run)
    floor = dbapi2.connect(str(run / "floor.db"), isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -32768"):
        floor.execute(f"PRAGMA {pragma}")
    return Bench(open_desk(run), floor)


def open_desk(folder: Path) -> Desk:
    return Desk(
        store=Store.open(folder, KEY),
        blobs=Blobs.open(folder, KEY),
        codes=paths.code_book(),
        policies=paths.policy_book(),
        schemes=paths.schemes(),
        checklist=paths.dossier_checklist(),
        clock=lambda: dt.datetime.now(dt.UTC),
        user="bench",
        device="bench",
    )


def build_floor(store: Store, path: Path) -> None:
    """Copy the achievements into a plain file, with the indexes that the floor's statements need."""
    every = ", ".join(f'"{name}"' for name in NAMES)
    with store.engine.connect() as connection:
        connection.exec_driver_sql(f"ATTACH DATABASE '{path}' AS plain KEY ''")
        for table in ("achievement", "party"):
            connection.exec_driver_sql(f"CREATE TABLE plain.{table} AS SELECT * FROM main.{table}")
            connection.exec_driver_sql(f"CREATE UNIQUE INDEX plain.{table}_row ON {table}(row)")
        connection.exec_driver_sql("CREATE INDEX plain.newest ON achievement(deleted_at, updated_at, row)")
        connection.exec_driver_sql("CREATE INDEX plain.by_holder ON achievement(holder)")
        for table, fields in (("achievement", every), ("party", "name, credit_code, address, profile")):
            connection.exec_driver_sql(
                f"CREATE VIRTUAL TABLE plain.found_{table} USING fts5(grams, content='', tokenize=ascii)"
            )
            connection.exec_driver_sql(
                f"INSERT INTO plain.found_{table}(rowid, grams)"
                f" SELECT row, td_grams({fields}) FROM main.{table}"
            )
        connection.commit()


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


def reading(bench: Bench, chance: random.Random) -> list[Line]:
    every = bench.ids()
    pages = [chance.sample(every, PAGE) for _ in range(20)]
    fields = [(code,) for code in Maker.seeded(1).codes["technical-field"][:6]]

    def opened(_case: object) -> None:
        with bench.desk.store.read() as connection:
            queries.first_rows(connection, Query("achievement"), PAGE)
        bench.ids()

    def page(ids: list[int]) -> None:
        with bench.desk.store.read() as connection:
            queries.rows_by_row_id(connection, "achievement", ids)

    def floor_opened(_case: object) -> None:
        bench.ask(f"SELECT * FROM achievement WHERE {ORDER} LIMIT {PAGE}")
        bench.ask(f"SELECT row FROM achievement WHERE {ORDER}")

    def floor_page(ids: list[int]) -> None:
        bench.ask(f"SELECT * FROM achievement WHERE row IN ({', '.join('?' * len(ids))})", *ids)

    filtered = f"SELECT row FROM achievement WHERE technical_field = ? AND {ORDER}"
    return [
        alternate("list open: 200 rows and all ids", "the two SELECTs", opened, floor_opened, [None] * 8),
        alternate("page of 200 rows by id", "SELECT ... IN", page, floor_page, pages),
        alternate(
            "filter by technical field",
            "the SELECT",
            lambda case: bench.ids(where=(("technical_field", case[0]),)),
            lambda case: bench.ask(filtered, *case),
            fields,
        ),
    ]


def searching(bench: Bench, chance: random.Random) -> list[Line]:
    """Search words of every frequency; the floor does what ours must: titles of owners count too."""
    by_index = (
        "SELECT row FROM achievement WHERE row IN (SELECT rowid FROM found_achievement WHERE grams MATCH ?1"
        " UNION ALL SELECT a.row FROM achievement a JOIN party p ON a.holder = p.id"
        f" WHERE p.row IN (SELECT rowid FROM found_party WHERE grams MATCH ?1)) AND {ORDER}"
    )
    scan = f"SELECT row FROM achievement WHERE {' || '.join(f'ifnull({n}, char(10))' for n in NAMES)} LIKE ?"
    lines = []
    for kind, words in search_words(bench, chance).items():
        lines.append(
            alternate(
                f"search {kind}",
                "bigram FTS5",
                lambda word: bench.ids(words=word),
                lambda word: bench.ask(by_index, match_expression(word)),
                words,
            )
        )
    some = [words[0] for words in search_words(bench, chance).values()]
    lines.append(
        alternate(
            "search, one of each",
            "full scan with LIKE",
            lambda word: bench.ids(words=word),
            lambda word: bench.ask(f"{scan} AND {ORDER}", f"%{word}%"),
            some,
            rounds=2,
        )
    )
    return lines


def search_words(bench: Bench, chance: random.Random) -> dict[str, list[str]]:
    """Return words by how many records hold them, drawn from what the records hold."""
    bench.floor.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.term USING fts5vocab(main, found_achievement, row)"
    )
    terms = bench.ask(
        "SELECT term, doc FROM temp.term WHERE length(term) = 2 AND term >= '一' ORDER BY doc, term"
    )
    total = bench.ask("SELECT count(*) FROM achievement")[0][0]
    bounds = {"rare": (0, 0.03), "mid": (0.03, 0.2), "common": (0.2, 0.7)}
    words = {
        f"two characters, {name}": [t for t, doc in terms if low * total < doc <= high * total]
        for name, (low, high) in bounds.items()
    }
    titles = [row[0] for row in bench.ask("SELECT title FROM achievement ORDER BY row LIMIT 500")]
    words["four characters"] = [title[:4] for title in titles]
    words["patent numbers"] = [row[0] for row in bench.ask("SELECT ip_summary FROM achievement LIMIT 500")]
    return {kind: chance.sample(found, min(12, len(found))) for kind, found in words.items() if found}


# ── writing ─────────────────────────────────────────────────────────────────────────────────────


def writing(bench: Bench, chance: random.Random) -> list[Line]:
    with bench.desk.store.read() as connection:
        rows = queries.rows_by_row_id(connection, "achievement", chance.sample(range(1, 1001), 40))
    maker = Maker.seeded(2)
    held = list(rows.values())
    changes = [(row, {**row, **maker.achievement(row["holder"])}) for row in held]
    batches = [[maker.achievement(held[0]["holder"]) for _ in range(1000)] for _ in range(8)]

    def save(case: tuple[dict[str, Any], dict[str, Any]]) -> None:
        records.save(bench.desk, record_type="achievement", record_id=case[0]["id"], values=case[1])

    def floor_save(case: tuple[dict[str, Any], dict[str, Any]]) -> None:
        before, after = case
        bench.floor.execute("BEGIN IMMEDIATE")
        bench.ask(
            "INSERT INTO found_achievement(found_achievement, rowid, grams) VALUES ('delete', ?, ?)",
            *(before["row"], terms(before)),
        )
        bench.ask("INSERT INTO found_achievement(rowid, grams) VALUES (?, ?)", before["row"], terms(after))
        bench.ask(f"UPDATE achievement SET {setters} WHERE row = ?", *texts(after), before["row"])
        bench.floor.execute("COMMIT")

    def save_all(batch: list[dict[str, Any]]) -> None:
        rows_in = [("achievement", new_id(), values) for values in batch]
        records.save_all(bench.desk, records=rows_in)

    def bring_in(batch: list[dict[str, Any]]) -> None:
        with bench.desk.store.write() as connection:
            work = Work(connection, bench.desk.clock(), "bench", "bench", "导入")
            work.add("achievement", [(new_id(), values) for values in batch])
            work.finish()

    def floor_bring_in(batch: list[dict[str, Any]]) -> None:
        start = bench.ask("SELECT max(row) + 1 FROM achievement")[0][0]
        bench.floor.execute("BEGIN IMMEDIATE")
        for row, values in enumerate(batch, start):
            bench.ask(f"INSERT INTO achievement(row, {names}) VALUES (?, ?, ?, ?, ?, ?)", row, *texts(values))
            bench.ask("INSERT INTO found_achievement(rowid, grams) VALUES (?, ?)", row, terms(values))
        bench.floor.execute("COMMIT")

    names, setters = ", ".join(NAMES), ", ".join(f"{name} = ?" for name in NAMES)
    update, insert = "UPDATE and FTS5, no log, no checks", "INSERT and FTS5, no log, no checks"
    return [
        alternate("save one record", update, save, floor_save, changes, rounds=1),
        alternate("save 1,000 new records", insert, save_all, floor_bring_in, batches[:4], rounds=1),
        alternate("import 1,000 checked records", insert, bring_in, floor_bring_in, batches[4:], rounds=1),
    ]


def texts(values: dict[str, Any]) -> list[str | None]:
    return [values.get(name) for name in NAMES]


def terms(values: dict[str, Any]) -> str:
    return " ".join(grams(text) for text in texts(values) if text)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--achievements", type=int, default=100_000)
    bench = prepare(asked.parse_args().achievements)
    chance = random.Random(7)
    print("| what | ms p50 | ms p95 | floor ms p50 | ratio | the floor |\n|---|---|---|---|---|---|")
    for part in (reading, searching, writing):
        for line in part(bench, chance):
            print(line, flush=True)
    size = (BUILD / "run" / FILE).stat().st_size / (BUILD / "run" / "floor.db").stat().st_size
    print(f"\nThe file is {size:.2f} times as large as the floor's: it also holds the log of all changes.")
    bench.floor.close()
    bench.desk.store.close()


if __name__ == "__main__":
    main()
