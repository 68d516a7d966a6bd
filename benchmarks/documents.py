"""Measures the documents against the least that makes such a file, and against other engines.

All take turns in one run and medians are compared: a machine's mood changes more than the programs do. The
floor of a certificate is a naive splice writer (benchmarks/_certificates.py) without tags, signature or
fitting. Dossiers and the class of five hundred run in processes of their own, whose peak memory is told.

Usage: python -m benchmarks.documents [--rounds 5] [--quick]
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pylopdf_fonts_zh_cn

from benchmarks._certificates import Floor, stock_certificates, typst_certificates
from benchmarks._class import photos, roster, signer
from desktop import paths
from desktop.documents.certificate import default_template, draw_certificate, draw_certificates
from desktop.documents.fonts import SONG, prepare

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.documents.certificate import CertificateData

Engine = tuple[str, "Callable[[CertificateData], bytes]", int]

KAI_FILE: Final = "LXGWWenKai-Regular.ttf"
DOSSIERS: Final = ("ours", "stock", "typst")
NAMES: Final = {"ours": "ours, PDF/A-3b", "stock": "stock ReportLab multiBuild", "typst": "typst"}


@dataclass
class Times:
    """Milliseconds and the size of the last file of one engine."""

    milliseconds: list[float] = field(default_factory=list)
    size: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds)


# ── one certificate ─────────────────────────────────────────────────────────────────────────────


def engines(folder: Path) -> list[Engine]:
    """Return (name, how it draws, how many in a round)."""
    template, own = default_template(), signer()
    prepare(SONG)
    sample = next(roster(1))
    found: list[Engine] = [
        ("floor: naive splice, our QR call", Floor(template, sample, stock_qr=False).draw, 20),
        ("floor: naive splice, QR as the library has it", Floor(template, sample, stock_qr=True).draw, 20),
        (
            "**ours: PDF/A-2a, tagged, signed, QR**",
            lambda data: draw_certificate(data, template, own).content,
            20,
        ),
        ("ours, unsigned", lambda data: draw_certificate(data, template).content, 10),
        ("ours, through ReportLab (combined files)", lambda data: draw_certificates([data], [template]), 6),
        ("typst, unsigned", typst_certificates(folder, font_folders()), 4),
    ]
    if (kai := paths.fonts_dir() / KAI_FILE).exists():
        found.append(("stock ReportLab, font opened once", stock_certificates(kai), 3))
    return found


def font_folders() -> list[Path]:
    return [Path(pylopdf_fonts_zh_cn.serif_path()).parent]


def certificates(rounds: int, folder: Path) -> None:
    """Print the table of one certificate."""
    taking_turns = engines(folder)
    results = {name: Times() for name, *_ in taking_turns}
    people = itertools.cycle(roster(1000))  # nobody again so soon that a cache would know the name
    for turn in range(rounds + 1):
        for name, draw, count in taking_turns:
            for data in itertools.islice(people, count):
                started = time.perf_counter()
                drawn = draw(data)
                if turn:  # the first round warms up
                    results[name].milliseconds.append(1000 * (time.perf_counter() - started))
                    results[name].size = len(drawn)
    first, second = (results[name].median for name, *_ in taking_turns[:2])
    print("| one certificate | ms p50 | x floor | x floor, stock QR | KB |\n|---|---|---|---|---|")
    for name, times in results.items():
        ratios = f"{times.median / first:.2f} | {times.median / second:.2f}"
        print(f"| {name} | {times.median:.2f} | {ratios} | {times.size / 1000:.1f} |")
    ours, typst = results[taking_turns[2][0]].median, results["typst, unsigned"].median
    print(f"\ntypst's unsigned one takes {typst / ours:.1f} times as long as our signed one.\n")


# ── a class and dossiers, in processes of their own ──────────────────────────────────────────────


def child(module: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        cwd=Path(__file__).parents[1],
        check=True,
        capture_output=True,
        text=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def a_class(count: int, rounds: int) -> None:
    """Print what a whole class takes, from the roster to the ZIP."""
    runs = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(child("_class", str(count), folder))
    each = statistics.median(1000 * run["seconds"] / count for run in runs)
    peak, size = max(run["peak"] for run in runs), runs[-1]["size"] / 1000
    print(
        "| a class, with credentials, signatures, files, ZIP and manifest | ms each | peak MB | largest KB |"
    )
    print(f"|---|---|---|---|\n| {count} certificates | {each:.2f} | {peak:.0f} | {size:.1f} |\n")


def dossiers(chapters: int, rounds: int) -> None:
    """Print what a dossier takes by each engine."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in DOSSIERS}
    with tempfile.TemporaryDirectory() as folder:
        for number, photo in enumerate(photos(50)):
            (Path(folder) / f"photo{number:02d}.jpg").write_bytes(photo)
        for _ in range(rounds):
            for name in DOSSIERS:
                runs[name].append(child(f"_dossier_{name}", str(chapters), folder))
    seconds = {name: statistics.median(run["seconds"] for run in runs[name]) for name in DOSSIERS}
    pages = runs["ours"][0]["pages"]
    print(f"| dossier of {pages} pages | pages | s | ours / it | peak MB | KB |\n|---|---|---|---|---|---|")
    for name in DOSSIERS:
        last, peak = runs[name][-1], max(run["peak"] for run in runs[name])
        took = f"{last['pages']} | {seconds[name]:.2f} | {seconds['ours'] / seconds[name]:.2f}"
        print(f"| {NAMES[name]} | {took} | {peak:.0f} | {last['size'] / 1000:.0f} |", flush=True)
    print()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--quick", action="store_true", help="one round of everything")
    options = asked.parse_args()
    rounds = 1 if options.quick else options.rounds
    with tempfile.TemporaryDirectory() as folder:
        certificates(rounds, Path(folder))
    a_class(100 if options.quick else 500, min(rounds, 3))
    for chapters in (12,) if options.quick else (12, 24):
        dossiers(chapters, min(rounds, 3))


if __name__ == "__main__":
    main()
