"""Measures sync against the least that moves such rows, and against other offline-first programs.

All take turns in one run and medians are compared. The floor (benchmarks/_sync_floor.py) copies rows between
the desktop's own file and PostgreSQL with no versions, no merging, no rights and no resume; the plain floor
does so with a file that is not encrypted. Peers are Anki and PouchDB, each with its own server; the benchmark
installs them into build/peers. Ours is the real store and engine, each step in a process of its own, against
the real server on the PostgreSQL that comes with it.

As root everything runs in a network namespace of its own, whose counters give the bytes on the wire.

Usage: python -m benchmarks.sync [--rounds 3] [--rows 50000] [--quick] [--only floor,plain,ours,anki,pouch]
"""

from __future__ import annotations

import argparse
import functools
import os
import shutil
import statistics
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from benchmarks import _sync_peers as peers
from benchmarks._sync_data import write_lines
from benchmarks._sync_peers import ROOT, Anki, Figures, Pouch, run, server
from server.postgres.embedded import Embedded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BUILD: Final = ROOT / "build" / "bench" / "sync"
ALONE: Final = "TRANSFER_DESK_BENCH_ALONE"
MISSING: Final = "TRANSFER_DESK_BENCH_MISSING"
CHANGED: Final = 1_000
FAR_ROWS: Final = 5_000
FAR_CHANGED: Final = 100
DELAY_MS: Final = 25
MEGABITS: Final = 10
PORTS: Final = {"floor": 27801, "ours": 27802, "anki": 27803, "pouch": 27804}
FAR: Final = 100
"""What is added to a port for the relay before it."""
Results = dict[str, list[Figures]]


@dataclass(frozen=True)
class Goal:
    """A row of the table: the job, what its figure is divided by, and how small it is to be."""

    job: str
    words: str
    against: str
    unit: str
    goal: float


GOALS: Final = (
    Goal("ours push", "push {rows} new records", "floor push", "x floor", 1.8),
    Goal("ours pull", "pull {rows} new records until they are shown", "floor pull", "x floor", 1.2),
    Goal(
        "ours far: new device",
        f"first {FAR_ROWS} records at {2 * DELAY_MS} ms, {MEGABITS} Mbit/s",
        "floor far: new device",
        "x floor of the line",
        1.15,
    ),
    Goal(
        "ours new device",
        "a new device with {rows} records until they are shown",
        "floor pull",
        "x floor",
        0.45,
    ),
)


def ours_module(*words: Any) -> list[Any]:
    return [sys.executable, "-m", "benchmarks._sync_ours", *words]


class Ours:
    """Our server with one agency, and workspaces that join it."""

    name = "ours"

    def __init__(self, folder: Path, port: int, through: int = 0) -> None:
        self.folder, self.port, self.through = folder, port, through

    def serving(self, workers: int = 1) -> Any:
        command = [sys.executable, "-m", "server", "--data-dir", self.folder / "server", "serve"]
        return server([*command, "--port", self.port, "--workers", workers], self.port)

    def join(self, *devices: str) -> None:
        invitation = self.folder / "server" / "invitations" / "head.tdinvite"
        for number, device in enumerate(devices):
            login = ["head"] if number else []
            run(ours_module("join", self.folder / device, invitation, *login))

    def again(self, device: str) -> None:
        """Let another workspace join with the account that exists."""
        run(
            ours_module(
                "join", self.folder / device, self.folder / "server/invitations/head.tdinvite", "head"
            )
        )

    def wait_for_copy(self) -> None:
        """Wait until the server has made the copy of its records that the next new device takes."""
        until = time.monotonic() + 120
        while not list((self.folder / "server").rglob("*.pages")):
            if time.monotonic() > until:
                raise SystemExit("the server makes no copy for new devices")
            time.sleep(0.1)

    def step(self, step: str, device: str, *words: Any, direct: bool = False) -> Figures:
        if step in {"sync", "quiet"} and self.through and not direct:
            words = (self.through,)
        return run(ours_module(step, self.folder / device, *words))


# ── the jobs ────────────────────────────────────────────────────────────────────────────────────


