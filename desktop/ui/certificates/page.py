"""培训与证书: classes with their studio, trainees, certificates with their paper, brokers, verifying."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop.ui.certificates.paper import Paper
from desktop.ui.certificates.studio import Studio
from desktop.ui.certificates.verifying import VerifyPage
from desktop.ui.widgets.record_page import RecordPage
from desktop.ui.widgets.section import Section, View, list_view

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from desktop.ui.widgets.session import Session


def build(session: Session) -> Section:
    """Return the room."""
    views = [
        list_view("training_class", "培训班"),
        list_view("enrolment", "学员登记"),
        list_view("certificate", "证书"),
        list_view("broker", "经纪人"),
        View("验证", VerifyPage),
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
