"""Evaluation data exists so that whoever fills these papers needs plain values, no PDF library.

The form, the report and the evidence binder of one agency's year are made from one :class:`EvaluationData`,
so that no two of them can tell a different figure.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop.documents.preflight import label

if TYPE_CHECKING:
    import datetime as dt

    from desktop.documents.dossier_data import DossierFile

Points = decimal.Decimal | None


@dataclass(frozen=True, slots=True)
class Scores:
    """Who gave how many points: the agency itself, the district's review, the experts; None is no score."""

    own: Points = None
    district: Points = None
    expert: Points = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One level-2 indicator; ``points`` is None where the scheme gives no level-2 points."""

    name: str = field(metadata=label("指标名称"))
    unit: str = field(default="", metadata=label("计量单位"))
    formula: str = field(default="", metadata=label("计算方法"))
    declared: str = field(default="", metadata=label("申报值"))
    accepted: str = field(default="", metadata=label("核定值"))
    points: Points = None
    scores: Scores = Scores()
    evidence: tuple[str, ...] = field(default=(), metadata=label("证据编号"))
    note: str = field(default="", metadata=label("指标备注"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One level-1 indicator with its full points."""

    name: str = field(metadata=label("一级指标"))
    full: decimal.Decimal
    scores: Scores = Scores()
    indicators: tuple[Indicator, ...] = field(default=(), metadata=label("二级指标"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One line of the evidence catalogue, with the files that are bound for it.

    ``pages`` is how many pages they have and ``place`` where they are bound (3-7): both are found out by
    :func:`desktop.documents.evaluation_binder.numbered`.
    """

    number: str = field(metadata=label("证据编号"))
    title: str = field(metadata=label("证据名称"))
    pages: int | None = None
    place: str = field(default="", metadata=label("所在页码"))
    note: str = field(default="", metadata=label("证据备注"))
    files: tuple[DossierFile, ...] = field(default=(), metadata=label("证据文件"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One story of the report: ``paragraphs`` are (what it tells, text), such as 背景, 方案, 成效."""

    title: str = field(metadata=label("案例名称"))
    paragraphs: tuple[tuple[str, str], ...] = field(default=(), metadata=label("案例"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrative:
    """What only people can tell of the year; an empty text is printed as （未填写）."""

    facts: tuple[tuple[str, str], ...] = field(default=(), metadata=label("基本情况"))
    summary: str = field(default="", metadata=label("年度工作概述"))
    cases: tuple[Case, ...] = field(default=(), metadata=label("典型案例"))
    shortcomings: str = field(default="", metadata=label("存在问题"))
    plan: str = field(default="", metadata=label("下年计划"))


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationData:
    """One agency's performance figures for one year under one scheme.

    ``kind`` is one of ``kinds`` (printed as check boxes); ``prepared`` is the day the papers are made.
    """

    agency: str = field(metadata=label("机构名称"))
    credit_code: str = field(metadata=label("统一社会信用代码"))
    kind: str = field(metadata=label("机构类别"))
    year: int
    scheme: str = field(metadata=label("评价方案"))
    source: str = field(default="", metadata=label("方案依据"))
    prepared: dt.date
    dimensions: tuple[Dimension, ...] = field(default=(), metadata=label("一级指标"))
    totals: Scores = Scores()
    grade: str = field(default="", metadata=label("评价等级"))
    evidence: tuple[Evidence, ...] = field(default=(), metadata=label("证据目录"))
    narrative: Narrative = field(default_factory=Narrative, metadata=label("年度报告"))
    kinds: tuple[str, ...] = field(default=("A类", "B类"), metadata=label("机构类别选项"))
    declaration: str = field(
        default="本单位承诺以上数据及所附证据真实、准确、完整，并承担相应责任。", metadata=label("承诺")
    )
    signers: tuple[str, ...] = field(default=("填表人", "审核人", "单位负责人"), metadata=label("签字栏"))
    draft: bool = False

    @property
    def full(self) -> decimal.Decimal:
        """The most points there are."""
        return sum((dimension.full for dimension in self.dimensions), decimal.Decimal())