def floor(folder: Path, rows: int, kind: str = "store") -> dict[str, Figures]:
    module = [sys.executable, "-m", "benchmarks._sync_floor"]
    port = PORTS["floor"]
    with (
        Embedded(folder / "postgres") as url,
        server([*module, "serve", url, port], port),
    ):
        run([*module, "fill", kind, folder / "from", rows])
        told = {
            "push": run([*module, "push", kind, folder / "from", port]),
            "pull": run([*module, "pull", kind, folder / "to", port, rows]),
        }
        with relay(port) as far_port:
            told["far: new device"] = run([*module, "pull", kind, folder / "far", far_port, FAR_ROWS])
        return told


def ours(folder: Path, rows: int) -> dict[str, Figures]:
    told: dict[str, Figures] = {}
    desk = Ours(folder, PORTS["ours"])
    with desk.serving():
        desk.join("a", "b")
        for device in ("a", "b"):
            desk.step("sync", device)
        desk.step("add", "a", rows)
        told["push"] = desk.step("sync", "a")
        told["pull"] = desk.step("sync", "b")
        desk.again("c")
        told["new device by pages"] = desk.step("sync", "c")
        desk.wait_for_copy()
        desk.again("d")
        told["new device"] = desk.step("sync", "d")
        desk.step("change", "a", CHANGED)
        told["push changed"] = desk.step("sync", "a")
        told["pull changed"] = desk.step("sync", "b")
        told["nothing"] = desk.step("quiet", "b")
    return told


def anki(folder: Path, rows: int) -> dict[str, Figures]:
    told: dict[str, Figures] = {}
    desk = Anki(folder, BUILD / "rows.jsonl", PORTS["anki"])
    with desk.serving():
        desk.pair("a", "b")
        desk.step("add", "a", rows)
        told["push"] = desk.step("sync", "a")
        told["pull"] = desk.step("sync", "b")
        told["new device"] = desk.step("download", "c")
        desk.step("change", "a", CHANGED)
        told["push changed"] = desk.step("sync", "a")
        told["pull changed"] = desk.step("sync", "b")
        told["nothing"] = desk.step("sync", "b")
    return told


def pouch(folder: Path, rows: int) -> dict[str, Figures]:
    told: dict[str, Figures] = {}
    desk = Pouch(folder, BUILD / "rows.jsonl", PORTS["pouch"])
    with desk.serving():
        desk.step("add", "a", rows)
        told["push"] = desk.step("push", "a")
        told["pull"] = desk.step("pull", "b")
        told["new device"] = told["pull"]
        desk.step("change", "a", CHANGED)
        told["push changed"] = desk.step("push", "a")
        told["pull changed"] = desk.step("pull", "b")
        told["nothing"] = desk.step("pull", "b")
    return told


@contextmanager
def relay(port: int) -> Iterator[int]:
    """Put a slow line before a port and return the port at its far end."""
    module = [sys.executable, "-m", "benchmarks._sync_line"]
    with server([*module, port + FAR, port, DELAY_MS, MEGABITS], port + FAR):
        yield port + FAR


def far_ours(folder: Path) -> dict[str, Figures]:
    told: dict[str, Figures] = {}
    desk = Ours(folder, PORTS["ours"])
    with desk.serving(), relay(desk.port) as desk.through:
        desk.join("a", "b")
        desk.step("sync", "a", direct=True)
        desk.step("add", "a", FAR_ROWS)
        desk.step("sync", "a", direct=True)
        told["far: new device"] = desk.step("sync", "b")
        desk.step("change", "b", FAR_CHANGED)
        told["far: push changed"] = desk.step("sync", "b")
        told["far: nothing"] = desk.step("quiet", "b")
    return told


def far_anki(folder: Path) -> dict[str, Figures]:
    told: dict[str, Figures] = {}
    desk = Anki(folder, BUILD / "rows.jsonl", PORTS["anki"])
    with desk.serving(), relay(desk.port) as desk.through:
        desk.pair("a", "b")
        desk.step("add", "a", FAR_ROWS)
        desk.step("sync", "a", direct=True)
        told["far: new device"] = desk.step("download", "c")
        desk.step("sync", "b", direct=True)
        desk.step("change", "b", FAR_CHANGED)
        told["far: push changed"] = desk.step("sync", "b")
        told["far: nothing"] = desk.step("sync", "b")
    return told


def far_pouch(folder: Path) -> dict[str, Figures]:
    told: dict[str, Figures] = {}
    desk = Pouch(folder, BUILD / "rows.jsonl", PORTS["pouch"])
    with desk.serving(), relay(desk.port) as desk.through:
        desk.step("add", "a", FAR_ROWS)
        desk.step("push", "a", direct=True)
        told["far: new device"] = desk.step("pull", "b")
        desk.step("change", "b", FAR_CHANGED)
        told["far: push changed"] = desk.step("push", "b")
        told["far: nothing"] = desk.step("pull", "b")
    return told


