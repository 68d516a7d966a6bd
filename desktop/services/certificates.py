"""Issuing certificates: numbers that cannot collide, drafts that become papers, and the signed credential.

Issuing writes records only, in one transaction: all of a roster or none. The papers are made of the records
afterwards (certificate_papers), in as many goes as it takes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from desktop.documents.pictures import PictureError
from desktop.models import queries
from desktop.models.queries import Query
from desktop.models.work import Work, new_id
from desktop.services import certificate_content as content
from desktop.services import issuing_keys
from desktop.services.certificate_credentials import credentials
from desktop.services.certificate_numbers import next_number
from desktop.services.certificate_preflight import demand_fit, doubles, look_over
from desktop.services.certificate_templates import template_of
from desktop.services.commands import command
from desktop.services.records import write
from domain.problems import Problem, Refusal, refuse

if TYPE_CHECKING:
    import datetime as dt
    import uuid
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from desktop.services.certificate_content import Order
    from desktop.services.desk import Desk
    from desktop.services.issuing_keys import IssuingKeys

UNISSUED: Final = content.UNISSUED
LIVE_STATES: Final = ("draft", "issued", "registered", "suspended")


def no_progress(_done: int, _total: int) -> None:
    """Tell nobody how far the work is."""


@command("签发证书")
def issue(
    work: Work,
    desk: Desk,
    *,
    enrolments: list[uuid.UUID],
    issuer: str,
    issued_on: dt.date,
    valid_to: dt.date | None = None,
    template: str = "",
    draft: bool = False,
    progress: Callable[[int, int], None] = no_progress,
) -> None:
    """Make one certificate for each passed enrolment; one that already has its certificate is left alone.

    A draft becomes the issued paper under its own number, with everything printed on it read anew. Issued
    papers cannot be undone, only revoked: a number must never stand under two credentials. ``template`` is
    the key of a design. What ``progress`` raises leaves everything as it was.

    Numbers come from a block that the server gave to this device; without one they count up with the device
    in the number. Either way two trainers without a network cannot give out the same one.

    Raises:
        Refusal: with everything that stands against anybody; then none is issued.
    """
    if valid_to and valid_to < issued_on:
        raise refuse("valid_to", "plain", why="有效期至不能早于发证日期，例如 三年后的前一天")
    order = content.Order(
        issuer=issuer,
        issued_on=issued_on,
        template=template_of(desk, template),
        valid_to=valid_to,
        draft=draft,
    )
    rows = _unserved(work, [_enrolment(work, enrolment) for enrolment in enrolments], draft=draft)
    demand_fit(rows, look_over(desk, work.connection, rows, order, _doubles(work.connection, rows)))
    keys = None
    if rows and not draft:
        keys = issuing_keys.provide(work.connection, issuer, min(desk.today(), issued_on))
        work.kind = "final"
    for done, row in enumerate(rows):
        progress(done, len(rows))
        _make(work, desk, row, order, keys)
    work.label = f"{'生成证书草稿' if draft else '签发证书'} {len(rows)} 份"


def _enrolment(work: Work, enrolment_id: uuid.UUID) -> dict[str, Any]:
    """Return an enrolment with its broker and its class beside it."""
    row = work.get("enrolment", enrolment_id)
    if row is None:
        raise refuse("enrolment", "not-found", value=str(enrolment_id))
    broker, training = work.get("broker", row["broker"]), work.get("training_class", row["training_class"])
    if broker is None or training is None:
        raise refuse("enrolment", "not-found", value=str(row["broker"]))
    return {**row, "id": enrolment_id, "person": broker, "class": training}


def _unserved(work: Work, rows: list[dict[str, Any]], *, draft: bool) -> list[dict[str, Any]]:
    """Return the enrolments for which something is to be made, each with the draft it has."""
    found = []
    for row in rows:
        held = held_by(work.connection, row)
        if held is None or (held["state"] == UNISSUED and not draft):
            found.append({**row, "held": held})
    return found


def _doubles(connection: Connection, rows: Iterable[dict[str, Any]]) -> dict[uuid.UUID, str]:
    """Return the complaints about people who stand twice in the classes of the rows."""
    found: dict[uuid.UUID, str] = {}
    for class_id in {row["training_class"] for row in rows}:
        found |= doubles(roster_of(connection, class_id))
    return found


def roster_of(connection: Connection, class_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the enrolments of a class, each with its ``person`` beside it; a person who is gone is empty."""
    rows = queries.rows(connection, Query("enrolment", where=(("training_class", class_id),)))
    return [{**row, "person": queries.get(connection, "broker", row["broker"]) or {}} for row in rows]


def passed(desk: Desk, class_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the enrolments of a class whose people have passed."""
    with desk.store.read() as connection:
        where = (("training_class", class_id), ("passed", True))
        query = Query("enrolment", where=where, order="row", descending=False)
        return [row["id"] for row in queries.rows(connection, query)]


def held_by(connection: Connection, row: dict[str, Any]) -> dict[str, Any] | None:
    """Return the certificate that a person already has of a class."""
    where = (("holder", row["broker"]), ("training_class", row["training_class"]), ("state", LIVE_STATES))
    return next(iter(queries.rows(connection, Query("certificate", where=where), limit=1)), None)


def _make(work: Work, desk: Desk, row: dict[str, Any], order: Order, keys: IssuingKeys | None) -> None:
    """Write the certificate of one enrolment."""
    held = row["held"]
    number = held["certificate_no"] if held else next_number(work, desk, order.issued_on.year)
    values = content.record_of(desk, row, order, number)
    photo = content.photo_of(work.connection, row["broker"])
    values["photo"] = photo["id"] if photo else None
    if keys:
        holder = replace(content.person_of(desk, row["person"]), photo=_portrait(desk, row, photo, order))
        values |= credentials(desk, values, holder, keys, row["person"].get("id_number") or "")
    write(work, desk, record_type="certificate", record_id=held["id"] if held else new_id(), values=values)


def _portrait(desk: Desk, row: dict[str, Any], photo: dict[str, Any] | None, order: Order) -> bytes | None:
    try:
        return content.portrait_of(desk, photo, order.template) if photo else None
    except PictureError as error:
        name = row["person"]["name"]
        raise Refusal([Problem(name, "plain", {"why": f"{name}：{error}"})]) from error
