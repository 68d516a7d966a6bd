"""The papers of an evaluation: the form, the report and the evidence binder, made from one set of figures."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop.documents import evaluation_binder, evaluation_form, evaluation_report, evaluation_summary
from desktop.services import evaluation_detail, issuing_keys
from desktop.services.evaluation_paper_data import paper_data, summary_data
from desktop.services.printing import refusing_unprintable, refusing_unwritable
from desktop.services.saving import write_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Mapping

    from desktop.services.desk import Desk

    Step = Callable[[int, int], object]

FORM: Final = "form"
REPORT: Final = "report"
BINDER: Final = "binder"
SUMMARY: Final = "summary"
PAPERS: Final[Mapping[str, str]] = {
    FORM: "绩效数据表",
    REPORT: "绩效考核报告",
    BINDER: "证据册",
    SUMMARY: "年度汇总表",
}
"""The papers there are and what they are called; the summary tells of all agencies of the same year."""


def printed(desk: Desk, agency_id: uuid.UUID, paper: str = FORM) -> bytes:
    """Return one of :data:`PAPERS` as a PDF, signed in the agency's name.

    Raises:
        Refusal: as ``evaluations.evaluation``, or a character of it is in no font.
    """
    detail = evaluation_detail.detail(desk, agency_id)
    data = paper_data(desk, detail)
    signer = issuing_keys.signer_for(desk, data.agency, data.prepared)
    private = desk.blobs.folder.parent  # evidence waits where it is as safe as the store
    with refusing_unprintable():
        if paper == REPORT:
            return evaluation_report.draw_evaluation_report(data, signer=signer)
        if paper == SUMMARY:
            return evaluation_summary.draw_evaluation_summary(summary_data(desk, detail), signer=signer)
        if paper == FORM:
            return evaluation_form.draw_evaluation_form(
                evaluation_binder.numbered(data, private), signer=signer
            )
        with tempfile.TemporaryDirectory(dir=private) as folder:
            path = Path(folder) / "binder.pdf"
            evaluation_binder.write_evidence_binder(data, path, signer=signer)
            return path.read_bytes()


def write(
    desk: Desk,
    agency_id: uuid.UUID,
    paper: str,
    path: Path,
    step: Step = lambda _done, _whole: None,
) -> Path:
    """Write one of :data:`PAPERS` to a file; ``step`` is told how much of the evidence is bound.

    Raises:
        Refusal: as :func:`printed`, or the file cannot be written.
    """
    if paper != BINDER:
        return write_file(path, printed(desk, agency_id, paper))
    data = paper_data(desk, evaluation_detail.detail(desk, agency_id))
    signer = issuing_keys.signer_for(desk, data.agency, data.prepared)
    with refusing_unprintable(), refusing_unwritable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        evaluation_binder.write_evidence_binder(data, path, signer=signer, step=step)
    return path
