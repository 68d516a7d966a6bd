"""The papers of issued certificates: each drawn and signed once, kept for good, and given out as kept.

The store is the journal: an issued certificate without the digest of its paper is still to be made. After a
pause, or when the program was killed, the making goes on with those that are left; drawing the same record
twice gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from desktop.documents import fonts
from desktop.documents.certificate import draw_certificate, draw_certificates, print_record
from desktop.models import queries
from desktop.models.blobs import DamagedBlobError
from desktop.models.queries import Query
from desktop.services import certificate_content as content
from desktop.services import issuing_keys
from desktop.services.certificate_templates import template_of
from desktop.services.certificates import no_progress
from desktop.services.commands import command
from desktop.services.printing import refusing_unprintable
from domain.problems import refuse

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from desktop.documents.certificate import CertificateData
    from desktop.documents.signature import KeySigner
    from desktop.documents.template import Template
    from desktop.models.work import Work
    from desktop.services.desk import Desk

AT_ONCE: Final = 20
"""Papers drawn between two entries in the journal: what a kill loses at most, a fifth of a second's work."""
BATCH: Final = 250
"""Papers from which on it pays to prepare the fonts; with fewer it takes as long as it saves, and the window
stands still for it (0.2 s to 0.3 s in one call that holds the interpreter) where it otherwise never does."""
ISSUED: Final = ("issued", "registered")
Row = dict[str, Any]


