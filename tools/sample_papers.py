"""Signed papers for the sample records, so that a screenshot shows a verdict on a real one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop.models import queries
from desktop.services import certificate_papers, certificates
from tools.sample_trade import key

if TYPE_CHECKING:
    from desktop.services.desk import Desk

CERTIFIED: Final = "2025年第四期中级技术经纪人培训班"
ISSUER: Final = "示例技术转移人才培养基地"


def certify(desk: Desk) -> str:
    """Issue the drafts of the sample class, make their papers, and return the credential of one."""
    class_id = key("training_class", CERTIFIED)
    passed = certificates.passed(desk, class_id)
    certificates.issue(desk, enrolments=passed, issuer=ISSUER, issued_on=desk.today())
    made = certificate_papers.make(desk, certificate_papers.unmade(desk, class_id))
    with desk.store.read() as connection:
        paper = queries.get(connection, "certificate", made[0])
    assert paper
    return str(paper["credential"])
