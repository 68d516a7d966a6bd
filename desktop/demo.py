"""The main job shown end to end without a screen: real lists in, three kinds of document out."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageDraw

from desktop import app as application
from desktop import paths
from desktop.documents.sheet import draw_sheet
from desktop.models import queries, settings
from desktop.models.keys import PassphraseNeededError
from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import attachments, certificates, deals, dossiers, evaluations, records
from desktop.services.exchange import importing
from domain.problems import refuse

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator
    from pathlib import Path

    from desktop.services.desk import Desk

LISTS: Final = (
    ("uscc.csv", "party"),
    ("achievements.csv", "achievement"),
    ("demands.csv", "demand"),
    ("deals.csv", "deal"),
    ("training.csv", "training_class"),
    ("agency_results.csv", "agency_result"),
    ("agency_grade_totals.csv", "grade_total"),
    ("contract_statistics.csv", "contract_statistic"),
)
NAMES: Final = (
    "王喆", "李㛃", "张䶮", "赵𬭳", "欧阳堃祎", "买买提江·阿卜杜热合曼", "陈玥", "单晓旻", "刘昇", "周甯",
)  # fmt: skip
PASSPHRASE: Final = "transfer-desk-demo"  # noqa: S105 - it protects sample data only
DEAL: Final = "鹦鹉人工繁殖巢箱"
AGENCY: Final = "示例技术转移中心"
ISSUER: Final = "示例技术转移人才培养基地"


@dataclass
class Report:
    """What was done, how long it took, and where the results are."""

    lines: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """Time one step; what it appends is printed under its title."""
        started = time.perf_counter()
        details: list[str] = []
        yield details
        print(f"{title}（{time.perf_counter() - started:.2f} 秒）", flush=True)
        for line in details:
            print(f"    {line}", flush=True)


def run(folder: Path, out: Path, passphrase: str | None) -> int:
    """Make a new workspace in ``folder`` and documents in ``out``; tell what happened.

    Raises:
        Refusal: the folder holds a workspace that is not a demonstration.
    """
    out.mkdir(parents=True, exist_ok=True)
    report = Report()
    with report.step(f"新建加密工作区 {folder}"):
        app = _open(folder, passphrase)
    try:
        _all_steps(app.desk, out, report)
    finally:
        app.close()
    return 0


def _open(folder: Path, passphrase: str | None) -> application.App:
    known = (folder / "key.json").exists()
    try:
        app = application.build(folder, passphrase=passphrase)
    except PassphraseNeededError:
        app = application.build(folder, passphrase=PASSPHRASE)
    with app.desk.store.write() as connection:
        ours = settings.read(connection, "demonstration", default=False)
        if not known:
            settings.write(connection, "demonstration", value=True)
    if known and not ours:
        app.close()
        raise refuse(
            "", "plain", why=f"{folder} 是正式工作区，示例只能在新文件夹里做：请用 --data-dir 另指一个文件夹"
        )
    return app


def _all_steps(desk: Desk, out: Path, report: Report) -> None:
    for name, record_type in LISTS:
        with report.step(f"导入 {name}") as details:
            details.extend(_import(desk, name, record_type, out))
    with report.step("一笔交易归档成卷") as details:
        details.append(_dossier(desk, out))
    with report.step("一个机构的年度绩效数据表") as details:
        details.append(_evaluation(desk, out))
    with report.step("十份技术经纪人证书") as details:
        details.append(_certificates(desk, out))


def _import(desk: Desk, name: str, record_type: str, out: Path) -> list[str]:
    source = paths.sample_lists() / name
    plan = importing.plan(desk, source, record_type)
    report = importing.apply(desk, plan, rejects_dir=out)
    told = [
        f"{report.rows} 行 = 导入 {report.imported} + 重复 {report.duplicates} + 退回 {report.rejected}"
        + (f"；同时建立关联记录 {report.linked} 条" if report.linked else "")
    ]
    return told + ([f"退回清单 {report.rejects_file}"] if report.rejects_file else [])


def _dossier(desk: Desk, out: Path) -> str:
    """Take one imported deal through contract, registration, payment and every paper of its checklist."""
    deal_id = _id_of(desk, "deal", DEAL)
    with desk.store.read() as connection:
        deal = queries.get(connection, "deal", deal_id) or {}
        seller = queries.get(connection, "party", deal["seller"]) or {}
        paid = deals.payments(connection, deal_id)
    _complete_parties(desk, deal, seller)
    values = {**deal, **_contract(deal)}
    records.save(desk, record_type="deal", record_id=deal_id, values=values)
    if not paid:
        for day, amount, voucher in ((10, 10_000, "0120191230"), (28, 30_000, "0120200228")):
            payment = {
                "paid_on": dt.date(2020, 1, day),
                "amount": Decimal(amount),
                "technical_part": Decimal(amount),
                "kind": "stage",
                "voucher_no": voucher,
            }
            deals.add_payment(desk, deal_id=deal_id, values=payment)
    _file_papers(desk, deal_id, out)
    path = out / "交易案卷.pdf"
    dossiers.write(desk, deal_id, path)
    status = deals.dossier_status(desk, deal_id).completeness
    return f"{path}（必备材料 {status.present}/{status.required}）"


def _complete_parties(desk: Desk, deal: dict[str, Any], seller: dict[str, Any]) -> None:
    kept = {name: value for name, value in seller.items() if name not in queries.SYSTEM_COLUMNS}
    kept |= {"nature": "021", "region": "440100", "roles": ("supplier",)}
    records.save(desk, record_type="party", record_id=deal["seller"], values=kept)


def _contract(deal: dict[str, Any]) -> dict[str, Any]:
    return {
        "stage": "archiving",
        "contract_type": "assign-patent",
        "contract_no": "JZ-2019-0126",
        "deal_amount": deal["deal_amount"],
        "technical_amount": deal["deal_amount"],
        "payment_mode": "instalments",
        "signed_on": dt.date(2019, 12, 20),
        "begins_on": dt.date(2019, 12, 20),
        "ends_on": dt.date(2020, 12, 19),
        "registration_no": "2019440100000126",
        "registered_on": dt.date(2019, 12, 27),
        "registration_state": "registered",
        "pricing_route": "agreement",
        "technical_field": "09",
        "ip_kinds": ("patent-invention",),
        "landing_region": "440100",
    }


def _file_papers(desk: Desk, deal_id: uuid.UUID, out: Path) -> None:
    """File one paper for each required item: sheets as PDF, and one photograph taken sideways."""
    status = deals.dossier_status(desk, deal_id)
    drafts = out / "papers"
    drafts.mkdir(exist_ok=True)
    for item in status.completeness.missing:
        path = drafts / f"{item.number:02d}.pdf"
        path.write_bytes(
            draw_sheet(
                title=item.title,
                paragraphs=(f"项目名称：{DEAL}", f"依据：{item.rule}", "（示例材料，仅用于演示案卷组成。）"),
                author=AGENCY,
                day=dt.date(2019, 12, 20),
            )
        )
        if item.number == PHOTOGRAPHED:
            path = path.with_suffix(".jpg")
            path.write_bytes(_photograph())
        paper = {"item_no": Decimal(item.number), "title": item.title, "state": "checked", "signed": True,
                 "responsible": AGENCY, "dated_on": dt.date(2019, 12, 20), "pages": Decimal(1)}  # fmt: skip
        deals.file_paper(desk, deal_id=deal_id, values=paper, file=path)


PHOTOGRAPHED: Final = 20


def _photograph() -> bytes:
    """Return a photograph as a telephone makes it: lying on its side, with an EXIF note that says so."""
    picture = Image.new("RGB", (1200, 900), "#dfe7ea")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((300, 250, 900, 700), outline="#37474f", width=12)
    pen.ellipse((520, 380, 680, 540), outline="#37474f", width=12)
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    picture.rotate(90, expand=True).save(out, "JPEG", exif=exif)
    return out.getvalue()


def _evaluation(desk: Desk, out: Path) -> str:
    """Enter one agency with its people and finance sheet, and print its performance form."""
    agency_id = new_id()
    year = Decimal(2019)
    rows: list[tuple[str, uuid.UUID, dict[str, Any]]] = [("agency", agency_id, _agency(year))]
    rows += [("staff_member", new_id(), member) for member in _staff()]
    rows += [("evaluation_score", new_id(), {"agency": agency_id, **score}) for score in _self_scores()]
    if _maybe_id(desk, "agency", AGENCY) is None:
        records.save_all(desk, records=rows)
    _join_deals(desk)
    path = out / "绩效数据表.pdf"
    path.write_bytes(evaluations.printed(desk, _id_of(desk, "agency", AGENCY)))
    return str(path)


def _agency(year: Decimal) -> dict[str, Any]:
    return {
        "name": AGENCY, "year": year, "kind": "A", "region": "440100",
        "operating_income": Decimal(3_200_000), "working_funds": Decimal(800_000),
        "total_income": Decimal(4_000_000), "technical_income": Decimal(2_600_000),
        "profit_and_tax": Decimal(520_000), "has_bylaws": True, "has_information_system": True,
        "demonstration": "牵头组建区域技术转移联盟，服务周边三市。", "complaints": Decimal(0),
        "awards": "省级技术转移示范机构；地方媒体报道两次。",
    }  # fmt: skip


def _self_scores() -> list[dict[str, Any]]:
    points = {"bylaws": "5", "information_systems": "4.5", "demonstration": "4", "industry_activity": "3.5",
              "integrity": "5", "reputation": "4"}  # fmt: skip
    return [{"indicator": code, "scorer": "self", "points": Decimal(given)} for code, given in points.items()]


def _staff() -> list[dict[str, Any]]:
    full = [
        {"name": name, "agency_name": AGENCY, "employment": "full", "is_technical": True,
         "joined_on": dt.date(2018, 3, 1)}
        for name in ("高璟", "许晗", "沈珂", "韩沐", "冯笛", "曹越")
    ]  # fmt: skip
    part = [
        {"name": name, "agency_name": AGENCY, "employment": "part", "is_expert": True,
         "joined_on": dt.date(2018, 6, 1)}
        for name in ("蒋教授", "沈研究员")
    ]  # fmt: skip
    return full + part


def _join_deals(desk: Desk) -> None:
    """Make the agency the intermediary of the completed deal."""
    deal_id = _id_of(desk, "deal", DEAL)
    party = _maybe_id(desk, "party", AGENCY)
    if party is None:
        party = new_id()
        values = {"name": AGENCY, "kind": "organisation", "is_transfer_agency": True, "roles": ("agency",)}
        records.save(desk, record_type="party", record_id=party, values=values)
    with desk.store.read() as connection:
        deal = queries.get(connection, "deal", deal_id) or {}
    records.save(desk, record_type="deal", record_id=deal_id, values={**deal, "agency": party})


def _certificates(desk: Desk, out: Path) -> str:
    """Enrol ten people, let them pass, and issue their certificates."""
    training = _maybe_id(desk, "training_class", "示例初级技术经纪人培训班")
    if training is None:
        training = new_id()
        _enrol(desk, training)
    with desk.store.read() as connection:
        enrolled = queries.rows(connection, Query("enrolment", where=(("training_class", training),)))
    enrolments = [row["id"] for row in reversed(enrolled)]
    certificates.issue(desk, enrolments=enrolments, issuer=ISSUER, issued_on=dt.date(2026, 3, 20))
    with desk.store.read() as connection:
        query = Query(
            "certificate", where=(("training_class", training),), order="certificate_no", descending=False
        )
        issued = queries.rows(connection, query)
    for row in issued:
        (out / f"{row['certificate_no']}_{row['holder_name']}.pdf").write_bytes(
            certificates.printed(desk, [row["id"]])
        )
    path = out / "证书合订.pdf"
    path.write_bytes(certificates.printed(desk, [row["id"] for row in issued]))
    return f"{path}（{'、'.join(NAMES)}）"


def _enrol(desk: Desk, training: uuid.UUID) -> None:
    rows: list[tuple[str, uuid.UUID, dict[str, Any]]] = [
        ("training_class", training, {
            "name": "示例初级技术经纪人培训班", "level": "junior", "hours": Decimal(40),
            "programme": "国家技术转移专业人员能力等级培训", "starts_on": "2026-03-09",
            "ends_on": "2026-03-13",
            "organiser": ISSUER, "issuer": ISSUER, "state": "closed",
        })
    ]  # fmt: skip
    for number, name in enumerate(NAMES, start=1):
        broker = new_id()
        person = {"name": name, "sex": "1" if number % 2 else "2", "level": "junior", "unit_name": "示例大学"}
        result = {"training_class": training, "broker": broker, "mark": Decimal(78 + number), "passed": True,
                  "result": "passed", "attended_hours": Decimal(40), "attendance": Decimal(100)}  # fmt: skip
        rows += [("broker", broker, person), ("enrolment", new_id(), result)]
    records.save_all(desk, records=rows)
    first = next(record_id for record_type, record_id, _ in rows if record_type == "broker")
    photo = attachments.Upload("photo.jpg", _photograph())
    attachments.add(desk, record_type="broker", record_id=first, uploads=[photo])


def _id_of(desk: Desk, record_type: str, title: str) -> uuid.UUID:
    found = _maybe_id(desk, record_type, title)
    if found is None:
        raise refuse(record_type, "not-found", value=title)
    return found


def _maybe_id(desk: Desk, record_type: str, title: str) -> uuid.UUID | None:
    with desk.store.read() as connection:
        return queries.find_by_title(connection, record_type, title)
