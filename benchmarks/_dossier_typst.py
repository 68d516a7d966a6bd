"""The dossier by typst."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pylopdf_fonts_zh_cn
import typst

from benchmarks._dossier import HEADER, WIDTHS, measured, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks._dossier import Piece

HEAD: Final = """
#set page(paper: "a4", margin: (left: 25mm, right: 20mm, y: 25mm),
  footer: context align(center, text(size: 10.5pt)[
    第 #counter(page).display() 页　共 #counter(page).final().first() 页]))
#set text(font: ("Noto Serif SC", "Noto Sans SC"), size: 12pt, lang: "zh", region: "cn")
#set par(justify: true, first-line-indent: (amount: 2em, all: true), leading: 11pt, spacing: 11pt)
#outline(title: [目录], depth: 2)
#show heading.where(level: 1): it => { pagebreak(weak: true); it }
"""
COLUMNS: Final = ", ".join(f"{width}mm" for width in WIDTHS)


def plain(text: str) -> str:
    return re.sub(r"([*#_@$¥\\<>`~])", r"\\\1", text)


def markup(piece: Piece) -> Iterator[str]:
    match piece.kind:
        case "h1":
            yield f"= {plain(piece.content)}"
        case "h2":
            yield f"== {plain(piece.content)}"
        case "text":
            yield plain(piece.content)
        case "table":
            header = ", ".join(f"[{name}]" for name in HEADER)
            cells = ", ".join(f"[{plain(text)}]" for row in piece.content for text in row)
            yield f"#text(size: 9pt, table(columns: ({COLUMNS}), table.header({header}), {cells}))"
        case "photos":
            images = ", ".join(f'image("{path.name}", width: 49mm, height: 63mm)' for path in piece.content)
            yield f"#grid(columns: 3, gutter: 4mm, {images})"


def make(chapters: int, photos: Sequence[Path], out: Path) -> None:
    source = out.with_suffix(".typ")
    text = [HEAD, *(part for piece in pieces(chapters, photos) for part in markup(piece))]
    source.write_text("\n\n".join(text), "utf-8")
    fonts = str(Path(pylopdf_fonts_zh_cn.serif_path()).parent)
    compiler = typst.Compiler(str(source), root=str(out.parent), font_paths=[fonts], ignore_system_fonts=True)
    drawn = compiler.compile(format="pdf")
    assert isinstance(drawn, bytes)
    out.write_bytes(drawn)


if __name__ == "__main__":
    measured(make)
