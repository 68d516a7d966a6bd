"""Template files are read here so that a trainer who edits one learns of every slip at once, and where it is.

A file is TOML: boxes in millimetres from the upper left corner, named styles, a list of items. How to write
one is told at the head of ``resources/templates/classic.toml``.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final, get_args

from desktop.documents.blanks import Wording
from desktop.documents.certificate_data import LABELS
from desktop.documents.faces import CHAINS, SONG
from desktop.documents.fonts import missing_characters
from desktop.documents.ornament import FRAMES, Ornament, Rect
from desktop.documents.page import MM
from desktop.documents.paragraph import BLACK, Colour, Style
from desktop.documents.template import (
    Align,
    Anchor,
    Fit,
    Item,
    PhotoItem,
    QrItem,
    Role,
    RuleItem,
    SealItem,
    SignatureItem,
    Template,
    Templates,
    TextItem,
)
from domain.problems import Problem, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


def read_templates(*folders: Path) -> Templates:
    """Return all templates of ``folders``.

    Raises:
        Refusal: naming file, item and reason of everything that is wrong in any of them.
    """
    found: dict[str, Template] = {}
    problems: list[Problem] = []
    for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
        try:
            template = parse_template(path.read_bytes(), path.name)
        except Refusal as refusal:
            problems += refusal.problems
            continue
        if template.key in found:
            problems.append(_problem(path.name, "", f"与另一个文件同为“{template.key}”，请改 id 或 revision"))
        found[template.key] = template
    if problems:
        raise Refusal(problems)
    return Templates(found.values())


def parse_template(content: bytes, name: str) -> Template:
    """Return the template in the TOML ``content``; ``name`` stands for the file in messages.

    Raises:
        Refusal: with everything that is wrong in it.
    """
    try:
        data = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal([_problem(name, "", f"不是有效的 UTF-8 TOML（{error}）")]) from error
    return _Reader(name, data, hashlib.sha256(content).hexdigest()).template()


def _problem(name: str, place: str, why: str) -> Problem:
    return Problem(name, "plain", {"why": f"模板 {name}{place and ' '}{place}：{why}"})


_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


class _Table:
    """One table of the file: hands out its entries and notes what is wrong with them."""

    def __init__(self, reader: _Reader, place: str, data: Any) -> None:
        self._reader = reader
        self.place = place
        self._data: dict[str, Any] = data if isinstance(data, dict) else {}
        self._asked: set[str] = set()
        if not isinstance(data, dict):
            self.wrong("应为表")

    def wrong(self, why: str) -> None:
        self._reader.problems.append(_problem(self._reader.name, self.place, why))

    def ask(self, key: str, default: Any = None) -> Any:
        self._asked.add(key)
        if key not in self._data and default is None:
            self.wrong(f"缺少 {key}")
        return self._data.get(key, default)

    def items(self) -> Iterable[tuple[str, Any]]:
        return self._data.items()

    def finish(self) -> None:
        """Note the entries that nobody asked for."""
        for key in self._data.keys() - self._asked:
            self.wrong(f"没有“{key}”这一项，可用：{'、'.join(sorted(self._asked))}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.ask(key, default)
        if value is not None and not isinstance(value, str):
            self.wrong(f'{key} 应为文字，例如 {key} = "…"')
        return value if isinstance(value, str) else ""

    def printable(self, text: str) -> None:
        """Note the characters that no font has."""
        for miss in missing_characters([("", text)]):
            self.wrong(f"“{miss.character}”（{miss.code_point}）没有字体可印")

    def one_of(self, key: str, choices: tuple[str, ...], default: str | None = None) -> Any:
        value = self.ask(key, default)
        if value is not None and value not in choices:
            self.wrong(f"{key} = “{value}”无效，可用：{'、'.join(choices)}")
        return value if value in choices else choices[0]

    def whole(self, key: str, *, low: int, high: int) -> int:
        value = self.number(key, low=low, high=high)
        if not value.is_integer():
            self.wrong(f"{key} 应为整数，现为 {value:g}")
        return int(value)

    def number(self, key: str, default: float | None = None, *, low: float, high: float) -> float:
        value = self.ask(key, default)
        if _is_number(value) and low <= value <= high:
            return float(value)
        if value is not None:
            self.wrong(f"{key} 应为 {low:g} 到 {high:g} 的数，现为 {value}")
        return float(low)

    def numbers(self, key: str, names: str) -> tuple[float, ...]:
        """Return as many numbers as there are ``names``, zeros when they are not there."""
        value, count = self.ask(key), len(names.split())
        if isinstance(value, list) and len(value) == count and all(map(_is_number, value)):
            return tuple(float(part) for part in value)
        if value is not None:
            self.wrong(f"{key} 应为 {count} 个数：[{'，'.join(names.split())}]，单位毫米")
        return (0.0,) * count

    def colour(self, key: str, default: str | None = None) -> Colour:
        value = self.ask(key, default)
        if isinstance(value, str) and _COLOUR.fullmatch(value):
            red, green, blue = (int(value[place : place + 2], 16) / 255 for place in (1, 3, 5))
            return red, green, blue
        if value is not None:
            self.wrong(f'{key} 应为颜色，例如 {key} = "#214261"')
        return BLACK


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class _Reader:
    """Reads one file and collects what is wrong in it."""

    def __init__(self, name: str, data: dict[str, Any], digest: str) -> None:
        self.name = name
        self._digest = digest
        self.problems: list[Problem] = []
        self._head = _Table(self, "", data)
        self._sheet = 0.0, 0.0  # millimetres
        self._styles: dict[str, Style] = {}

    def template(self) -> Template:
        head = self._head
        width, height = self._sheet = self._page()
        styles = _Table(self, "[styles]", head.ask("styles") or {})
        self._styles = {name: self._style(name, data) for name, data in styles.items()}
        template = Template(
            id=self._id(),
            revision=head.whole("revision", low=1, high=9999),
            label=head.text("label"),
            width=width * MM,
            height=height * MM,
            ornament=self._ornament(),
            items=tuple(self._items()),
            sha256=self._digest,
        )
        head.finish()
        if not any(isinstance(item, TextItem) and item.role == "H1" for item in template.items):
            head.wrong('没有标题：请给一个条目写上 role = "H1"')
        if self.problems:
            raise Refusal(self.problems)
        return template

    def _id(self) -> str:
        name = self._head.text("id")
        if name and not _ID.fullmatch(name):
            self._head.wrong(f"id = “{name}”应为小写字母、数字和连字符，例如 my-base")
        return name

    def _page(self) -> tuple[float, float]:
        width, height = self._head.numbers("page", "宽 高")
        if not (70 <= width <= 600 and 70 <= height <= 600):
            self._head.wrong(f"page 的宽和高应在 70 到 600 毫米之间，现为 {width:g}×{height:g}")
        return width, height

    def _ornament(self) -> Ornament:
        table = _Table(self, "[ornament]", self._head.ask("ornament") or {})
        ornament = Ornament(
            kind=table.one_of("kind", tuple(FRAMES)),
            margin=table.number("margin", 9.0, low=0, high=60) * MM,
            ink=table.colour("ink"),
            accent=table.colour("accent"),
        )
        table.finish()
        return ornament

    def _style(self, name: str, data: Any) -> Style:
        table = _Table(self, f"[styles] {name}", data)
        size = table.number("size", low=4, high=120)
        style = Style(
            font=table.one_of("font", CHAINS, SONG),
            size=size,
            leading=table.number("leading", round(size * 1.5, 1), low=4, high=200),
            indent=table.number("indent", 0.0, low=0, high=8),
            align=table.one_of("align", get_args(Align), "justify"),
            gap=table.number("gap", 0.25, low=0, high=1),
            colour=table.colour("colour", "#000000"),
        )
        table.finish()
        return style

    def _items(self) -> Iterator[Item]:
        items = self._head.ask("item", [])
        if not isinstance(items, list):
            self._head.wrong("条目应写成 [[item]]")
            return
        for number, data in enumerate(items, start=1):
            table = _Table(self, f"第 {number} 个条目", data)
            found = len(self.problems)
            kind = table.one_of("kind", tuple(_KINDS))
            if len(self.problems) == found:  # else what it should have depends on what it should be
                table.place += f"（{kind}）"
                yield _KINDS[kind](self, table)
                table.finish()

    def text_item(self, table: _Table) -> TextItem:
        wording = Wording(table.text("text"))
        if not wording.sound:
            table.wrong(f"“{wording.source}”中的 {{ }} 或 [ ] 不成对")
        if unknown := set(wording.fields) - LABELS.keys():
            table.wrong(f"没有字段“{'”“'.join(sorted(unknown))}”，可用：{'、'.join(LABELS)}")
        table.printable(wording.fixed)
        return TextItem(
            wording=wording,
            style=self.named_style(table),
            box=self.box(table),
            fit=table.one_of("fit", get_args(Fit), "box"),
            anchor=table.one_of("anchor", get_args(Anchor), "top"),
            smallest=table.number("smallest", 6.0, low=4, high=60),
            role=table.one_of("role", get_args(Role), "P"),
        )

    def photo_item(self, table: _Table) -> PhotoItem:
        empty = table.text("empty", "照片")
        table.printable(empty)
        return PhotoItem(self.box(table), self.named_style(table), empty)

    def qr_item(self, table: _Table) -> QrItem:
        box = self.box(table)
        if abs(box.width - box.height) > 0.01:
            table.wrong("二维码应为正方形")
        elif box.width < 20 * MM - 0.01:
            table.wrong("二维码至少 20 毫米见方，否则手机扫不出")
        return QrItem(box)

    def named_style(self, table: _Table) -> Style:
        name = table.text("style")
        if name and name not in self._styles:
            table.wrong(f"[styles] 中没有“{name}”，可用：{'、'.join(self._styles)}")
        return self._styles.get(name, Style())

    def box(self, table: _Table) -> Rect:
        left, top, width, height = table.numbers("box", "左 上 宽 高")
        sheet_width, sheet_height = self._sheet
        if min(left, top) < 0 or left + width > sheet_width + 0.01 or top + height > sheet_height + 0.01:
            table.wrong(f"box 超出纸面 {sheet_width:g}×{sheet_height:g} 毫米")
        elif width <= 0 or height <= 0:
            table.wrong("box 的宽和高应大于 0")
        return Rect(left * MM, (sheet_height - top - height) * MM, width * MM, height * MM)


_KINDS: Final[dict[str, Callable[[_Reader, _Table], Item]]] = {
    "text": _Reader.text_item,
    "photo": _Reader.photo_item,
    "qr": _Reader.qr_item,
    "seal": lambda reader, table: SealItem(reader.box(table)),
    "rule": lambda reader, table: RuleItem(reader.box(table), table.colour("colour")),
    "signature": lambda reader, table: SignatureItem(reader.box(table)),
}
