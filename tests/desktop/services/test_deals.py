"""Payments make 实际成交额, and a dossier knows what it still lacks."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pikepdf
import pytest
from PIL import Image

from desktop.models import queries
from desktop.models.work import new_id
from desktop.services import deals, dossiers, records
from desktop.services.attachments import Upload
from domain.problems import Refusal


def make_deal(desk, **values):
    seller, buyer, deal = new_id(), new_id(), new_id()
    nature = values.pop("nature", "022")
    records.save_all(
        desk,
        records=[
            ("party", seller, {"name": "示例大学", "kind": "organisation", "nature": nature}),
            ("party", buyer, {"name": "示例企业", "kind": "organisation"}),
            (
                "deal",
                deal,
                {"title": "智能巢箱", "stage": "signing", "seller": seller, "buyer": buyer, **values},
            ),
        ],
    )
    return deal


def read(desk, record_type, record_id):
    with desk.store.read() as connection:
        return queries.get(connection, record_type, record_id)


def pay(desk, deal, yuan, kind="stage", day=1):
    values = {"paid_on": dt.date(2026, 1, day), "amount": Decimal(yuan), "kind": kind}
    return deals.add_payment(desk, deal_id=deal, values=values)


def test_paid_amount_is_the_sum_of_payments_less_refunds(desk):
    deal = make_deal(desk, deal_amount=Decimal(100_000))
    pay(desk, deal, "30000.50")
    pay(desk, deal, "20000", day=2)
    pay(desk, deal, "1000", kind="refund", day=3)
    assert read(desk, "deal", deal)["paid_amount"] == Decimal("49000.50")
    assert read(desk, "deal", deal)["deal_amount"] == Decimal(100_000)


def test_a_payment_and_its_sum_are_one_step_of_undo(desk):
    deal = make_deal(desk)
    pay(desk, deal, 500)
    records.undo(desk)
    assert read(desk, "deal", deal)["paid_amount"] is None
    with desk.store.read() as connection:
        assert deals.payments(connection, deal) == []
    records.redo(desk)
    assert read(desk, "deal", deal)["paid_amount"] == Decimal(500)


def test_correcting_and_removing_a_payment_moves_the_sum(desk):
    deal = make_deal(desk)
    payment = pay(desk, deal, 500).ids("payment")[0]
    held = read(desk, "payment", payment)
    deals.change_payment(desk, payment_id=payment, values={**held, "amount": Decimal(700)})
    assert read(desk, "deal", deal)["paid_amount"] == Decimal(700)
    deals.remove_payment(desk, payment_id=payment)
    assert read(desk, "deal", deal)["paid_amount"] == Decimal(0)


def test_a_payment_written_by_any_command_moves_the_sum(desk):
    deal, other = make_deal(desk), make_deal(desk, title="另一笔")
    payment = new_id()
    values = {"deal": deal, "paid_on": dt.date(2026, 1, 1), "amount": Decimal(800)}
    records.save(desk, record_type="payment", record_id=payment, values=values)
    assert read(desk, "deal", deal)["paid_amount"] == Decimal(800)
    records.save(desk, record_type="payment", record_id=payment, values={**values, "deal": other})
    assert [read(desk, "deal", key)["paid_amount"] for key in (deal, other)] == [Decimal(0), Decimal(800)]
    records.remove(desk, record_type="payment", ids=[payment])
    assert read(desk, "deal", other)["paid_amount"] == Decimal(0)
    records.restore(desk, record_type="payment", ids=[payment])
    assert read(desk, "deal", other)["paid_amount"] == Decimal(800)


@pytest.mark.parametrize("amount", [Decimal(0), Decimal(-5)])
def test_a_payment_of_nothing_is_refused_and_changes_nothing(desk, amount):
    deal = make_deal(desk)
    with pytest.raises(Refusal):
        deals.add_payment(desk, deal_id=deal, values={"paid_on": dt.date(2026, 1, 1), "amount": amount})
    assert read(desk, "deal", deal)["paid_amount"] is None


def test_removing_a_payment_that_is_not_there_is_refused(desk):
    with pytest.raises(Refusal):
        deals.remove_payment(desk, payment_id=new_id())


def test_a_university_owes_what_an_enterprise_does_not(desk):
    public = deals.dossier_status(desk, make_deal(desk, contract_type="assign-patent", nature="022"))
    private = deals.dossier_status(
        desk, make_deal(desk, contract_type="assign-patent", nature="150", title="乙")
    )
    asked = {item.number for item in public.items} - {item.number for item in private.items}
    assert {7, 9, 10, 11, 13, 22} <= asked
    assert public.completeness.required > private.completeness.required


def test_a_deal_without_a_type_cannot_be_asked_for_papers(desk):
    status = deals.dossier_status(desk, make_deal(desk))
    assert status.unknown_type
    assert status.items == ()


def test_filing_every_paper_completes_the_dossier(desk, tmp_path):
    deal = make_deal(desk, contract_type="service", nature="150")
    first = deals.dossier_status(desk, deal).completeness
    for item in first.missing:
        path = tmp_path / f"{item.number}.txt"
        path.write_text(item.title, "utf-8")
        deals.file_paper(
            desk, deal_id=deal, values={"item_no": Decimal(item.number), "title": item.title}, file=path
        )
    done = deals.dossier_status(desk, deal).completeness
    assert done.complete
    assert done.present == first.required


def test_what_does_not_apply_is_not_missing_and_not_printed(desk):
    deal = make_deal(desk, contract_type="service", nature="150")
    status = deals.dossier_status(desk, deal)
    item = status.completeness.missing[0]
    deals.mark_not_applicable(desk, deal_id=deal, item=item, reason="无中介")
    after = deals.dossier_status(desk, deal)
    assert item not in after.completeness.missing
    assert all(section.number != str(item.number) for section in dossiers.dossier_data(desk, deal).sections)


def test_a_dossier_of_no_deal_is_refused(desk):
    with pytest.raises(Refusal):
        deals.dossier_status(desk, new_id())
    with pytest.raises(Refusal):
        dossiers.dossier_data(desk, new_id())


def test_the_dossier_holds_amounts_parties_payments_and_files(desk, tmp_path):
    deal = make_deal(
        desk, contract_type="assign-patent", deal_amount=Decimal(40_000), technical_amount=Decimal(30_000)
    )
    pay(desk, deal, 10_000)
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    path = tmp_path / "现场.png"
    path.write_bytes(picture.getvalue())
    paper = {"item_no": Decimal(20), "title": "验收照片", "document_no": "验字1号"}
    deals.file_paper(desk, deal_id=deal, values=paper, file=path)
    deals.file_paper(desk, deal_id=deal, values={"item_no": Decimal(15), "title": "纸质合同"})
    data = dossiers.dossier_data(desk, deal)
    assert [(a.name, a.yuan) for a in data.amounts] == [
        ("成交额", "40,000.00"), ("技术交易额", "30,000.00"), ("实际成交额", "10,000.00"),
    ]  # fmt: skip
    assert data.amounts[1].capitals == "人民币叁万元整"
    assert [party.role for party in data.parties] == ["卖方", "买方"]
    assert data.payments[0].paid_yuan == "10,000.00"
    assert data.sections[0].files[0].name == "（纸质件）"
    assert data.sections[1].files[0].media_type == "image/png"
    assert any(item.title for item in data.missing)
    out = tmp_path / "案卷.pdf"
    dossiers.write(desk, deal, out)
    with pikepdf.open(out) as pdf:
        assert len(pdf.pages) > 4


def test_an_amount_nobody_entered_is_said_to_be_missing(desk):
    data = dossiers.dossier_data(desk, make_deal(desk, contract_type="dev"))
    assert {amount.note for amount in data.amounts} == {"未填写"}


def test_uploads_know_their_kind_by_content():
    assert Upload("a.txt", b"%PDF-1.7").media_type == "application/pdf"
    assert Upload("a.txt", b"hello").media_type == "text/plain"
    assert Upload("a", b"hello").media_type == "application/octet-stream"


# ── stages ──────────────────────────────────────────────────────────────────────────────────────


def test_moving_a_deal_changes_its_stage_alone_and_says_so(desk):
    deal = make_deal(desk, remark="备注")
    before = read(desk, "deal", deal)
    changes = deals.move(desk, ids=[deal], stage="registration")
    after = read(desk, "deal", deal)
    different = {name for name in before if before[name] != after[name]} - {"updated_at"}
    assert different == {"stage"}
    assert changes.label == "移动“智能巢箱”到“认定登记”"
    records.undo(desk)
    assert read(desk, "deal", deal)["stage"] == "signing"


def test_several_deals_move_as_one_step_or_not_at_all(desk):
    ids = [make_deal(desk), make_deal(desk)]
    assert deals.move(desk, ids=ids, stage="archiving").label == "移动 2 笔技术交易到“履约归档”"
    with pytest.raises(Refusal, match="找不到"):
        deals.move(desk, ids=[*ids, new_id()], stage="lead")
    assert [read(desk, "deal", deal)["stage"] for deal in ids] == ["archiving"] * 2


def test_a_deal_moves_although_something_else_of_it_is_not_sound(desk):
    deal = make_deal(desk)
    with desk.store.write() as connection:
        connection.exec_driver_sql("UPDATE deal SET contract_type = 'no-such-type'")
    deals.move(desk, ids=[deal], stage="contact")
    assert read(desk, "deal", deal)["stage"] == "contact"


def test_a_stage_that_is_none_is_refused(desk):
    deal = make_deal(desk)
    with pytest.raises(Refusal, match="不在"):
        deals.move(desk, ids=[deal], stage="nowhere")
