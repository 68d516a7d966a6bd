"""培训与证书: classes with their studio, trainees, certificates with their paper, and brokers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop.services import certificates
from desktop.ui.certificates.studio import Studio
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, column
from desktop.ui.widgets.pdf_preview import PdfPreview
from desktop.ui.widgets.record_page import RecordPage
from desktop.ui.widgets.section import Section, list_view

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal


def build(session: Session) -> Section:
    """Return the room."""
    views = [
        list_view("training_class", "培训班"),
        list_view("enrolment", "学员登记"),
        list_view("certificate", "证书"),
        list_view("broker", "经纪人"),
    ]
    pages = {"training_class": class_page, "certificate": certificate_page}
    return Section(session, "training", "培训与证书", views, pages=pages)


def class_page(
    session: Session,
    record_type: str,
    record_id: uuid.UUID | None = None,
    *,
    presets: Mapping[str, Any] | None = None,
) -> RecordPage:
    """Return the page of a class with its studio."""
    tabs = (("证书制作", Studio),)
    return RecordPage(session, record_type, record_id, presets=presets, tabs=tabs)


def certificate_page(
    session: Session,
    record_type: str,
    record_id: uuid.UUID | None = None,
    *,
    presets: Mapping[str, Any] | None = None,
) -> RecordPage:
    """Return the page of a certificate with the paper it prints."""
    return RecordPage(session, record_type, record_id, presets=presets, tabs=(("预览", Paper),))


class Paper(Card):
    """The page a certificate prints, from the bytes that would be saved."""

    def __init__(self, session: Session, _record_type: str, certificate_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.certificate_id = session, certificate_id
        self.preview = PdfPreview("还不能预览", "先保存证书，这里就显示将要打印的那一页。")
        self.body.addLayout(column(self.preview))
        self.setContentsMargins(METRICS.xl, METRICS.m, METRICS.xl, METRICS.m)
        session.jobs.changed.connect(self._written)
        self.reload()

    def reload(self) -> None:
        """Draw the page again, in a worker."""
        desk = self.session.desk
        self.session.jobs.read(
            lambda: certificates.printed(desk, [self.certificate_id]),
            self.preview.show_bytes,
            self._refused,
            owner=self,
        )

    def _refused(self, refusal: Refusal) -> None:
        self.preview.say("还不能预览", "；".join(refusal.messages()))

    def _written(self, changes: Changes, _initiator: object) -> None:
        if self.certificate_id in changes.ids("certificate"):
            self.reload()