def issued(desk: Desk, class_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the certificates of a class that were issued and still count, in the order of their numbers."""
    return [row["id"] for row in _issued(desk, class_id)]


def unmade(desk: Desk, class_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the issued certificates of a class whose papers are still to be made."""
    return [row["id"] for row in _issued(desk, class_id) if _is_unmade(row)]


def _issued(desk: Desk, class_id: uuid.UUID) -> list[Row]:
    where = (("state", ISSUED), ("training_class", class_id))
    with desk.store.read() as connection:
        query = Query("certificate", where=where, order="certificate_no", descending=False)
        return queries.rows(connection, query)


def make(
    desk: Desk, ids: Sequence[uuid.UUID], progress: Callable[[int, int], None] = no_progress
) -> list[uuid.UUID]:
    """Make the papers that are still to be made and return their certificates.

    What ``progress`` raises leaves the papers made so far; called again, it goes on with the others.

    Raises:
        Refusal: a paper cannot be drawn any more, such as for a font that is gone.
    """
    with desk.store.read() as connection:
        rows = [row for row in (_row(connection, key) for key in ids) if _is_unmade(row)]
    press = Press(desk)
    if len(rows) >= BATCH:
        press.prepare(rows)
    for start in range(0, len(rows), AT_ONCE):
        drawn: dict[uuid.UUID, dict[str, str]] = {}
        try:
            for place, row in enumerate(rows[start : start + AT_ONCE], start=start):
                progress(place, len(rows))
                drawn[row["id"]] = press.keep(row)
        finally:
            if drawn:
                enter(desk, drawn=drawn)
    progress(len(rows), len(rows))
    return [row["id"] for row in rows]


@command("制作证书文件")
def enter(work: Work, desk: Desk, *, drawn: dict[uuid.UUID, dict[str, str]]) -> None:  # noqa: ARG001 - the shape of a command
    """Enter papers that were made and kept; what became of the certificate meanwhile stays as it is."""
    work.kind = "final"
    for certificate_id, facts in drawn.items():
        work.change("certificate", certificate_id, **facts)
    work.label = f"制作证书文件 {len(drawn)} 份"


class Press:
    """Draws papers; designs and keys are looked up once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._templates: dict[str | None, Template] = {}
        self._records: dict[str, dict[str, Any]] = {}
        self._signers: dict[str, KeySigner | None] = {}

    def prepare(self, rows: Sequence[Row]) -> None:
        """Make ready the fonts of the designs of many papers."""
        designs = [self._template(key) for key in {row["template"] for row in rows}]
        fonts.prepare(*{style.font for design in designs for style in design.styles})

    def keep(self, row: Row) -> dict[str, str]:
        """Draw the paper of an issued certificate, keep it, and return what the record says of it."""
        paper = self.draw(row)
        template, signer = self._template(row["template"]), self._signer(row["issuer"])
        if template.key not in self._records:
            self._records[template.key] = json.loads(print_record(template))
        made_with = json.loads(row["made_with"] or "{}") | self._records[template.key]
        if signer:
            made_with["signer"] = signer.fingerprint
        note = content.to_note(made_with)
        return {"pdf_sha256": self._desk.blobs.put(paper), "made_with": note}

    def draw(self, row: Row) -> bytes:
        """Return the paper of a certificate: signed when it was issued here, with 草稿 when it is a draft.

        Raises:
            Refusal: something it must bear is not filled in, or a character of it is in no font.
        """
        template = self._template(row["template"])
        signer = self._signer(row["issuer"]) if row["credential"] else None
        with refusing_unprintable():
            return draw_certificate(self.page(row), template, signer).content

    def draw_together(self, rows: Sequence[Row]) -> bytes:
        """Return the sheets of several certificates as one file for the printer, unsigned.

        Raises:
            Refusal: as :meth:`draw`.
        """
        designs = [self._template(row["template"]) for row in rows]
        with refusing_unprintable():
            return draw_certificates([self.page(row) for row in rows], designs)

    def page(self, row: Row) -> CertificateData:
        """Return what the page of a certificate bears."""
        desk = self._desk
        holder = content.frozen(desk, row)
        if holder is None:
            with desk.store.read() as connection:
                holder = content.live(desk, connection, row, self._template(row["template"]))
        return content.page_of(desk, row, holder)

    def _template(self, key: str | None) -> Template:
        if key not in self._templates:
            self._templates[key] = template_of(self._desk, key)
        return self._templates[key]

    def _signer(self, issuer: str) -> KeySigner | None:
        if issuer not in self._signers:
            with self._desk.store.read() as connection:
                keys = issuing_keys.keys_of(connection, issuer)
            self._signers[issuer] = keys.signer if keys else None
        return self._signers[issuer]


def printed(desk: Desk, ids: Sequence[uuid.UUID]) -> bytes:
    """Return one certificate as its kept paper, byte by byte, or several as one file for the printer.

    Drafts carry 草稿 across the page; they have no code and no signature.

    Raises:
        Refusal: there is no such certificate, a character of it is in no font, or its kept paper is lost
            and cannot be made again.
    """
    with desk.store.read() as connection:
        rows = [_row(connection, key) for key in ids]
    return paper_of(desk, rows[0], Press(desk)) if len(rows) == 1 else Press(desk).draw_together(rows)


def paper_of(desk: Desk, row: Row, press: Press) -> bytes:
    """Return the kept paper of a certificate, drawn anew where it has none yet.

    Raises:
        Refusal: as :func:`printed`.
    """
    kept = row["pdf_sha256"]
    if not kept:
        return press.draw(row)
    try:
        return desk.blobs.get(kept)
    except DamagedBlobError:
        paper = press.draw(row)
        if hashlib.sha256(paper).hexdigest() != kept:
            raise refuse("certificate", "plain", why=_LOST.format(number=row["certificate_no"])) from None
        desk.blobs.put(paper)
        return paper


_LOST: Final = (
    "证书 {number} 存档的文件已丢失或损坏，而签发时的字体、模板、密钥或记录已变，重新生成的文件与原件不同。"
    "请从备份恢复，或换发新证"
)


def _is_unmade(row: Row) -> bool:
    return bool(row["credential"]) and not row["pdf_sha256"]


def _row(connection: Connection, certificate_id: uuid.UUID) -> Row:
    row = queries.get(connection, "certificate", certificate_id)
    if row is None:
        raise refuse("certificate", "not-found", label="证书", value=str(certificate_id))
    return row
