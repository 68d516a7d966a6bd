"""The papers tell the figures of the records; the catalogue's page numbers are those of the binder."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from desktop.documents.page import Info, flow_pages, write_pdf
from desktop.documents.paragraph import ZhParagraph
from desktop.models import queries
from desktop.models.work import new_id
from desktop.services import attachments, deals, evaluation_detail, evaluation_papers, records
from desktop.services.attachments import Upload
from desktop.services.evaluation_paper_data import paper_data
from domain.problems import Refusal
from tests.conformance import assert_archival

if TYPE_CHECKING:
    from desktop.documents.evaluation_data import EvaluationData


@pytest.fixture
def agency(desk):
    """Return an agency's year with two registered deals, one other, a visit and some points."""
    key, party, client = new_id(), new_id(), new_id()
    rows: list[Any] = [
        ("party", party, {"name": "示例中心", "kind": "organisation"}),
        ("party", client, {"name": "示例企业", "kind": "organisation"}),
        ("agency", key, {
            "name": "示例中心", "year": Decimal(2025), "kind": "A", "party": party, "head": "欧阳𬭳",
            "founded_on": dt.date(2015, 3, 1), "premises": Decimal("1200.5"), "summary": "第一段。\n第二段。",
            "shortcomings": "人手不足。", "total_income": Decimal(200), "technical_income": Decimal(120),
        }),
    ]  # fmt: skip
    numbers = {"二月的": (2, "2025440100000002"), "一月的": (1, "2025440100000001"), "没登记的": (3, None)}
    for title, (month, number) in numbers.items():
        deal = {"title": title, "stage": "signing", "agency": party, "buyer": client, "contract_type": "dev",
                "signed_on": dt.date(2025, month, 1), "technical_amount": Decimal(800),
                "deal_amount": Decimal(800), "registration_no": number}  # fmt: skip
        rows.append(("deal", new_id(), deal))
    story = {"title": "案例一", "deal": rows[-2][1], "background": "背景文字", "result": "成效文字"}
    rows += [
        ("success_case", new_id(), story),
        ("success_case", new_id(), {"title": "别家的案例"}),
        ("site_visit", new_id(), {"title": "走访", "party": client, "visited_on": dt.date(2025, 3, 1)}),
        ("evaluation_score", new_id(), {"agency": key, "indicator": "bylaws", "scorer": "district",
                                        "points": Decimal(4)}),
    ]  # fmt: skip
    records.save_all(desk, records=rows)
    return key


def found(desk: Any, record_type: str, title: str) -> Any:
    with desk.store.read() as connection:
        return queries.find_by_title(connection, record_type, title)


def told(desk: Any, agency: Any) -> EvaluationData:
    return paper_data(desk, evaluation_detail.detail(desk, agency))


def sheets(count: int) -> bytes:
    pages = flow_pages([ZhParagraph("证明" * 700 * count)])
    return write_pdf(pages[:count], Info("登记证明", "登记处", "", dt.date(2025, 2, 1)))


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def proven(desk, agency, tmp_path):
    """File the proof of one deal, a picture of the visit, and the agency's own papers."""
    paper = tmp_path / "登记证明.pdf"
    paper.write_bytes(sheets(3))
    number = next(d.number for d in desk.checklist.documents if "登记证明" in d.title)
    values = {"item_no": Decimal(number), "title": "登记证明", "state": "collected"}
    deals.file_paper(desk, deal_id=found(desk, "deal", "一月的"), values=values, file=paper)
    kept = {
        ("site_visit", found(desk, "site_visit", "走访")): Upload("现场.png", picture()),
        ("agency", agency): Upload("2025年审计报告.pdf", sheets(2)),
    }
    for (record_type, key), upload in kept.items():
        attachments.add(desk, record_type=record_type, record_id=key, uploads=[upload])
    attachments.add(
        desk, record_type="agency", record_id=agency, uploads=[Upload("荣誉.docx", b"not to be bound")]
    )
    return agency


def test_figures_stand_as_declared_and_as_proven_with_the_points_of_each_scorer(desk, agency):
    data = told(desk, agency)
    flat = {indicator.name: indicator for dimension in data.dimensions for indicator in dimension.indicators}
    count = flat["上年度促成技术交易项数"]
    assert (count.declared, count.accepted, count.evidence) == ("3", "2", ("Z01", "Z02"))
    assert count.scores.own is not None
    assert count.scores.district == Decimal("0.24")
    assert count.scores.expert is None
    assert flat["上年度促成技术交易金额"].declared == "2,400.00"
    assert flat["服务企业数"].evidence == ("Z01", "Z02", "F01")
    assert flat["技术性收入占总收入比例"].note == "仅A类填写"
    assert flat["技术性收入占总收入比例"].accepted == ""
    integrity = flat["诚信度"]
    assert (integrity.declared, integrity.scores.own) == ("未填", None)
    bylaws = flat["章程、内部管理与客户管理制度"]
    assert (bylaws.scores.own, bylaws.scores.district) == (None, Decimal(4))
    assert sum(dimension.scores.district or 0 for dimension in data.dimensions) == data.totals.district


