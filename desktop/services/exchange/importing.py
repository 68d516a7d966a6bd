"""Brings a list into the store: first shown as a plan, then done as one step that can be undone.

Every row is imported, recognised as a duplicate or rejected with its reasons:
``rows == imported + duplicates + rejected``, and importing a file twice changes nothing the second time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from desktop.models import settings
from desktop.services.commands import command
from desktop.services.exchange import layout, rejects, tables
from desktop.services.exchange.resolving import Difference, Outcome, resolve
from desktop.services.exchange.rows import Complaint, Draft, RowReader
from domain.fields import RECORD_TYPES
from domain.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from desktop.models.work import Changes, Work
    from desktop.services.desk import Desk
    from desktop.services.exchange.layout import Layout

BATCH: Final = 1000


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do where ``changes`` is None.

    ``linked`` counts the records made because rows name them, by type; ``unmapped`` are the headers that
    no field takes; ``differing`` are duplicates that say something else than the record we have, which
    stays as it is.
    """

    rows: int
    imported: int
    duplicates: int
    rejected: int
    rejects: tuple[Complaint, ...]
    linked: Mapping[str, int]
    unmapped: tuple[str, ...]
    warnings: tuple[Complaint, ...]
    differing: tuple[Difference, ...]
    rejects_file: Path | None = None
    changes: Changes | None = None


@dataclass(frozen=True)
class ImportPlan:
    """A file read and judged, ready to be shown and applied; ``preview`` is what would happen now."""

    source: Path
    record_type: str
    layout: Layout
    drafts: tuple[Draft, ...]
    preview: ImportReport


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""


def inspect(desk: Desk, path: Path, record_type: str, mapping: Mapping[str, str] | None = None) -> Layout:
    """Return where the table begins and what its columns seem to be, for the user to mend.

    Raises:
        Refusal: the file cannot be read.
    """
    with desk.store.read() as connection:

        def known(signature: str) -> Mapping[str, str] | None:
            return (
                mapping if mapping is not None else settings.read(connection, _name(record_type, signature))
            )

        return layout.find(record_type, tables.read_sheets(path), known)


def remember(desk: Desk, record_type: str, found: Layout, mapping: Mapping[str, str]) -> None:
    """Keep a mapping (header to field name, "" to leave it out) for files with the same headers."""
    with desk.store.write() as connection:
        settings.write(connection, _name(record_type, found.signature), dict(mapping))


def _name(record_type: str, signature: str) -> str:
    return f"mapping:{record_type}:{signature}"


def plan(
    desk: Desk,
    path: Path,
    record_type: str,
    mapping: Mapping[str, str] | None = None,
    *,
    progress: Callable[[int, int], None] = _silent,
) -> ImportPlan:
    """Read a file and return what importing it would do; nothing is written.

    ``progress(done, total)`` is called between rows; what it raises ends the work.

    Raises:
        Refusal: the file cannot be read, or required columns are missing.
    """
    found = inspect(desk, path, record_type, mapping)
    _demand_columns(record_type, found)
    reader = RowReader(record_type, found.columns, desk.codes, on=desk.today(), ragged=found.sheet.ragged)
    rows = list(found.rows())
    drafts: list[Draft] = []
    for number, row in enumerate(rows):
        if number % BATCH == 0:
            progress(number, len(rows))
        drafts.append(reader.read(row))
    with desk.store.read() as connection:
        outcome = resolve(connection, record_type, drafts, desk.codes, on=desk.today(), progress=progress)
    return ImportPlan(path, record_type, found, tuple(drafts), _report(found, outcome))


def _demand_columns(record_type: str, found: Layout) -> None:
    known = RECORD_TYPES[record_type]
    if known.kept:
        raise refuse("", "plain", why=f"{known.label}由程序登记，不能从表格导入")
    filled = found.filled()
    missing = [
        field.label
        for field in known.fields
        if field.required and field.default is None and field.name not in filled
    ]
    if missing:
        names = [column.header for column in found.columns if column.header]
        raise refuse("", "missing-columns", missing="、".join(missing), found="、".join(names) or "（无）")


def _report(found: Layout, outcome: Outcome) -> ImportReport:
    return ImportReport(
        rows=outcome.rows,
        imported=len(outcome.new),
        duplicates=outcome.duplicates,
        rejected=len(outcome.rejected),
        rejects=tuple(complaint for draft in outcome.rejected for complaint in draft.errors()),
        linked=outcome.links(),
        unmapped=found.unmapped(),
        warnings=tuple(outcome.warnings),
        differing=tuple(outcome.differing),
    )


def apply(
    desk: Desk,
    plan: ImportPlan,
    *,
    rejects_folder: Path | None = None,
    progress: Callable[[int, int], None] = _silent,
) -> ImportReport:
    """Import what a plan holds as one command; return what was done with every row.

    Each row is judged again against the store of this moment. The rejected rows are written to
    ``rejects_folder`` before anything is kept; what ``progress`` raises leaves the store as it was.

    Raises:
        Refusal: the rejects file cannot be written.
    """
    done: list[tuple[ImportReport, Path | None]] = []
    changes = import_rows(desk, plan=plan, folder=rejects_folder, progress=progress, done=done.append)
    report, written = done[0]
    return replace(report, changes=changes, rejects_file=written)


@command("导入")
def import_rows(
    work: Work,
    desk: Desk,
    *,
    plan: ImportPlan,
    folder: Path | None,
    progress: Callable[[int, int], None],
    done: Callable[[tuple[ImportReport, Path | None]], None],
) -> None:
    """Write the new rows of a plan and the records they name, and report to ``done``."""
    outcome = resolve(
        work.connection, plan.record_type, plan.drafts, desk.codes, on=desk.today(), progress=progress
    )
    written = folder and rejects.write(folder, plan.source, plan.layout, outcome.rejected)
    for record_type, made in outcome.linked.items():
        work.add(record_type, made)
    for start in range(0, len(outcome.new), BATCH):
        progress(start, len(outcome.new))
        work.add(plan.record_type, outcome.new[start : start + BATCH])
    label = RECORD_TYPES[plan.record_type].label
    work.label = f"从“{plan.source.name}”导入 {len(outcome.new)} 条{label}"
    done((_report(plan.layout, outcome), written))
