"""A deal's dossier must hold what was filed, as it was filed, and say what is not there."""

from __future__ import annotations

import io
from decimal import Decimal

import pikepdf
import pytest
from PIL import Image

from desktop.documents.signature_check import check_signature
from desktop.models.work import new_id
from desktop.services import deals, dossiers, records
from tests.conformance import assert_archival
from tests.hostile import pdf_with


@pytest.fixture
def deal(desk):
    key = new_id()
    values = {"title": "膜电极专利转让", "contract_type": "assign", "contract_no": "ZR-012"}
    records.save(desk, record_type="deal", record_id=key, values=values)
    return key


@pytest.fixture
def file_paper(desk, deal, tmp_path):
    def file(number: int, title: str, name: str = "", content: bytes = b"") -> None:
        path = tmp_path / name if name else None
        if path:
            path.write_bytes(content)
        values = {"item_no": Decimal(number), "title": title, "state": "collected"}
        deals.file_paper(desk, deal_id=deal, values=values, file=path)

    return file


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (80, 40), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_everything_filed_is_bound_in_order_and_enclosed_as_it_was(desk, deal, file_paper, tmp_path):
    contract = pdf_with(lambda _pdf: None, b"0 0 50 50 re f")
    file_paper(20, "交付照片", "交付.jpg", photo())
    file_paper(15, "转让合同", "合同.pdf", contract)
    file_paper(2, "营业执照（纸质）")
    path = tmp_path / "案卷.pdf"
    dossiers.write(desk, deal, path)
    data = path.read_bytes()
    assert_archival(data, "3b", signed=True)
    with pikepdf.open(path) as pdf:
        names = [str(held.UF) for held in pdf.Root.AF]
        contents = [held.EF.F.read_bytes() for held in pdf.Root.AF]
        outline = [str(item.title) for item in pdf.open_outline().root]
    assert names == ["002 合同.pdf", "003 交付.jpg", "案卷数据.json"]
    assert contents[:2] == [contract, photo()]
    assert [title.split()[0] for title in outline[3:6]] == ["2", "15", "20"]


def test_nothing_prepared_goes_to_the_child_again(desk, deal, file_paper, tmp_path, monkeypatch):
    file_paper(15, "转让合同", "合同.pdf", pdf_with(lambda _pdf: None))
    file_paper(20, "交付照片", "交付.jpg", photo())
    monkeypatch.setattr("desktop.documents.attachments.INSPECTOR", None)
    dossiers.write(desk, deal, tmp_path / "案卷.pdf")
    assert (tmp_path / "案卷.pdf").exists()


def test_missing_papers_have_their_rule_and_exempt_ones_their_reason(desk, deal):
    item = next(item for item in deals.dossier_status(desk, deal).items if item.number == 18)
    deals.mark_not_applicable(desk, deal_id=deal, item=item, reason="专利权随公司转移")
    data = dossiers.dossier_data(desk, deal)
    assert all(missing.rule for missing in data.missing)
    assert "15" in {missing.number for missing in data.missing}
    assert [(exempt.number, exempt.reason) for exempt in data.exempt] == [("18", "专利权随公司转移")]


def test_a_file_lost_from_the_store_is_named_not_fatal(desk, deal, file_paper, tmp_path):
    file_paper(15, "转让合同", "合同.pdf", pdf_with(lambda _pdf: None))
    for sealed in desk.blobs.folder.rglob("*"):
        if sealed.is_file():
            sealed.unlink()
    dossiers.write(desk, deal, tmp_path / "案卷.pdf")
    with pikepdf.open(tmp_path / "案卷.pdf") as pdf:
        assert [str(held.UF) for held in pdf.Root.AF] == ["案卷数据.json"]


def test_the_only_agency_keeps_and_signs_a_deal_without_a_broker(desk, deal, tmp_path):
    assert dossiers.dossier_data(desk, deal).agency == ""
    for year in (2025, 2026):  # one agency, however many years it was evaluated
        values = {"name": "示例技术转移中心", "year": Decimal(year)}
        records.save(desk, record_type="agency", record_id=new_id(), values=values)
    assert dossiers.dossier_data(desk, deal).agency == "示例技术转移中心"
    dossiers.write(desk, deal, tmp_path / "案卷.pdf")
    report = check_signature((tmp_path / "案卷.pdf").read_bytes())
    assert report.signer == "示例技术转移中心"
    records.save(
        desk, record_type="agency", record_id=new_id(), values={"name": "另一家", "year": Decimal(2026)}
    )
    assert dossiers.dossier_data(desk, deal).agency == ""