def fleet(folder: Path) -> Figures:
    desk = Ours(folder, PORTS["ours"])
    with desk.serving(workers=2):
        return run([sys.executable, "-m", "benchmarks._sync_fleet", folder / "server", desk.port])


NEAR: Final[dict[str, Callable[[Path, int], dict[str, Figures]]]] = {
    "floor": floor,
    "plain": functools.partial(floor, kind="plain"),
    "ours": ours,
    "anki": anki,
    "pouch": pouch,
}
FAR_AWAY: Final[dict[str, Callable[[Path], dict[str, Figures]]]] = {
    "ours": far_ours,
    "anki": far_anki,
    "pouch": far_pouch,
}


# ── the tables ──────────────────────────────────────────────────────────────────────────────────


def median(results: Results, job: str, figure: str) -> float | None:
    found = [figures[figure] for figures in results.get(job, ())]
    return statistics.median(found) if found else None


def bulk(results: Results, rows: int) -> None:
    """Print seconds, ratios and bytes of the jobs with all records."""
    print(
        f"\n| {rows} records of 18 fields | s | x floor | x plain | bytes a record | client CPU s | peak MB |"
    )
    print("|---|---|---|---|---|---|---|")
    for job in ("push", "pull", "new device", "new device by pages"):
        least = [f"{floor} {'push' if job == 'push' else 'pull'}" for floor in ("floor", "plain")]
        for name in ("floor", "plain", "ours", "anki", "pouch"):
            seconds = median(results, f"{name} {job}", "seconds")
            if seconds is None:
                continue
            size, cpu, peak = (median(results, f"{name} {job}", key) or 0 for key in ("bytes", "cpu", "peak"))
            told = f"{ratios(results, seconds, least)} | {size / rows:.0f} | {cpu:.2f} | {peak:.0f}"
            print(f"| {name}: {job} | {seconds:.2f} | {told} |")
            if name == "ours" and (shown := median(results, f"{name} {job}", "shown")):
                words = f"{name}: {job}, shown (search follows)"
                print(f"| {words} | {shown:.2f} | {ratios(results, shown, least)} | | | |")


def ratios(results: Results, seconds: float, jobs: list[str]) -> str:
    """Return how many times as long as each of the jobs something took."""
    found = [median(results, job, "seconds") for job in jobs]
    return " | ".join(f"{seconds / least:.2f}" if least else "-" for least in found)


def small(results: Results) -> None:
    """Print seconds and bytes of the small jobs."""
    print(f"\n| {CHANGED} records of which one text changed | s | bytes a record |\n|---|---|---|")
    for job in ("push changed", "pull changed"):
        for name in ("ours", "anki", "pouch"):
            if (seconds := median(results, f"{name} {job}", "seconds")) is not None:
                size = (median(results, f"{name} {job}", "bytes") or 0) / CHANGED
                print(f"| {name}: {job} | {seconds:.3f} | {size:.0f} |")
    print("\n| nothing changed | s | bytes |\n|---|---|---|")
    for name in ("ours", "anki", "pouch"):
        if (seconds := median(results, f"{name} nothing", "seconds")) is not None:
            print(f"| {name} | {seconds:.3f} | {median(results, f'{name} nothing', 'bytes') or 0:.0f} |")


def far(results: Results) -> None:
    """Print the jobs over a slow line."""
    print(f"\n| {2 * DELAY_MS} ms there and back, {MEGABITS} Mbit/s | s | bytes |\n|---|---|---|")
    for job in ("far: new device", "far: push changed", "far: nothing"):
        for name in ("floor", "ours", "anki", "pouch"):
            if (seconds := median(results, f"{name} {job}", "seconds")) is not None:
                size = (median(results, f"{name} {job}", "bytes") or 0) / 2
                print(f"| {name}: {job.removeprefix('far: ')} | {seconds:.3f} | {size:.0f} |")
    print(f"{FAR_ROWS} records for the new device, {FAR_CHANGED} changed; bytes are counted on one side.")


