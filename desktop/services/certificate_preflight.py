"""The look over a whole roster before anything is issued: every problem of every person, told at once.

What stops a certificate and what merely should be known (no photograph, a name that is shrunk to fit) are
kept apart. The studio shows the same findings by which issuing decides.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from desktop.documents.certificate import preflight
from desktop.services import certificate_content as content
from domain.problems import Problem, Refusal

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from desktop.documents.certificate import CertificateData
    from desktop.documents.template import Template
    from desktop.services.certificate_content import Order
    from desktop.services.desk import Desk

NAME_BYTES_AT_MOST: Final = 120
"""Of a holder's name in UTF-8; a longer one makes a code that no phone reads from paper."""

PHOTO: Final = "照片"


class Remark(NamedTuple):
    """One thing found; it ``stops`` the certificate or is only to be known."""

    words: str
    stops: bool


Row = dict[str, Any]


def look_over(
    desk: Desk, connection: Connection, rows: Sequence[Row], order: Order, twice: Mapping[uuid.UUID, str]
) -> list[tuple[Remark, ...]]:
    """Return what is found for each enrolment, which has its ``person`` and ``class`` beside it.

    ``twice`` are the complaints of :func:`doubles` about the whole class.
    """
    found = []
    for row in rows:
        complaints = [*_unready(row), *([twice[row["id"]]] if row["id"] in twice else [])]
        remarks = [Remark(why, stops=True) for why in complaints]
        if not any(remark.stops for remark in remarks):
            remarks += _on_paper(desk, connection, row, order)
        found.append(tuple(remarks))
    return found


def demand_fit(rows: Sequence[Row], found: Sequence[Sequence[Remark]]) -> None:
    """Refuse the roster with everything that stops one of its people."""
    problems = [
        Problem(row["person"]["name"], "plain", {"why": f"{row['person']['name']}：{remark.words}"})
        for row, remarks in zip(rows, found, strict=True)
        for remark in remarks
        if remark.stops
    ]
    if problems:
        raise Refusal(problems)


def demand_printable(page: CertificateData, template: Template, signer: str) -> None:
    """Refuse a single page that cannot be printed."""
    stops = [finding for finding in preflight(page, template, signer=signer) if finding.stops]
    if stops:
        raise Refusal([Problem("", "plain", {"why": f"{stop.label}：{stop.why}"}) for stop in stops])


def _unready(row: Row) -> list[str]:
    """Return what the records of a trainee and the class lack."""
    found = []
    training = row["class"]
    if not row["passed"]:
        found.append("尚未登记为合格，不能签发证书")
    if not (training["level"] or row["person"]["level"]):
        found.append("培训班和学员都没有等级，请先填写")
    if not (content.day(training["starts_on"]) and content.day(training["ends_on"]) and training["hours"]):
        found.append(f"培训班“{training['name']}”缺少完整的起止日期或总学时")
    if len(row["person"]["name"].encode()) > NAME_BYTES_AT_MOST:
        found.append("姓名过长，放不进证书的二维码，请核对")
    return found


def doubles(rows: Iterable[Row]) -> dict[uuid.UUID, str]:
    """Return the complaint about each enrolment of a class whose person stands in it twice."""
    rows = list(rows)
    people = Counter(row["broker"] for row in rows)
    cards = Counter(row["person"].get("id_number") for row in rows)
    found = {}
    for row in rows:
        card = row["person"].get("id_number")
        if people[row["broker"]] > 1:
            found[row["id"]] = "在这个班登记了两次，请删去一条"
        elif card and cards[card] > 1:
            found[row["id"]] = "与班上另一人的证件号码相同，请核对"
    return found


def _on_paper(desk: Desk, connection: Connection, row: Row, order: Order) -> list[Remark]:
    """Return what shows only on the page: dates, characters, room, and the photograph."""
    values = content.record_of(desk, row, order, f"JJ{order.issued_on.year}-{desk.device.upper()}-00000")
    found = []
    if order.issued_on < values["trained_to"]:
        found.append(Remark(f"发证日期早于培训结束的 {values['trained_to'].isoformat()}", stops=True))
    photo = content.photo_of(connection, row["broker"])
    readable = bool(photo and photo["view_sha256"] and photo["view_sha256"] in desk.blobs)
    if photo and not readable and order.template.photo_ratio:
        found.append(Remark("照片无法读取，请换一张", stops=True))
    page = content.page_of(desk, values, content.person_of(desk, row["person"]))
    return found + [
        Remark(f"{finding.label}：{finding.why}", finding.stops)
        for finding in preflight(page, order.template, signer=order.issuer)
        if finding.stops or finding.label != PHOTO  # that there is none stands in a column of its own
    ]
