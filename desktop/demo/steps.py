"""The steps of the demonstration, each a use of the same services as the window's."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop.demo import samples
from desktop.documents.sheet import draw_sheet
from desktop.models import queries
from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import deals, dossiers, evaluation_papers, records
from desktop.services.exchange import importing
from domain.problems import refuse

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

    from desktop.services.desk import Desk
    from domain.dossier import ChecklistItem

Entry = tuple[str, "uuid.UUID", dict[str, Any]]
PHOTOGRAPHED: Final = 20
"""Number of the checklist's row that gets a photograph instead of a text."""
UNIVERSITY_OR_INSTITUTE: Final = {"nature": "021", "region": "440100", "roles": ("supplier",)}


def take_in(desk: Desk, source: Path, record_type: str, out: Path) -> list[str]:
    """Import one published list; return the counts and where the rejected rows are."""
    plan = importing.plan(desk, source, record_type)
    report = importing.apply(desk, plan, rejects_folder=out)
    linked = sum(report.linked.values())
    told = f"{report.rows} 行 = 导入 {report.imported} + 重复 {report.duplicates} + 退回 {report.rejected}"
    told += f"；同时建立关联记录 {linked} 条" if linked else ""
    return [told, f"退回清单 {report.rejects_file}"] if report.rejects_file else [told]


def complete_deal(desk: Desk, out: Path) -> list[str]:
    """Take one imported deal through contract, registration, payment and every paper of its checklist."""
    _agency(desk)  # it keeps the dossier and signs it
    deal_id = _demand_id(desk, "deal", samples.DEAL)
    deal = _read(desk, "deal", deal_id)
    seller = _read(desk, "party", deal["seller"])
    records.save(
        desk, record_type="party", record_id=deal["seller"], values={**seller, **UNIVERSITY_OR_INSTITUTE}
    )
    contract = {**deal, **samples.CONTRACT, "technical_amount": deal["deal_amount"]}
    records.save(desk, record_type="deal", record_id=deal_id, values=contract)
    if deal["paid_amount"] is None:
        for payment in samples.PAYMENTS:
            deals.add_payment(desk, deal_id=deal_id, values=payment)
    _file_papers(desk, deal_id, out / "papers")
    path = out / "交易案卷.pdf"
    dossiers.write(desk, deal_id, path)
    status = deals.dossier_status(desk, deal_id).completeness
    return [f"{path}（必备材料 {status.present}/{status.required}）"]


def _file_papers(desk: Desk, deal_id: uuid.UUID, folder: Path) -> None:
    """File one paper for each required row that has none: a sheet of text, or a photograph."""
    folder.mkdir(exist_ok=True)
    for item in deals.dossier_status(desk, deal_id).completeness.missing:
        paper = {
            "item_no": Decimal(item.number),
            "title": item.title,
            "state": "checked",
            "signed": True,
            "responsible": samples.AGENCY,
            "dated_on": samples.CONTRACT_DAY,
            "pages": Decimal(1),
        }
        deals.file_paper(desk, deal_id=deal_id, values=paper, file=_paper(item, folder))


def _paper(item: ChecklistItem, folder: Path) -> Path:
    if item.number == PHOTOGRAPHED:
        path = folder / f"{item.number:02d}.jpg"
        path.write_bytes(samples.photograph())
        return path
    path = folder / f"{item.number:02d}.pdf"
    text = (f"项目名称：{samples.DEAL}", f"依据：{item.rule}", "（示例材料，仅用于演示案卷组成。）")
    path.write_bytes(
        draw_sheet(title=item.title, paragraphs=text, author=samples.AGENCY, day=samples.CONTRACT_DAY)
    )
    return path


def evaluate_agency(desk: Desk, out: Path) -> list[str]:
    """Enter one agency's year with its people and scores, and print its papers."""
    agency = _agency(desk)
    return [
        str(evaluation_papers.write(desk, agency, paper, out / f"{name}.pdf"))
        for paper, name in evaluation_papers.PAPERS.items()
    ]


def _agency(desk: Desk) -> uuid.UUID:
    """Return the agency of the demonstration, entered when it is first asked for."""
    return _find_id(desk, "agency", samples.AGENCY) or _enter_agency(desk)


def _enter_agency(desk: Desk) -> uuid.UUID:
    """Enter the agency as a client too, and as the intermediary of the completed deal."""
    agency, party = new_id(), new_id()
    deal_id = _demand_id(desk, "deal", samples.DEAL)
    entries: list[Entry] = [
        ("party", party, {"name": samples.AGENCY, "is_transfer_agency": True, "roles": ("agency",)}),
        ("agency", agency, {**samples.AGENCY_YEAR, "party": party}),
        ("deal", deal_id, {**_read(desk, "deal", deal_id), "agency": party}),
    ]
    entries += [("staff_member", new_id(), member) for member in samples.STAFF]
    entries += [
        ("evaluation_score", new_id(), {"agency": agency, "indicator": code, "points": points})
        for code, points in samples.SELF_SCORES.items()
    ]
    records.save_all(desk, records=entries)
    return agency


def _rows(desk: Desk, record_type: str, training: uuid.UUID) -> list[dict[str, Any]]:
    with desk.store.read() as connection:
        query = Query(record_type, where=(("training_class", training),), order="row", descending=False)
        return queries.rows(connection, query)


def _read(desk: Desk, record_type: str, record_id: uuid.UUID) -> dict[str, Any]:
    with desk.store.read() as connection:
        return queries.get(connection, record_type, record_id) or {}


def _find_id(desk: Desk, record_type: str, title: str) -> uuid.UUID | None:
    with desk.store.read() as connection:
        return queries.find_by_title(connection, record_type, title)


def _demand_id(desk: Desk, record_type: str, title: str) -> uuid.UUID:
    found = _find_id(desk, record_type, title)
    if found is None:
        raise refuse(record_type, "not-found", value=title)
    return found