def test_the_catalogue_lists_contracts_by_their_day_then_visits_then_papers(desk, proven):
    data = told(desk, proven)
    assert [(e.number, e.title, e.note, len(e.files)) for e in data.evidence] == [
        ("Z01", "技术合同登记证明：一月的", "登记编号 2025440100000001", 1),
        ("Z02", "技术合同登记证明：二月的", "登记编号 2025440100000002；未附文件", 0),
        ("F01", "服务记录：走访", "走访日期 2025-03-01", 1),
        ("J01", "2025年审计报告", "", 1),
        ("J02", "荣誉", "", 1),
    ]
    flat = {i.name: i.evidence for dimension in data.dimensions for i in dimension.indicators}
    assert flat["技术性收入占总收入比例"] == ("J01",)
    assert flat["员工总数"] == ()


def test_the_page_numbers_of_the_catalogue_are_those_of_the_binder(desk, proven, tmp_path):
    steps: list[tuple[int, int]] = []
    path = tmp_path / "new" / "证据册.pdf"
    evaluation_papers.write(desk, proven, "binder", path, lambda *step: steps.append(step))
    content = path.read_bytes()
    assert_archival(content, "3b", signed=True)
    assert content == evaluation_papers.printed(desk, proven, "binder")
    assert steps == [(n, 5) for n in range(1, 6)]
    with pikepdf.open(path) as pdf:
        labels = [str(page.label) for page in pdf.pages]
        front = labels.index("1")
        starts = {
            str(mark.title).split()[0]: pages_to(pdf, mark) - front + 1
            for mark in pdf.open_outline().root[2:]
        }
        names = [str(file.UF) for file in pdf.Root.AF]
    assert starts == {"Z01": 1, "F01": 4, "J01": 5, "J02": 7}
    assert labels == ["i", "ii", *map(str, range(1, 8))]
    assert [name.partition(" ")[2] for name in names] == [
        "登记证明.pdf",
        "现场.png",
        "2025年审计报告.pdf",
        "荣誉.docx",
    ]
    form = text_of(evaluation_papers.printed(desk, proven, "form"))
    for place in ("1-3", "5-6", "7"):
        assert place in form


def pages_to(pdf: pikepdf.Pdf, mark: Any) -> int:
    target = mark.destination[0]
    return next(n for n, page in enumerate(pdf.pages) if page.obj.objgen == target.objgen)


def text_of(data: bytes) -> str:
    with contextlib.closing(pypdfium2.PdfDocument(data)) as document:
        return "".join(page.get_textpage().get_text_range() for page in document)


def test_evidence_that_is_gone_is_named_in_its_place(desk, proven):
    whole = text_of(evaluation_papers.printed(desk, proven, "binder"))
    for kept in desk.blobs.folder.rglob("*"):
        if kept.is_file():
            kept.unlink()
    gone = text_of(evaluation_papers.printed(desk, proven, "binder"))
    assert "文件不存在或无法读取" not in whole
    assert gone.count("文件不存在或无法读取") == 4


def test_the_report_tells_what_people_wrote(desk, agency):
    data = told(desk, agency).narrative
    assert dict(data.facts)["成立日期"] == "2015年3月1日"
    assert dict(data.facts)["场地面积"] == "1200.5平方米"
    assert data.summary == "第一段。\n第二段。"
    assert (data.shortcomings, data.plan) == ("人手不足。", "")
    (case,) = data.cases
    assert (case.title, case.paragraphs) == ("案例一", (("背景", "背景文字"), ("成效", "成效文字")))
    assert_archival(evaluation_papers.printed(desk, agency, "report"), "2a", signed=True)


def test_the_summary_lists_every_agency_of_the_year(desk, agency):
    other = {"name": "另一家", "year": Decimal(2025), "kind": "B"}
    records.save(desk, record_type="agency", record_id=new_id(), values=other)
    records.save(desk, record_type="agency", record_id=new_id(), values={**other, "year": Decimal(2024)})
    text = text_of(evaluation_papers.printed(desk, agency, "summary"))
    assert text.count("另一家") == text.count("示例中心") == 1
    assert "2025" in text


def test_what_cannot_be_written_is_refused(desk, agency, tmp_path):
    taken = tmp_path / "file"
    taken.write_bytes(b"")
    for paper in evaluation_papers.PAPERS:
        with pytest.raises(Refusal):
            evaluation_papers.write(desk, agency, paper, taken / "x.pdf")


def test_an_unknown_agency_is_refused(desk):
    with pytest.raises(Refusal):
        evaluation_papers.printed(desk, new_id())
