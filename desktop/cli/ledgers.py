"""Commands on the records themselves: import, export, search, check."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from desktop.cli.workspace import complain, known_type, refusal, tell
from domain.problems import Problem, Refusal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from desktop.services.desk import Desk
    from desktop.services.exchange.importing import ImportReport


def take(desk: Desk, arguments: argparse.Namespace) -> None:
    """Import a file, or rehearse it; rejected rows are told on stderr.

    Raises:
        Refusal: the file cannot be imported, or not one of its rows.
    """
    from desktop.services.exchange import importing

    mapping = _mapping(arguments)
    known = known_type(arguments.record_type)
    plan = importing.plan(desk, arguments.file, known, mapping)
    target = arguments.rejects_dir or arguments.file.resolve().parent
    report = plan.preview if arguments.dry_run else importing.apply(desk, plan, rejects_folder=target)
    for line in () if arguments.json else _remarks(report):
        print(line)
    tell(arguments, _facts(report), _sentence(report, "将导入" if arguments.dry_run else "导入"))
    reasons = [f"第 {complaint.row} 行：{complaint.reason}" for complaint in report.rejects]
    if report.rows and report.rejected == report.rows:
        raise Refusal([Problem("", "plain", {"why": reason}) for reason in reasons])
    for reason in reasons:
        complain(reason)


def _facts(report: ImportReport) -> dict[str, Any]:
    return {
        "rows": report.rows,
        "imported": report.imported,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
        "rejects_file": str(report.rejects_file) if report.rejects_file else None,
    }


def _sentence(report: ImportReport, verb: str) -> str:
    counts = (
        f"共 {report.rows} 行：{verb} {report.imported}，重复 {report.duplicates}，退回 {report.rejected}"
    )
    return f"{counts}（退回清单：{report.rejects_file}）" if report.rejects_file else counts


def _remarks(report: ImportReport) -> Iterator[str]:
    """Return what a person wants to know beside the counts."""
    from domain.records import RECORD_TYPES

    if report.unmapped:
        yield f"没有对应字段的列：{'、'.join(report.unmapped)}"
    for record_type, number in report.linked.items():
        yield f"同时建立关联的{RECORD_TYPES[record_type].label} {number} 条"
    for complaint in report.warnings:
        yield f"第 {complaint.row} 行提醒：{complaint.reason}"
    for difference in report.differing:
        yield f"第 {difference.row} 行与已有记录相同，但{'、'.join(difference.fields)}不同，已有记录未改"


def _mapping(arguments: argparse.Namespace) -> dict[str, str] | None:
    if arguments.mapping is None:
        return None
    try:
        held = json.loads(arguments.mapping.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise refusal(f'{arguments.mapping} 不是可读的 JSON 列对应文件，例如 {{"名称": "title"}}') from error
    if not isinstance(held, dict) or not all(isinstance(value, str) for value in held.values()):
        raise refusal(f'{arguments.mapping} 应为 JSON 对象：表头 → 字段名，例如 {{"名称": "title"}}')
    return {str(key): value for key, value in held.items()}


def give(desk: Desk, arguments: argparse.Namespace) -> None:
    from desktop.services.exchange import exporting

    known = known_type(arguments.record_type)
    rows = exporting.export(desk, known, arguments.out, masked=not arguments.unmasked)
    tell(arguments, {"rows": rows, "file": str(arguments.out)}, f"已导出 {rows} 行：{arguments.out}")


def search(desk: Desk, arguments: argparse.Namespace) -> None:
    from desktop.models import queries
    from domain.records import RECORD_TYPES

    with desk.store.read() as connection:
        hits = queries.find_everywhere(connection, arguments.text)
    if arguments.json:
        found = [{"type": hit.record_type, "id": str(hit.record_id), "title": hit.title} for hit in hits]
        print(json.dumps({"hits": found}, ensure_ascii=False))
        return
    for hit in hits:
        print(f"{RECORD_TYPES[hit.record_type].label}\t{hit.title}\t{hit.record_id}")
    if not hits:
        print(f"没有找到“{arguments.text}”")


def check(desk: Desk, arguments: argparse.Namespace) -> None:
    """Print the problems of one record, one type or everything; problems found are a refusal."""
    from desktop.services import checks

    known = known_type(arguments.record_type) if arguments.record_type else None
    record = _record_id(arguments.record_id) if arguments.record_id else None
    findings = checks.check(desk, record_type=known, record_id=record)
    if arguments.json:
        for finding in findings:
            print(json.dumps(finding.facts(), ensure_ascii=False))
    checked = checks.count(desk, record_type=known, record_id=record)
    if not arguments.json:
        print(f"检查 {checked} 条记录，发现 {len(findings)} 个问题")
    errors = [finding for finding in findings if not finding.warning]
    if errors:
        raise Refusal([finding.as_problem() for finding in errors])


def _record_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise refusal(f"“{text}”不是记录编号，例如 01a20193-a4b4-7343-8337-97049d1e9176") from error
