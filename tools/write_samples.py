"""Writes the papers of docs/samples, so that a reader can open and verify each kind without running anything.

    python -m tools.write_samples [--out DIR]

All is invented but the deal, which comes from a published list. The workspace is thrown away with its keys:
the papers of two runs differ in their signatures, and only the trust list beside them knows the keys.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop import app as composition
from desktop.demo import samples, steps
from desktop.documents.sheet import draw_sheet
from desktop.models import queries
from desktop.models.queries import Query
from desktop.services import attachments, dossiers, evaluation_papers, records, trust
from tools import sample_certificates

if TYPE_CHECKING:
    from desktop.services.desk import Desk

OUT: Final = Path(__file__).parents[1] / "docs" / "samples"
NOW: Final = dt.datetime(2026, 3, 20, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
PASSPHRASE: Final = "sample data only"  # noqa: S105 - it protects nothing
USER: Final = "示例经办人"
DEVICE: Final = "sample01"
LIST: Final = Path(__file__).parents[1] / "tests" / "data" / "deals.csv"
TRUST: Final = "信任名单.json"

BOUND: Final = (15, 17, 20, 21)
"""Numbers of the checklist's rows whose papers stay in the sample dossier; it lists the others as lacking."""
EVIDENCE: Final = ("审计报告", "章程", "社保缴纳证明")
"""What the agency encloses; each name is one that the scheme asks for."""
TOLD: Final = {
    "founded_on": dt.date(2015, 6, 1),
    "head": "高璟",
    "contact_name": "许晗",
    "summary": "本中心为高校院所和企业提供成果评价、对接、谈判和合同登记服务。",
    "shortcomings": "专职人员偏少，县域企业走访不够；成果评价主要依靠外聘专家，周期较长。",
    "next_year_plan": "增加专职经纪人两名，全年走访企业不少于六十家。",
}
STORY: Final = {
    "title": f"{samples.DEAL}专利转让",
    "background": "养殖企业需要提高鹦鹉人工繁殖的成活率。",
    "problem": "研究所有专利而无生产场地，企业有场地而无技术，双方互不了解。",
    "solution": "先试用一个繁殖季，以试用结果议价，再一次转让专利权，分两期付款。",
    "broker_role": "走访企业核实需求，组织试用，起草合同，办理公示和合同登记。",
    "result": "专利权以四万元转让，协议定价，公示无异议。",
}
"""What people tell of the year beside the figures."""


def write(out: Path) -> None:
    """Write every sample paper and the trust list they verify with into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        opened = composition.build(Path(folder) / "workspace", passphrase=PASSPHRASE, clock=lambda: NOW)
        desk = replace(opened.desk, user=USER, device=DEVICE)
        try:
            sample_certificates.write(desk, out)
            _evaluate_and_bind(desk, out, Path(folder))
            trust.give(desk, out / TRUST)
        finally:
            opened.close()


def _evaluate_and_bind(desk: Desk, out: Path, scratch: Path) -> None:
    """Take the demonstration's deal and agency, and print the papers of both."""
    steps.take_in(desk, LIST, "deal", scratch)
    steps.evaluate_agency(desk, scratch)
    steps.complete_deal(desk, scratch)
    agency, deal = _found(desk, "agency", samples.AGENCY), _found(desk, "deal", samples.DEAL)
    _tell(desk, agency, deal)
    uploads = [attachments.Upload(f"{title}.pdf", _paper(title)) for title in EVIDENCE]
    attachments.add(desk, record_type="agency", record_id=agency, uploads=uploads)
    for paper, name in evaluation_papers.PAPERS.items():
        evaluation_papers.write(desk, agency, paper, out / f"{name}.pdf")
    _thin_out(desk, deal)
    dossiers.write(desk, deal, out / "交易案卷.pdf")


def _tell(desk: Desk, agency: uuid.UUID, deal: uuid.UUID) -> None:
    """Enter what the report says in words."""
    with desk.store.read() as connection:
        held = queries.get(connection, "agency", agency) or {}
    entries = [("agency", agency, {**held, **TOLD}), ("success_case", uuid.uuid4(), {**STORY, "deal": deal})]
    records.save_all(desk, records=entries)


def _paper(title: str) -> bytes:
    text = ("（示例材料，仅用于演示证据册的组成。）",)
    return draw_sheet(title=title, paragraphs=text, author=samples.AGENCY, day=samples.CONTRACT_DAY)


def _thin_out(desk: Desk, deal: uuid.UUID) -> None:
    """Take most papers out of the deal again: a whole dossier is too large to be handed round as a sample."""
    with desk.store.read() as connection:
        papers = queries.rows(connection, Query("dossier_item", where=(("deal", deal),)))
    others = [paper["id"] for paper in papers if paper["item_no"] not in BOUND]
    records.remove(desk, record_type="dossier_item", ids=others)


def _found(desk: Desk, record_type: str, title: str) -> uuid.UUID:
    with desk.store.read() as connection:
        found = queries.find_by_title(connection, record_type, title)
    assert found, title
    return found


def main(arguments: list[str] | None = None) -> int:
    """Write the samples; the exit code is 0 when all could be made."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--out", type=Path, default=OUT)
    out: Path = reader.parse_args(arguments).out
    write(out)
    for path in sorted(out.iterdir()):
        print(f"{path.stat().st_size:9,}  {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
