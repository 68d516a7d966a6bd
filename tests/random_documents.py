"""Random documents that try to break the typesetting, and what must hold for the lines of each.

Used by a short test and a long one: the same seed makes the same document.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.documents import page, styles
from desktop.documents.checkbox import CheckBoxes
from desktop.documents.flow import Block, PageBreak, Space
from desktop.documents.fonts import HEI, KAI, SONG, chain, printable
from desktop.documents.formtable import PADDING_X, FormTable, Row, TableStyle, text_cell
from desktop.documents.paragraph import Style, ZhParagraph
from desktop.documents.zhtext import NO_END, NO_START
from tests.printed_text import solid

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = [
    chr(int(line.removeprefix("U+"), 16))
    for line in (Path(__file__).parent / "data" / "tgh8105.txt").read_text("ascii").split()
]
COMMON = "技术转移成果转化合同登记交易评价单位负责人项目资金大连理工大学有限公司的一是在了有和与及其为"
WORDS = (
    *("——", "……", "，", "。", "、", "；", "：", "？", "！", "（", "）", "《", "》", "“", "”", "‘", "’"),
    *(
        "【",
        "】",
        "·",
        "～",
        "％",
        "／",
        "/",
        "-",
        "—",
        "…",
        "　",
        " ",
        "  ",
        "\n",
        "\t",
        "№",
        "￥",
        "①",
        "×",
    ),
    *(
        "TRL-6",
        "PEM",
        "1,280.50万元",
        "80℃",
        "3.5%",
        "20 mm",
        "2026年4月12日",
        "±0.5 kPa",
        "ZL202310123456.7",
    ),
    *(
        "https://example.org/path/to/a-very-long-page?query=1&other=2#part",
        "a" * 70,
        "0123456789" * 6,
        "e.g.",
    ),
    *(
        "<b>&amp;",
        "\\(",
        "Zürich",
        "１２３ＡＢＣ",
        "《“（【",
        "】）”》",
        "，，，，，，",
        "（（（（",
        "\u200b",
        "\u00a0",
    ),
)
UNITS = "万亿元年月日号个项件家人名次天页条期份台套吨亩米"  # that stay with the number before them
DAY = dt.date(2026, 4, 12)
TEXT_WIDTH = page.A4[0] - page.OFFICIAL.left - page.OFFICIAL.right


@dataclass
class Sample:
    """A document's blocks, its texts in reading order, and how each of them is set."""

    blocks: list[Block] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    settings: list[tuple[ZhParagraph, float]] = field(default_factory=list)

    def add(self, paragraph: ZhParagraph, width: float) -> ZhParagraph:
        self.texts.append(paragraph.text)
        self.settings.append((paragraph, width))
        return paragraph


def make_sample(seed: int) -> Sample:
    """Return the random document of ``seed``."""
    dice, sample = random.Random(seed), Sample()  # noqa: S311 - no secret is made of it
    for _ in range(dice.randint(1, 6)):
        dice.choices((_paragraph, _heading, _boxes, _table, _pause), (6, 2, 1, 3, 1))[0](dice, sample)
    return sample


def print_sample(sample: Sample) -> bytes:
    """Return the document as a PDF file."""
    return page.write_pdf(page.flow_pages(sample.blocks), page.Info("随机文件", "测试", "", DAY))


def _text(dice: random.Random, longest: int) -> str:
    pieces = []
    for _ in range(dice.randint(0, longest)):
        kind = dice.random()
        if kind < 0.45:
            pieces.append("".join(dice.choices(COMMON, k=dice.randint(1, 6))))
        elif kind < 0.6:
            pieces.append("".join(dice.choices(NAMES, k=dice.randint(1, 3))))
        else:
            pieces.append(dice.choice(WORDS))
    return "".join(pieces)


def _paragraph(dice: random.Random, sample: Sample) -> None:
    style = Style(
        dice.choice((SONG, HEI, KAI)),
        size=(size := dice.choice((9, 10.5, 12, 16, 22))),
        leading=size * dice.choice((1.2, 1.5, 1.75)),
        indent=dice.choice((0, 2)),
        align=dice.choice(("justify", "left", "center", "right")),
        gap=dice.choice((0, 0.125, 0.25)),
    )
    sample.blocks.append(sample.add(ZhParagraph(_text(dice, 60), style), TEXT_WIDTH))


def _heading(dice: random.Random, sample: Sample) -> None:
    heading = styles.heading(_text(dice, 6).replace("\n", "") or "一、概况", dice.randint(0, 2))
    sample.add(heading.paragraph, TEXT_WIDTH)
    sample.blocks.append(heading)


