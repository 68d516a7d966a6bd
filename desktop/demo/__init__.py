"""The main job shown end to end without a screen: real lists in, signed papers out."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final

from desktop import app as application
from desktop import paths
from desktop.demo import certifying, steps
from desktop.models import settings
from desktop.models.keys import KEY_FILE, PassphraseNeededError
from domain.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop.services.desk import Desk

LISTS: Final = (
    ("uscc.csv", "party"),
    ("achievements.csv", "achievement"),
    ("demands.csv", "demand"),
    ("deals.csv", "deal"),
    ("training.csv", "training_class"),
    ("agency_results.csv", "agency_result"),
    ("agency_grade_totals.csv", "grade_total"),
    ("contract_statistics.csv", "contract_statistic"),
)
PASSPHRASE: Final = "transfer-desk-demo"  # noqa: S105 - it protects sample data only


def run(folder: Path, out: Path, passphrase: str | None) -> None:
    """Make a workspace in ``folder`` and documents in ``out``; tell what happened and how long it took.

    Raises:
        Refusal: the folder holds a workspace that is not a demonstration.
    """
    out.mkdir(parents=True, exist_ok=True)
    with _step(f"新建加密工作区 {folder}"):
        app = _open(folder, passphrase)
    try:
        _show(app.desk, out)
    finally:
        app.close()


@contextlib.contextmanager
def _step(title: str) -> Iterator[list[str]]:
    """Time one step; the lines it collects are printed under its title."""
    started = time.perf_counter()
    details: list[str] = []
    yield details
    print(f"{title}（{time.perf_counter() - started:.2f} 秒）", flush=True)
    for line in details:
        print(f"    {line}", flush=True)


def _open(folder: Path, passphrase: str | None) -> application.App:
    known = (folder / KEY_FILE).exists()
    try:
        app = application.build(folder, passphrase=passphrase)
    except PassphraseNeededError:
        app = application.build(folder, passphrase=PASSPHRASE)
    with app.desk.store.write() as connection:
        if not known:
            settings.write(connection, "demonstration", value=True)
        ours = settings.read(connection, "demonstration", default=False)
    if not ours:
        app.close()
        why = f"{folder} 是正式工作区，示例只能在新文件夹里做：请用 --data-dir 另指一个文件夹"
        raise refuse("", "plain", why=why)
    return app


def _show(desk: Desk, out: Path) -> None:
    for name, record_type in LISTS:
        with _step(f"导入 {name}") as details:
            details.extend(steps.take_in(desk, paths.sample_lists() / name, record_type, out))
    with _step("一笔交易归档成卷") as details:
        details.extend(steps.complete_deal(desk, out))
    with _step("一个机构的年度考核材料") as details:
        details.extend(steps.evaluate_agency(desk, out))
    with _step("十份技术经纪人证书") as details:
        details.extend(certifying.certify_class(desk, out))
