"""The dossier that benchmarks/documents.py has made three times over, and how each making is measured.

It has a contents list with links, bookmarks, 第 x 页 共 y 页, running text, tables of sixty rows and photos.
Each engine runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import pikepdf

from benchmarks._memory import peak_megabytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Kind = Literal["h1", "h2", "text", "table", "photos"]

TEXT: Final = (
    "经双方协商一致，乙方将其拥有的“一种含氟聚合物多孔膜的制备方法”（专利号 ZL202310123456.7）及相关技术秘密"
    "以普通许可方式许可甲方实施，许可期限自 2024年3月1日起至 2034年2月28日止，许可使用费总额为人民币壹佰贰拾"
    "万元整（¥1,200,000.00），分三期支付；其中首期 30% 于合同生效后 15 个工作日内付清。乙方应当在首期款到账后"
    " 20 日内交付全部技术资料（图纸、工艺规程、操作手册等），并派 2 名技术人员到场指导，直至连续运行 72 小时"
    "、产品合格率达到 98.5% 以上。任何一方违约的，应当赔偿对方因此遭受的损失，包括但不限于鉴定费、律师费……"
)
TITLES: Final = (
    *("交易概况", "供给方材料", "需求方材料", "知识产权", "技术评估", "定价依据"),
    *("合同文本", "履约记录", "付款凭证", "公示材料", "绩效自评", "归档清单"),
)
SECTIONS: Final = ("基本情况", "过程说明", "结论与建议")
HEADER: Final = ("序号", "姓名", "证书编号", "课程", "备注", "日期")
WIDTHS: Final = (12, 20, 38, 40, 30, 25)  # mm
NAMES: Final = ("王䶮", "李喆", "赵㛃", "陈堃", "欧阳修", "孙玥", "周祎", "吴旻")
LONG_COLUMNS: Final = (3, 4)
PARAGRAPHS: Final = 7
ROWS: Final = 60
PHOTOS: Final = 6


class Piece(NamedTuple):
    kind: Kind
    content: Any


def pieces(chapters: int, photos: Sequence[Path]) -> Iterator[Piece]:
    for chapter in range(chapters):
        yield Piece("h1", f"第{chapter + 1}章　{TITLES[chapter % len(TITLES)]}")
        for section, name in enumerate(SECTIONS):
            yield Piece("h2", f"{chapter + 1}.{section + 1}　{name}")
            yield from [Piece("text", TEXT)] * PARAGRAPHS
            if section == 1:
                yield Piece("table", [_row(chapter, row) for row in range(ROWS)])
            if section == 2:
                first = chapter * PHOTOS
                yield Piece("photos", [photos[(first + n) % len(photos)] for n in range(PHOTOS)])


def _row(chapter: int, row: int) -> tuple[str, ...]:
    note = "到期未续，需补充材料并重新提交审核意见" if row % 7 == 0 else "正常"
    name = NAMES[(chapter * ROWS + row) % len(NAMES)]
    return str(row + 1), name, f"JJ2026-{chapter:02d}-{row:05d}", "技术合同登记与认定实务", note, "2026-04-12"


def measured(make: Callable[[int, Sequence[Path], Path], None]) -> None:
    """Make the dossier that the command line asks for and print what it took, as JSON."""
    asked = argparse.ArgumentParser()
    asked.add_argument("chapters", type=int)
    asked.add_argument("folder", type=Path)
    options = asked.parse_args()
    out = options.folder / "dossier.pdf"
    photos = sorted(options.folder.glob("photo*.jpg"))
    started = time.perf_counter()
    make(options.chapters, photos, out)
    seconds = time.perf_counter() - started
    peak = peak_megabytes()
    with pikepdf.open(out) as pdf:
        pages = len(pdf.pages)
    print(json.dumps({"seconds": seconds, "peak": peak, "pages": pages, "size": out.stat().st_size}))