def goals(results: Results, rows: int) -> None:
    """Print what was to be reached, and what was."""
    print("\n| goal | wanted | reached |\n|---|---|---|")
    for goal in GOALS:
        figure = "seconds" if goal.job == "ours push" else "shown"
        mine, theirs = median(results, goal.job, figure), median(results, goal.against, "seconds")
        if mine and theirs:
            words = goal.words.format(rows=rows)
            print(f"| {words} | <= {goal.goal} {goal.unit} | {mine / theirs:.2f} |")
    for job, wanted in (("push changed", 60), ("pull changed", 80)):
        if (size := median(results, f"ours {job}", "bytes")) is not None:
            print(f"| bytes a changed record, {job.split()[0]} | <= {wanted} | {size / CHANGED:.0f} |")
    if (size := median(results, "ours nothing", "bytes")) is not None:
        print(f"| bytes when nothing changed | <= 600 | {size:.0f} |")
    if (size := median(results, "ours nothing", "http")) is not None:
        print(f"| the same without the headers of TCP and IP | <= 600 | {size:.0f} |")
    if (slow := median(results, "ours fleet", "p95")) is not None:
        rate = median(results, "ours fleet", "cycles")
        print(f"| ms of a sync at p95, 200 devices, {rate:.0f} syncs a second | <= 15 | {slow:.1f} |")
    if results.get("ours capture"):
        captured(results["ours capture"][-1])


def captured(last: Figures) -> None:
    """Print what capture costs an update in processor time: as the program writes, and in bare SQL.

    The goal is for the way in which programs write, through their layer over SQL. A bare statement has hardly
    any cost of its own beside which the row in the outbox would be small.
    """
    for kind, how, wanted in (("command", "as the program writes", "<= 1.15"), ("raw", "in bare SQL", "-")):
        ratio = statistics.median(last[f"{kind} with"]) / statistics.median(last[f"{kind} without"])
        print(f"| an update of {3 * CHANGED} records {how}, captured / not | {wanted} | {ratio:.2f} |")
    print(f"| updates that were not captured | 0 | {last['missed'][0]:.0f} |")


# ── the run ─────────────────────────────────────────────────────────────────────────────────────


def alone() -> None:
    """Begin again in a network namespace of its own, if this may make one."""
    if os.environ.get(ALONE) or not shutil.which("unshare") or os.geteuid():
        return
    inside = ["unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"]
    command = [*inside, sys.executable, "-m", "benchmarks.sync", *sys.argv[1:]]
    os.execvpe("unshare", command, {**os.environ, ALONE: "1"})  # noqa: S606 - this very program


def fresh(name: str) -> Path:
    folder = BUILD / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--rows", type=int, default=50_000)
    asked.add_argument("--quick", action="store_true", help="one round with 5,000 records")
    asked.add_argument("--only", default="floor,plain,ours,anki,pouch")
    options = asked.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    names = options.only.split(",")
    if not os.environ.get(ALONE):  # the namespace has no way out
        found = peers.install() if {"anki", "pouch"} & set(names) else []
        os.environ[MISSING] = "; ".join(found)
    alone()
    missing = os.environ.get(MISSING, "")
    names = [
        name for name in names if name not in {line.split(":")[0].lower()[:5] for line in missing.split("; ")}
    ]
    if missing:
        print(f"left out: {missing}")
    if not os.environ.get(ALONE):
        print("bytes are those of all traffic on the loopback: run as root to count ours alone")
    rows = 5_000 if options.quick else options.rows
    write_lines(BUILD / "rows.jsonl", rows)
    results: Results = defaultdict(list)
    for turn in range(1 if options.quick else options.rounds):
        for name in names:
            print(f"round {turn + 1}: {name}", file=sys.stderr, flush=True)
            for job, figures in NEAR[name](fresh(f"{name}-{turn}"), rows).items():
                results[f"{name} {job}"].append(figures)
            if name in FAR_AWAY:
                for job, figures in FAR_AWAY[name](fresh(f"{name}-far-{turn}")).items():
                    results[f"{name} {job}"].append(figures)
            shutil.rmtree(BUILD / f"{name}-{turn}", ignore_errors=True)
    if "ours" in names:
        results["ours fleet"].append(fleet(fresh("fleet")))
        folder = fresh("capture")
        results["ours capture"].append(run(ours_module("capture", folder / "a", 3 * CHANGED)))
    bulk(results, rows)
    small(results)
    far(results)
    goals(results, rows)


if __name__ == "__main__":
    main()
