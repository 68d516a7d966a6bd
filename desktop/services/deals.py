"""What can be done with a deal beyond saving it: its stage, its payments, the papers of its dossier."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from desktop.models import queries
from desktop.models.queries import Query
from desktop.models.work import Work, new_id
from desktop.services import attachments
from desktop.services.commands import command
from desktop.services.records import write
from domain import dossier
from domain.fields import RECORD_TYPES
from domain.problems import refuse

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

    from sqlalchemy import Connection

    from desktop.services.desk import Desk
    from domain.dossier import ChecklistItem, Completeness

PRESENT_STATES = ("collected", "signed", "checked")
NOT_APPLICABLE = "not-applicable"
MADE_BY_US = 0
"""Number of the checklist's first row: cover, contents list and closing sheet come with the dossier."""


@dataclass(frozen=True, slots=True)
class DossierStatus:
    """The checklist of a deal, the papers that answer it, and how complete it is.

    ``unknown_type`` is true while the contract type is not chosen: then nothing can be asked for.
    """

    items: tuple[ChecklistItem, ...]
    papers: dict[int, list[dict[str, Any]]]
    completeness: Completeness
    unknown_type: bool = False

    @property
    def present(self) -> frozenset[int]:
        """Numbers of the checklist that are answered, or said not to apply."""
        answered = {
            number
            for number, papers in self.papers.items()
            if any(paper["state"] in (*PRESENT_STATES, NOT_APPLICABLE) for paper in papers)
        }
        return frozenset({MADE_BY_US, *answered})


@command("移动到其他阶段")
def move(work: Work, desk: Desk, *, ids: list[uuid.UUID], stage: str) -> None:
    """Put deals into a stage and touch nothing else of them; all or none.

    A deal moves also while other fields of it are not sound yet: those are told where they are edited.

    Raises:
        Refusal: a deal is gone, or there is no such stage.
    """
    known = RECORD_TYPES["deal"]
    stages = desk.codes[known["stage"].codes]
    if not stages.valid(stage, desk.today()):
        raise refuse("stage", "unknown-code", label=known["stage"].label, value=stage, list=stages.label)
    titles = []
    for deal_id in ids:
        held = work.get("deal", deal_id)
        if held is None:
            raise refuse("deal", "not-found", label=known.label, value=str(deal_id))
        titles.append(f"“{known.heading_of(held)}”")
        work.change("deal", deal_id, stage=stage)
    what = titles[0] if len(titles) == 1 else f" {len(titles)} 笔{known.label}"
    work.label = f"移动{what}到“{stages.label_of(stage)}”"


@command("登记到账")
def add_payment(work: Work, desk: Desk, *, deal_id: uuid.UUID, values: dict[str, Any]) -> None:
    """Record money received; 实际成交额 becomes the sum of the deal's payments.

    Raises:
        Refusal: the payment is not sound.
    """
    write(work, desk, record_type="payment", record_id=new_id(), values={**values, "deal": deal_id})
    work.label = f"登记到账 {values['amount']:,.2f} 元"


@command("修改到账")
def change_payment(work: Work, desk: Desk, *, payment_id: uuid.UUID, values: dict[str, Any]) -> None:
    """Correct a payment; 实际成交额 follows."""
    write(work, desk, record_type="payment", record_id=payment_id, values=values)


@command("删除到账")
def remove_payment(work: Work, desk: Desk, *, payment_id: uuid.UUID) -> None:  # noqa: ARG001 - the shape of a command
    """Take a payment away; 实际成交额 follows."""
    if work.get("payment", payment_id) is None:
        raise refuse("payment", "not-found", value=str(payment_id))
    work.remove("payment", payment_id)


def payments(connection: Connection, deal_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the payments of a deal in the order they came."""
    query = Query("payment", where=(("deal", deal_id),), order="paid_on", descending=False)
    return queries.rows(connection, query)


@command("归入案卷")
def file_paper(
    work: Work,
    desk: Desk,
    *,
    deal_id: uuid.UUID,
    values: dict[str, Any],
    file: Path | None = None,
) -> None:
    """Put a paper into the dossier under its number of the checklist, with its file if there is one.

    Raises:
        Refusal: the paper is not sound or the file cannot be read.
    """
    attachment = None
    if file is not None:
        upload = attachments.read_files([file])[0]
        attachment = attachments.keep(
            work, desk, record_type="deal", record_id=deal_id, upload=upload, kind="evidence"
        )
    body = {**values, "deal": deal_id, "attachment": attachment or values.get("attachment")}
    write(work, desk, record_type="dossier_item", record_id=new_id(), values=body)
    work.label = f"归入案卷“{values['title']}”"


@command("标记不适用")
def mark_not_applicable(
    work: Work, desk: Desk, *, deal_id: uuid.UUID, item: ChecklistItem, reason: str
) -> None:
    """Say that a document of the checklist does not apply to this deal, and why."""
    body = {
        "deal": deal_id,
        "item_no": Decimal(item.number),
        "title": item.title,
        "state": NOT_APPLICABLE,
        "remark": reason,
    }
    write(work, desk, record_type="dossier_item", record_id=new_id(), values=body)


def dossier_status(desk: Desk, deal_id: uuid.UUID) -> DossierStatus:
    """Return what the deal's dossier must hold and what it holds.

    Raises:
        Refusal: there is no such deal.
    """
    with desk.store.read() as connection:
        deal = queries.get(connection, "deal", deal_id)
        if deal is None:
            raise refuse("deal", "not-found", value=str(deal_id))
        papers = papers_by_number(connection, deal_id)
        seller = queries.get(connection, "party", deal["seller"]) if deal["seller"] else None
    items = _items(desk, deal, seller)
    status = DossierStatus(
        items, papers, dossier.completeness((), ()), unknown_type=not deal["contract_type"]
    )
    return DossierStatus(items, papers, dossier.completeness(items, status.present), status.unknown_type)


def _items(desk: Desk, deal: dict[str, Any], seller: dict[str, Any] | None) -> tuple[ChecklistItem, ...]:
    if not deal["contract_type"]:
        return ()
    return dossier.checklist(
        desk.checklist.documents,
        deal["contract_type"],
        equity=deal["is_equity"],
        pricing_route=deal["pricing_route"],
        supplier_is_public=bool(seller) and (seller or {}).get("nature") in desk.checklist.public_natures,
    )


def papers_by_number(connection: Connection, deal_id: uuid.UUID) -> dict[int, list[dict[str, Any]]]:
    """Return the papers of a deal's dossier by their number of the checklist, in the order of filing."""
    query = Query("dossier_item", where=(("deal", deal_id),), order="created_at", descending=False)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in queries.rows(connection, query):
        found.setdefault(int(row["item_no"]), []).append(row)
    return dict(sorted(found.items()))
