"""The commands without a screen: the same services as the window, for scripts and for the deadline night."""

from __future__ import annotations

import contextlib
import getpass
import json
import sys
import uuid
from typing import TYPE_CHECKING, Any

from desktop import paths
from domain.problems import Refusal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from desktop.app import App
    from desktop.services.desk import Desk

DONE, REFUSED = 0, 1


def run(arguments: argparse.Namespace, passphrase: str | None) -> int:
    """Carry out one command of the command line."""
    try:
        if arguments.command == "calc":
            return _calc(arguments.kind)
        if arguments.command == "demo":
            from desktop import demo

            return demo.run(paths.data_dir(arguments.data_dir), arguments.out, passphrase)
        with _opened(arguments, passphrase) as app:
            _COMMANDS[arguments.command](app.desk, arguments)
    except Refusal as refusal:
        for line in refusal.messages():
            _complain(line)
        return REFUSED
    return DONE


@contextlib.contextmanager
def _opened(arguments: argparse.Namespace, passphrase: str | None) -> Iterator[App]:
    """Open the workspace, asking for the passphrase on a terminal where one is needed."""
    from desktop import app as application
    from desktop.models.keys import PassphraseNeededError, WrongPassphraseError
    from desktop.models.store import WrongKeyError

    folder = paths.data_dir(arguments.data_dir)
    if passphrase is None and application.needs_passphrase(folder) and sys.stdin.isatty():
        passphrase = getpass.getpass("工作区口令：")
    try:
        app = application.build(folder, passphrase=passphrase)
    except PassphraseNeededError as error:
        raise _refusal("打开工作区需要口令：请在环境变量 TRANSFER_DESK_PASSPHRASE 中给出") from error
    except (WrongPassphraseError, WrongKeyError) as error:
        raise _refusal(f"口令不对，或 {folder} 不是本程序的工作区") from error
    try:
        yield app
    finally:
        app.close()


def _refusal(why: str) -> Refusal:
    from domain.problems import refuse

    return refuse("", "plain", why=why)


def _complain(line: str) -> None:
    print(line, file=sys.stderr)


def _tell(arguments: argparse.Namespace, facts: dict[str, Any], sentence: str) -> None:
    """Print the outcome: a sentence for people, one JSON line for programs."""
    print(json.dumps(facts, ensure_ascii=False, default=str) if arguments.json else sentence)


def _calc(kind: str) -> int:
    """Answer each line of standard input; a line that is refused is answered with its problems."""
    from domain.calc import calc

    outcome = DONE
    calendar = paths.work_calendar()
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            answer = calc(kind, _question(line), calendar)
        except Refusal as refusal:
            answer = {"problems": refusal.messages()}
            _complain(f"第 {number} 行：{'；'.join(refusal.messages())}")
            outcome = REFUSED
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return outcome


def _question(line: str) -> dict[str, Any]:
    try:
        question = json.loads(line, parse_float=_exact)
    except ValueError as error:
        raise _refusal('不是 JSON 对象，例如 {"code": "12100000425006117P"}') from error
    if not isinstance(question, dict):
        raise _refusal('不是 JSON 对象，例如 {"code": "12100000425006117P"}')
    return question


def _exact(digits: str) -> str:
    """Keep a JSON number as it was written: a binary float would lose cents."""
    return digits


def _import(desk: Desk, arguments: argparse.Namespace) -> None:
    from desktop.services.exchange import importing

    mapping = _mapping(arguments)
    known = _known_type(arguments.record_type)
    plan = importing.plan(desk, arguments.file, known, mapping=mapping)
    target = arguments.rejects_dir or arguments.file.resolve().parent
    if arguments.dry_run:
        report = importing.rehearse(plan)
    else:
        report = importing.apply(desk, plan, rejects_dir=target)
    facts = {
        "rows": report.rows,
        "imported": report.imported,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
        "rejects_file": str(report.rejects_file) if report.rejects_file else None,
    }
    if not arguments.json:
        for line in report.lines():
            print(line)
    words = "将导入" if arguments.dry_run else "导入"
    sentence = (
        f"共 {report.rows} 行：{words} {report.imported}，重复 {report.duplicates}，退回 {report.rejected}"
        + (f"（退回清单：{report.rejects_file}）" if report.rejects_file else "")
    )
    _tell(arguments, facts, sentence)