def _boxes(dice: random.Random, sample: Sample) -> None:
    labels = ["".join(dice.choices(COMMON, k=dice.randint(1, 8))) for _ in range(dice.randint(1, 12))]
    boxes = CheckBoxes(tuple((label, dice.random() < 0.5) for label in labels), styles.TEXT_CELL)
    sample.blocks.append(boxes)
    sample.texts += labels


def _pause(dice: random.Random, sample: Sample) -> None:
    sample.blocks.append(PageBreak() if dice.random() < 0.3 else Space(dice.uniform(1, 300)))


def _table(dice: random.Random, sample: Sample) -> None:
    grouped, columns = dice.random() < 0.6, dice.randint(1, 4)
    shares = [dice.uniform(1, 3) for _ in range(columns + grouped)]
    widths = tuple(TEXT_WIDTH * share / sum(shares) for share in shares)
    header = tuple("".join(dice.choices(COMMON, k=4)) for _ in widths) if dice.random() < 0.7 else ()
    sample.texts += header
    rows: list[Row] = []
    group = ""
    for _ in range(dice.randint(1, 10)):
        if not rows or dice.random() < 0.3:
            group = "".join(dice.choices(COMMON, k=dice.randint(1, 10))) if grouped else ""
        if grouped and (not rows or rows[-1].group != group):
            sample.texts.append(group)
        rows.append(_row(dice, sample, widths[grouped:], group))
    style = TableStyle(widths, header, styles.LABEL_CELL, grouped=grouped)
    sample.blocks.append(FormTable(style, rows))


def _row(dice: random.Random, sample: Sample, widths: tuple[float, ...], group: str) -> Row:
    cells = []
    for width in widths:
        # One cell in twenty-five has to go on over several pages.
        text = _text(dice, 400 if dice.random() < 0.04 else 12)
        style = dice.choice((styles.TEXT_CELL, styles.CENTER_CELL, styles.FIGURE_CELL))
        cells.append(text_cell(text, style, top=dice.random() < 0.3))
        sample.add(ZhParagraph(text, style), width - 2 * PADDING_X)
    return Row(tuple(cells), group, dice.choice((0, 0, 40)))


# ── what must hold ──────────────────────────────────────────────────────────────────────────────


def faults_of_lines(sample: Sample) -> list[str]:
    """Return what is wrong with the lines of ``sample``: too wide, or a mark where none may stand."""
    return [fault for paragraph, width in sample.settings for fault in _faults(paragraph, width)]


def _faults(paragraph: ZhParagraph, width: float) -> Iterator[str]:
    lines, text = paragraph.lines(width), printable(paragraph.text)
    for number, line in enumerate(lines):
        room = width - (paragraph.style.indent * paragraph.style.size if number == 0 else 0.0)
        if line.width > room + 0.01 and len(line.text) > 1:
            yield f"too wide by {line.width - room:.2f}: {line.text!r}"
    for before, line in pairwise(lines):
        if text[: line.start].endswith("\n") or not before.text or not line.text:
            continue
        starts, ends = line.text[0] in NO_START, before.text[-1] in NO_END
        if (starts or ends) and not _fills(paragraph, line.start, width):
            yield f"{'starts' if starts else 'ends'} with a mark: {before.text!r} | {line.text!r}"


def _fills(paragraph: ZhParagraph, place: int, width: float) -> bool:
    """Tell whether ``place`` lies in a run that may not be divided, yet is wider than a line."""
    text, style = printable(paragraph.text), paragraph.style
    start = stop = place
    while start and _bound(text, start):
        start -= 1
    while stop < len(text) and _bound(text, stop):
        stop += 1
    run = text[start:stop].strip(" ")
    return chain(style.font).stringWidth(run, style.size) > width - style.indent * style.size


def _bound(text: str, place: int) -> bool:
    """Tell whether no line may end before ``place``."""
    left, right = text[:place].rstrip(" ")[-1:], text[place]
    if "\n" in (text[place - 1], right):
        return False
    latin = _is_latin(text[place - 1]) and _is_latin(right)
    amount = (left.isdigit() or left in "万亿") and right in UNITS
    return latin or amount or right == " " or right in NO_START or left in NO_END


def _is_latin(char: str) -> bool:
    return "!" <= char < "\u0250" and char != "·"


def written_texts(sample: Sample) -> list[str]:
    """Return what :func:`tests.printed_text.read_texts` must find in the printed document."""
    return [text for text in map(solid, sample.texts) if text]
