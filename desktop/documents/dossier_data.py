"""Dossier data exists so that whoever fills a dossier needs plain values, no PDF library."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop.documents.preflight import label

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierParty:
    """One party of the deal; ``role`` is 让与方, 受让方, 中介方 and the like."""

    role: str = field(metadata=label("当事人角色"))
    name: str = field(metadata=label("当事人名称"))
    credit_code: str = field(default="", metadata=label("统一社会信用代码"))
    nature: str = field(default="", metadata=label("单位性质"))
    region: str = field(default="", metadata=label("所在地区"))
    contact: str = field(default="", metadata=label("联系人"))
    phone: str = field(default="", metadata=label("联系电话"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierAmount:
    """One amount: ``name`` 成交额 / 技术交易额 / 实际成交额, ``yuan`` in digits, ``capitals`` in 大写."""

    name: str = field(metadata=label("金额名称"))
    yuan: str = field(default="", metadata=label("金额（元）"))
    capitals: str = field(default="", metadata=label("金额大写"))
    note: str = field(default="", metadata=label("金额备注"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierPayment:
    """One instalment: what was agreed (``term``, ``due``, ``due_yuan``) and what came in."""

    term: str = field(metadata=label("付款条件"))
    due: dt.date | None = None
    due_yuan: str = field(default="", metadata=label("应付金额"))
    paid: dt.date | None = None
    paid_yuan: str = field(default="", metadata=label("实付金额"))
    voucher: str = field(default="", metadata=label("凭证号"))
    note: str = field(default="", metadata=label("付款备注"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierFile:
    """One document to bind: ``read`` fetches the file (OSError: it is gone), None for one on paper only.

    ``prepared`` fetches the copy made for binding when the file was taken in: an upright JPEG or PNG, a PDF
    that passed the inspection. Without it the file is inspected now. ``sha256`` is the fingerprint taken when
    it was filed; a file that no longer matches it is not bound but named on a page of its own. ``title``
    (default: the file name), ``reference`` (文号), ``responsible`` (责任者), ``date`` and ``note`` are its
    line in the contents list.
    """

    name: str = field(metadata=label("文件名"))
    media_type: str = field(default="", metadata=label("文件类型"))
    read: Callable[[], bytes] | None = None
    prepared: Callable[[], bytes] | None = None
    sha256: str = ""
    title: str = field(default="", metadata=label("题名"))
    reference: str = field(default="", metadata=label("文号"))
    responsible: str = field(default="", metadata=label("责任者"))
    date: dt.date | None = None
    note: str = field(default="", metadata=label("文件备注"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierSection:
    """One kind of document in binding order, e.g. number ``15``, title 合同及附件."""

    number: str = field(metadata=label("材料序号"))
    title: str = field(metadata=label("材料类别"))
    files: tuple[DossierFile, ...] = field(default=(), metadata=label("文件"))


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingItem:
    """A required document that is not there, and ``rule``: the provision that asks for it."""

    title: str = field(metadata=label("缺少的材料"))
    rule: str = field(metadata=label("依据"))
    number: str = field(default="", metadata=label("材料序号"))
    note: str = field(default="", metadata=label("缺件说明"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptItem:
    """A document of the checklist that does not apply to this deal, and the ``reason`` given for it."""

    title: str = field(metadata=label("不适用的材料"))
    reason: str = field(default="", metadata=label("不适用的理由"))
    number: str = field(default="", metadata=label("材料序号"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierData:
    """One deal's dossier: cover, contents list, fact sheet, documents in binding order, closing sheet.

    ``facts`` are further (label, value) pairs for the fact sheet (技术领域, 支付方式, 知识产权 …).
    ``prepared`` is the day the dossier is made up (立卷日期).
    """

    title: str = field(metadata=label("案卷题名"))
    number: str = field(metadata=label("案卷号"))
    agency: str = field(metadata=label("立卷单位"))
    contract_type: str = field(metadata=label("合同类别"))
    prepared: dt.date
    contract_number: str = field(default="", metadata=label("合同编号"))
    registration_number: str = field(default="", metadata=label("合同登记编号"))
    retention: str = field(default="", metadata=label("保管期限"))
    signed: dt.date | None = None
    started: dt.date | None = None
    ended: dt.date | None = None
    parties: tuple[DossierParty, ...] = field(default=(), metadata=label("当事人"))
    amounts: tuple[DossierAmount, ...] = field(default=(), metadata=label("金额"))
    payments: tuple[DossierPayment, ...] = field(default=(), metadata=label("付款"))
    facts: tuple[tuple[str, str], ...] = field(default=(), metadata=label("交易要素"))
    sections: tuple[DossierSection, ...] = field(default=(), metadata=label("材料"))
    missing: tuple[MissingItem, ...] = field(default=(), metadata=label("缺件"))
    exempt: tuple[ExemptItem, ...] = field(default=(), metadata=label("不适用"))
    compiler: str = field(default="", metadata=label("立卷人"))
    checker: str = field(default="", metadata=label("检查人"))
    note: str = field(default="", metadata=label("备考说明"))
