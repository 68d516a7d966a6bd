"""The structure tree of a PDF as a screen reader walks it, checked on the way against the pages."""

from __future__ import annotations

import re
from typing import Any

import pikepdf

SHOWN = frozenset(("Tj", "TJ", "'", '"', "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "Do", "sh"))


def contents(page: pikepdf.Page) -> dict[int, str]:
    """Return the text of each numbered piece; fail when something is drawn in no piece at all."""
    fonts = {name: unicode_map(font) for name, font in page.resources.Font.items()}
    found: dict[int, str] = {}
    open_marks: list[int | None] = []
    font: dict[bytes, str] = {}
    for instruction in pikepdf.parse_content_stream(page):
        operands: Any = instruction.operands
        name = str(instruction.operator)
        if name in ("BDC", "BMC"):
            assert str(operands[0]) != "/Artifact" or not open_marks, "an artifact inside content"
            number = operands[1].get("/MCID") if name == "BDC" else None
            open_marks.append(number)
            if number is not None:
                assert number == len(found), "pieces are numbered in the order of drawing"
                found[number] = ""
        elif name == "EMC":
            open_marks.pop()
        elif name == "Tf":
            font = fonts[str(operands[0])]
        elif name in SHOWN:
            assert open_marks, f"{name} outside all marked content"
            marks = [number for number in open_marks if number is not None]
            assert len(marks) <= 1, "numbered content does not nest"
            if marks and name in ("Tj", "TJ"):
                texts = operands[0] if name == "TJ" else operands
                codes = b"".join(bytes(t) for t in texts if isinstance(t, pikepdf.String))
                found[marks[0]] += "".join(font[codes[i : i + 2]] for i in range(0, len(codes), 2))
    assert not open_marks
    return found


def unicode_map(font: Any) -> dict[bytes, str]:
    rows = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", font.ToUnicode.read_bytes() + b"\n")
    return {bytes.fromhex(a.decode()): bytes.fromhex(b.decode()).decode("utf-16-be") for a, b in rows}


def tree(pdf: pikepdf.Pdf) -> tuple[str, Any]:
    """Return the structure as nested (role, kids) with texts for content, and check both ways to it."""
    pages: dict[Any, dict[int, str]] = {page.objgen: contents(page) for page in pdf.pages}
    entries = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    keyed = {int(key): entry for key, entry in zip(entries[::2], entries[1::2], strict=True)}
    parents: dict[Any, list[Any]] = {
        page.objgen: list(keyed[int(page.StructParents)]) for page in pdf.pages if pages[page.objgen]
    }
    seen: set[tuple[Any, int]] = set()

    def walk(element: Any) -> tuple[str, Any]:
        kids = element.get("/K", pikepdf.Array())
        kids = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
        told: list[Any] = []
        for kid in kids:
            if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/StructElem":
                assert kid.P.objgen == element.objgen
                told.append(walk(kid))
                continue
            number = int(kid.MCID if isinstance(kid, pikepdf.Dictionary) else kid)
            page = (kid if isinstance(kid, pikepdf.Dictionary) else element).Pg.objgen
            assert (page, number) not in seen
            seen.add((page, number))
            assert parents[page][number].objgen == element.objgen
            told.append(pages[page][number])
        return str(element.S), told

    whole = walk(pdf.Root.StructTreeRoot.K)
    assert seen == {(page, number) for page, texts in pages.items() for number in texts}
    return whole


def words(node: Any) -> str:
    return node if isinstance(node, str) else "".join(words(kid) for kid in node[1])


def roles(node: Any) -> list[Any]:
    """Return the tree without its texts."""
    return [node[0], *(roles(kid) for kid in node[1] if not isinstance(kid, str))]


def named(node: Any, role: str) -> list[Any]:
    found = [node] if node[0] == role else []
    return found + [hit for kid in node[1] if not isinstance(kid, str) for hit in named(kid, role)]


def flat(node: Any) -> list[Any]:
    return [node, *(hit for kid in node[1] if not isinstance(kid, str) for hit in flat(kid))]
