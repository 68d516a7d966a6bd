"""A deal's dossier as a document: everything it holds, in binding order, gathered for the printer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop.documents.deal_dossier import (
    DossierAmount,
    DossierData,
    DossierFile,
    DossierParty,
    DossierPayment,
    DossierSection,
    ExemptItem,
    MissingItem,
    write_dossier,
)
from desktop.models import queries
from desktop.models.queries import Query
from desktop.services import issuing_keys
from desktop.services.deals import NOT_APPLICABLE, dossier_status, payments
from desktop.services.kept_files import kept_file
from desktop.services.printing import refusing_unprintable
from domain.amounts import amount_in_capitals
from domain.problems import refuse

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from desktop.services.deals import DossierStatus
    from desktop.services.desk import Desk

AMOUNTS: Final = (
    ("deal_amount", "成交额"),
    ("technical_amount", "技术交易额"),
    ("paid_amount", "实际成交额"),
)
PARTIES: Final = (("seller", "卖方"), ("buyer", "买方"), ("agency", "中介方"))
FACTS: Final = (
    ("technical_field", "技术领域"),
    ("payment_mode", "支付方式"),
    ("pricing_route", "定价方式"),
    ("plan_source", "计划来源"),
    ("industry", "服务的国民经济行业"),
    ("landing_region", "吸纳地区"),
)


def write(desk: Desk, deal_id: uuid.UUID, path: Path) -> None:
    """Write the dossier of a deal as one PDF, signed in the name of the agency, or else of the user.

    Raises:
        Refusal: there is no such deal, or a character of it is in no font.
    """
    data = dossier_data(desk, deal_id)
    signer = issuing_keys.signer_for(desk, data.agency or desk.user, data.prepared)
    with refusing_unprintable():
        write_dossier(data, path, signer=signer)


def dossier_data(desk: Desk, deal_id: uuid.UUID) -> DossierData:
    """Return everything the dossier prints; files are opened when it is their turn.

    Raises:
        Refusal: there is no such deal.
    """
    status = dossier_status(desk, deal_id)
    with desk.store.read() as connection:
        deal = queries.get(connection, "deal", deal_id)
        if deal is None:
            raise refuse("deal", "not-found", value=str(deal_id))
        parties = _parties(desk, connection, deal)
        sections = _sections(desk, connection, status)
        paid = [_payment(desk, row) for row in payments(connection, deal_id)]
        keeper = _keeper(connection, parties)
    return DossierData(
        title=deal["title"],
        number=deal["contract_no"] or deal["registration_no"] or "",
        agency=keeper,
        contract_type=desk.codes["contract-type"].label_of(deal["contract_type"]),
        prepared=desk.today(),
        contract_number=deal["contract_no"] or "",
        registration_number=deal["registration_no"] or "",
        retention=desk.checklist.retention,
        signed=deal["signed_on"],
        started=deal["begins_on"],
        ended=deal["ends_on"],
        parties=parties,
        amounts=tuple(_amount(deal, name, label) for name, label in AMOUNTS),
        payments=tuple(paid),
        facts=_facts(desk, deal),
        sections=sections,
        missing=tuple(
            MissingItem(title=item.title, rule=item.rule, number=str(item.number))
            for item in status.completeness.missing
        ),
        exempt=tuple(_exempt(status)),
        compiler=desk.user,
    )


def _keeper(connection: Connection, parties: tuple[DossierParty, ...]) -> str:
    """Return who keeps the dossier: the deal's agency, else the only agency this workspace works for."""
    named = [party.name for party in parties if party.role == "中介方"]
    own = {row["name"] for row in queries.rows(connection, Query("agency"))}
    return named[0] if named else own.pop() if len(own) == 1 else ""


def _parties(desk: Desk, connection: Connection, deal: dict[str, Any]) -> tuple[DossierParty, ...]:
    rows = [(role, queries.get(connection, "party", deal[name])) for name, role in PARTIES if deal[name]]
    return tuple(
        DossierParty(
            role=role,
            name=row["name"],
            credit_code=row["credit_code"] or "",
            nature=desk.codes["party-nature"].label_of(row["nature"]),
            region=desk.codes["region"].label_of(row["region"]),
            contact=row["legal_representative"] or "",
            phone=row["phone"] or "",
        )
        for role, row in rows
        if row
    )


def _amount(deal: dict[str, Any], name: str, label: str) -> DossierAmount:
    yuan = deal[name]
    if yuan is None:
        return DossierAmount(name=label, note="未填写")
    return DossierAmount(name=label, yuan=f"{yuan:,.2f}", capitals=amount_in_capitals(yuan))


def _payment(desk: Desk, row: dict[str, Any]) -> DossierPayment:
    return DossierPayment(
        term=desk.codes["payment-kind"].label_of(row["kind"]),
        paid=row["paid_on"],
        paid_yuan=f"{row['amount']:,.2f}",
        voucher=row["voucher_no"] or "",
        note=row["remark"] or "",
    )


def _facts(desk: Desk, deal: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    lists = {"technical_field": "technical-field", "landing_region": "region"}
    told = [
        (label, desk.codes[lists.get(name, name.replace("_", "-"))].label_of(deal[name]))
        for name, label in FACTS
    ]
    kinds = "、".join(desk.codes["ip-kind"].label_of(code) for code in deal["ip_kinds"])
    return (*told, ("知识产权", kinds), ("关联交易", "是" if deal["is_related"] else "否"))


def _exempt(status: DossierStatus) -> Iterator[ExemptItem]:
    """Yield the documents that were said not to apply, with the reason given."""
    for number, papers in status.papers.items():
        for paper in papers:
            if paper["state"] == NOT_APPLICABLE:
                yield ExemptItem(number=str(number), title=paper["title"], reason=paper["remark"] or "")


def _sections(desk: Desk, connection: Connection, status: DossierStatus) -> tuple[DossierSection, ...]:
    """Return the papers under their headings; what was said not to apply is no paper."""
    headings = {item.number: item.title for item in status.items}
    return tuple(
        DossierSection(number=str(number), title=headings.get(number, papers[0]["title"]), files=files)
        for number, papers in status.papers.items()
        if (files := tuple(_file(desk, connection, p) for p in papers if p["state"] != NOT_APPLICABLE))
    )


def _file(desk: Desk, connection: Connection, paper: dict[str, Any]) -> DossierFile:
    held = queries.get(connection, "attachment", paper["attachment"]) if paper["attachment"] else None
    line = {
        "title": paper["title"],
        "reference": paper["document_no"] or "",
        "responsible": paper["responsible"] or "",
        "date": paper["dated_on"],
        "note": paper["remark"] or "",
    }
    return kept_file(desk, held, **line) if held else DossierFile(name="（纸质件）", **line)
