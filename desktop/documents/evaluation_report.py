"""The evaluation report exists so that the year is told in words with the very figures of the form.

It is set as official papers are (GB/T 9704-2012): 22 lines of 28 characters, the title in 2号, the body in
3号, 一、 in 黑体, （一） in 楷体, the number of the page at the outer side.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desktop.documents.evaluation_data import Case, Dimension, EvaluationData, Indicator, Points, Scores
from desktop.documents.flow import Block, Heading, Space
from desktop.documents.fonts import DRAWING
from desktop.documents.page import Info, flow_pages, write_pdf
from desktop.documents.paragraph import ZhParagraph
from desktop.documents.preflight import require_glyphs
from desktop.documents.stack import Stack
from desktop.documents.styles import (
    OFFICIAL_BODY,
    OFFICIAL_FIRST,
    OFFICIAL_LINE,
    OFFICIAL_SECOND,
    OFFICIAL_TITLE,
)
from desktop.documents.wording import chinese_date, drawn_together, plain_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop.documents.signature import Signer

NAME = "evaluation-report"
LABEL = "绩效考核报告"

_KEPT_WITH_SIGNATURE = 280  # characters, ten lines
_TITLE = replace(OFFICIAL_TITLE, leading=2 * OFFICIAL_LINE)
_SIGNED = replace(OFFICIAL_BODY, align="right", indent=0)
_NUMERALS = "一二三四五六七八九十"
_BLANK = "（未填写）"
CASES_AT_MOST = 5


def draw_evaluation_report(data: EvaluationData, *, signer: Signer | None = None) -> bytes:
    """Return the report as a PDF; raises MissingGlyph when a character is in no font."""
    require_glyphs(data)
    info = Info(f"{data.agency}{data.year}年度绩效考核报告", data.agency, data.scheme, data.prepared)
    with DRAWING:
        pages = flow_pages(list(_blocks(data)), draft=data.draft, official=True)
        return write_pdf(pages, info, signer=signer)


def _blocks(data: EvaluationData) -> Iterator[Block]:
    told = data.narrative
    yield Heading(ZhParagraph(f"{data.agency}\n{data.year}年度绩效考核报告", _TITLE))
    yield Space(OFFICIAL_LINE)
    yield _first(1, "基本情况")
    yield ZhParagraph(_introduction(data), OFFICIAL_BODY)
    yield from _text(told.summary)
    yield _first(2, "服务业绩")
    yield ZhParagraph(_overall(data), OFFICIAL_BODY)
    for number, dimension in enumerate(data.dimensions, start=1):
        yield _second(number, dimension.name)
        yield ZhParagraph(_dimension(dimension), OFFICIAL_BODY)
    yield _first(3, "典型案例")
    yield from _cases(told.cases[:CASES_AT_MOST])
    yield _first(4, "存在问题")
    yield from _text(told.shortcomings)
    yield _first(5, "下一年度工作计划")
    *earlier, last = _text(told.plan)
    yield from earlier
    signed = (ZhParagraph(f"{text}　　", _SIGNED) for text in (data.agency, chinese_date(data.prepared)))
    closing: list[Block] = [Space(2 * OFFICIAL_LINE), *signed]
    # A page with nothing but the signature could be put under any report.
    if len(last.text) <= _KEPT_WITH_SIGNATURE:
        closing.insert(0, last)
    else:
        yield last
    yield Stack(tuple(closing))


def _first(number: int, name: str) -> Heading:
    return Heading(ZhParagraph(f"{_NUMERALS[number - 1]}、{name}", OFFICIAL_FIRST), 1)


def _second(number: int, name: str) -> Heading:
    numeral = _NUMERALS[number - 1] if number <= len(_NUMERALS) else str(number)
    return Heading(ZhParagraph(f"（{numeral}）{name}", OFFICIAL_SECOND), 2)


def _text(text: str) -> Iterator[ZhParagraph]:
    """Yield a text that somebody wrote as paragraphs, a remark when nobody did."""
    for paragraph in filter(None, map(str.strip, text.split("\n"))):
        yield ZhParagraph(paragraph, OFFICIAL_BODY)
    if not text.strip():
        yield ZhParagraph(_BLANK, OFFICIAL_BODY)


def _introduction(data: EvaluationData) -> str:
    code = f"（统一社会信用代码：{data.credit_code}）" if data.credit_code else ""
    facts = "，".join(f"{name}：{value}" for name, value in data.narrative.facts if value)
    return f"{data.agency}{code}属{data.kind}机构{facts and '，'}{facts}。"


def _overall(data: EvaluationData) -> str:
    if data.totals == Scores():
        return f"{data.year}年度按《{data.scheme}》填报，尚未评分。"
    reviewed = data.totals.district is not None or data.totals.expert is not None
    grade = f"，评价等级为{data.grade}" if data.grade and reviewed else ""
    scored = f"满分{plain_number(data.full)}分，{_points(data.totals)}"
    return f"{data.year}年度按《{data.scheme}》计分，{scored}{grade}。"


def _dimension(dimension: Dimension) -> str:
    figures = "；".join(filter(None, map(_figure, dimension.indicators)))
    scored = _points(dimension.scores)
    end = f"本项满分{plain_number(dimension.full)}分{scored and '，'}{scored}。"
    return f"{figures}。{end}" if figures else end


def _figure(indicator: Indicator) -> str:
    if not indicator.declared:
        return ""
    accepted = indicator.accepted
    other = f"（核定{accepted}{indicator.unit}）" if accepted and accepted != indicator.declared else ""
    unit = indicator.unit if indicator.declared[-1:].isdigit() else ""
    proof = f"（证据{'、'.join(drawn_together(indicator.evidence))}）" if indicator.evidence else ""
    colon = "" if unit else "："
    return f"{indicator.name}{colon}{indicator.declared.rstrip('；。')}{unit}{other}{proof}"


def _points(scores: Scores) -> str:
    given: tuple[tuple[str, Points], ...] = (
        ("自评", scores.own),
        ("区县审核", scores.district),
        ("专家评审", scores.expert),
    )
    return "，".join(f"{who}{plain_number(points)}分" for who, points in given if points is not None)


def _cases(cases: tuple[Case, ...]) -> Iterator[Block]:
    for number, case in enumerate(cases, start=1):
        yield _second(number, case.title)
        for name, text in case.paragraphs:
            yield ZhParagraph(f"{name}：{text}", OFFICIAL_BODY)
    if not cases:
        yield ZhParagraph(_BLANK, OFFICIAL_BODY)