def _mapping(arguments: argparse.Namespace) -> dict[str, str] | None:
    if arguments.mapping is None:
        return None
    try:
        held = json.loads(arguments.mapping.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _refusal(f'{arguments.mapping} 不是可读的 JSON 列对应文件，例如 {{"名称": "title"}}') from error
    if not isinstance(held, dict) or not all(isinstance(value, str) for value in held.values()):
        raise _refusal(f'{arguments.mapping} 应为 JSON 对象：表头 → 字段名，例如 {{"名称": "title"}}')
    return {str(key): value for key, value in held.items()}


def _known_type(name: str) -> str:
    """Return the record type of a name, label or alias."""
    from domain.records import RECORD_TYPES

    for known in RECORD_TYPES.values():
        if name in (known.name, known.label, *known.aliases):
            return known.name
    raise _refusal(f"没有记录类型“{name}”，可用：{'、'.join(RECORD_TYPES)}")


def _export(desk: Desk, arguments: argparse.Namespace) -> None:
    from desktop.services.exchange import exporting

    known = _known_type(arguments.record_type)
    rows = exporting.export(desk, known, arguments.out, masked=not arguments.unmasked)
    _tell(arguments, {"rows": rows, "file": str(arguments.out)}, f"已导出 {rows} 行：{arguments.out}")


def _search(desk: Desk, arguments: argparse.Namespace) -> None:
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


def _certificate(desk: Desk, arguments: argparse.Namespace) -> None:
    from desktop.models.queries import Query
    from desktop.services import certificates

    ids = _matching(desk, "certificate", arguments.which, ("certificate_no", "holder_name"))
    if arguments.which is None:
        ids = _ids(
            desk, Query("certificate", where=(("state", ("issued", "registered")),), order="certificate_no")
        )
    if not ids:
        raise _refusal("还没有已签发的证书")
    arguments.out.write_bytes(certificates.printed(desk, ids))
    _tell(
        arguments,
        {"pages": len(ids), "file": str(arguments.out)},
        f"已生成证书 {len(ids)} 份：{arguments.out}",
    )


def _evaluation(desk: Desk, arguments: argparse.Namespace) -> None:
    from desktop.services import evaluations

    agency = _one(desk, "agency", arguments.which, ("name",))
    arguments.out.write_bytes(evaluations.printed(desk, agency))
    _tell(arguments, {"file": str(arguments.out)}, f"已生成绩效数据表：{arguments.out}")


def _dossier(desk: Desk, arguments: argparse.Namespace) -> None:
    from desktop.services import dossiers

    deal = _one(desk, "deal", arguments.which, ("title", "contract_no", "registration_no"))
    dossiers.write(desk, deal, arguments.out)
    _tell(arguments, {"file": str(arguments.out)}, f"已生成交易案卷：{arguments.out}")


def _one(desk: Desk, record_type: str, which: str | None, names: tuple[str, ...]) -> uuid.UUID:
    """Return the one record meant; the only one there is when nothing is said."""
    from desktop.models.queries import Query
    from domain.records import RECORD_TYPES

    label = RECORD_TYPES[record_type].label
    found = _matching(desk, record_type, which, names) if which else _ids(desk, Query(record_type))
    if not found:
        raise _refusal(f"找不到{label}“{which}”" if which else f"还没有{label}")
    if len(found) > 1:
        raise _refusal(f"有 {len(found)} 条{label}，请写明是哪一条（名称或编号）")
    return found[0]


def _matching(desk: Desk, record_type: str, which: str | None, names: tuple[str, ...]) -> list[uuid.UUID]:
    """Return the records whose id or one of whose named fields is exactly the words given."""
    from desktop.models.queries import Query

    if which is None:
        return []
    with contextlib.suppress(ValueError):
        return [uuid.UUID(which)]
    for name in names:
        found = _ids(desk, Query(record_type, where=((name, which),)))
        if found:
            return found
    raise _refusal(f"找不到“{which}”")


def _ids(desk: Desk, query: Any) -> list[uuid.UUID]:
    from desktop.models import queries

    with desk.store.read() as connection:
        return [row["id"] for row in queries.rows(connection, query)]


def _check(desk: Desk, arguments: argparse.Namespace) -> None:
    """Print the problems of one record, one type or everything; problems found are a refusal."""
    from desktop.services import checks

    known = _known_type(arguments.record_type) if arguments.record_type else None
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
        raise _refusal(f"“{text}”不是记录编号，例如 01a20193-a4b4-7343-8337-97049d1e9176") from error


_COMMANDS: dict[str, Callable[[Desk, argparse.Namespace], None]] = {
    "import": _import,
    "export": _export,
    "search": _search,
    "certificate": _certificate,
    "evaluation": _evaluation,
    "dossier": _dossier,
    "check": _check,
}
