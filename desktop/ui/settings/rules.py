"""The rules to read: code lists and policy packs with their source, validity and what is unverified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, Chip, column, label, row
from desktop.ui.widgets.text_table import TextTable
from domain import amounts
from domain.codes import fold

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from decimal import Decimal

    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session
    from domain.codes import CodeList
    from domain.policies import Pack, Policy

SHOWN_AT_MOST: Final = 1000
BOUNDS: Final = {"exact": "", "at-least": "不低于 ", "at-most": "最高 ", "more-than": "超过 ", "about": "约 "}
UNITS: Final = {
    "percent": "%",
    "count": "",
    "year": " 年",
    "month": " 个月",
    "natural-day": " 日",
    "working-day": " 个工作日",
}
KINDS: Final = {
    "target": "目标",
    "subsidy": "补助",
    "award": "奖励",
    "reward": "收益分配",
    "deadline": "期限",
    "publicity": "公示",
    "retention": "保存",
    "timer": "时限",
    "recognition": "认定",
    "tax": "税收",
}


def value_words(policy: Policy) -> str:
    """Return what a rule says as people read it: 不低于 50%, 最高 200万元, 每年 3月31日."""
    if policy.due:
        return f"每年 {policy.due[0]}月{policy.due[1]}日"
    if policy.value is None:
        return "见条文"
    if policy.unit == "yuan":
        shown = _money(policy.value)
        high = f"至 {_money(policy.high)}" if policy.high is not None else ""
    else:
        unit = UNITS[policy.unit]
        shown = f"{policy.value.normalize():f}{unit}"
        high = f"至 {policy.high.normalize():f}{unit}" if policy.high is not None else ""
    cap = f"，最高 {_money(policy.cap)}" if policy.cap is not None else ""
    return f"{BOUNDS[policy.bound]}{shown}{high}{cap}"


def _money(yuan: Decimal) -> str:
    return amounts.display(yuan, amounts.fitting_unit(yuan))


def validity(start: dt.date | None, end: dt.date | None) -> str:
    """Return a period in words; nothing where it has always held."""
    if start is None and end is None:
        return ""
    return f"{start} 起" if end is None else f"{start or ''} 至 {end}".strip()


class RulesPage(QWidget):
    """All lists and packs at the left, the one picked at the right."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._lists: list[CodeList] = []
        self._packs: list[Pack] = []
        self.index = TextTable("代码表和政策", ("名称", "条目"), (0, 72), right=(1,))
        self.search = QLineEdit()
        self.search.setProperty("look", "search")
        self.search.setPlaceholderText("在条目中查找")
        self.search.setAccessibleName("在条目中查找")
        self.search.setFixedWidth(240)
        self.title, self.about = label("", "heading"), label("", "muted", wrap=True)
        self.state = Chip()
        self.quote = label("", "muted", wrap=True, selectable=True)
        self._found: list[Policy] = []
        self.codes = TextTable("代码", ("代码", "名称", "上级", "有效期", "别名"), (110, 0, 150, 190, 190))
        self.rules = TextTable(
            "政策条目", ("类别", "内容", "数值", "条款", "有效期", ""), (92, 0, 130, 116, 192, 76)
        )
        self._lay_out()
        self.index.picked.connect(self._pick)
        self.rules.picked.connect(self._quote)
        self.search.textChanged.connect(lambda *_: self._pick(self.index.currentIndex().row()))
        session.jobs.read(self._read, self._show, owner=self)

    def _lay_out(self) -> None:
        left, right = _framed(self.index), Card()
        right.body.addLayout(row(self.title, self.state, None, self.search))
        right.body.addWidget(self.about)
        for table in (self.codes, self.rules):
            right.body.addWidget(table, 1)
        right.body.addWidget(self.quote)
        left.setFixedWidth(272)
        outer = row(left, right, spacing=METRICS.l)
        outer.setContentsMargins(METRICS.xl, METRICS.m, METRICS.xl, METRICS.l)
        outer.setStretch(1, 1)
        self.setLayout(outer)
        self.rules.hide()

    def _read(self) -> tuple[list[CodeList], list[Pack]]:
        book = self.session.desk.codes
        return [book[name] for name in book], list(self.session.desk.policies.packs)

    def _show(self, read: tuple[list[CodeList], list[Pack]]) -> None:
        self._lists = sorted(read[0], key=lambda codes: codes.label)
        self._packs = read[1]
        packs = [(pack.title, f"{len(pack.entries)}") for pack in self._packs]
        lists = [(codes.label, f"{len(codes):,}") for codes in self._lists]
        self.index.words.put([*packs, *lists])
        self.index.selectRow(0)

    def _pick(self, number: int) -> None:
        words = fold(self.search.text())
        if 0 <= number < len(self._packs):
            self._show_pack(self._packs[number], words)
        elif len(self._packs) <= number < len(self._packs) + len(self._lists):
            self._show_list(self._lists[number - len(self._packs)], words)

    def _show_pack(self, pack: Pack, words: str) -> None:
        region = self.session.desk.codes["region"].label_of(pack.region)
        about = f"{region} · {pack.issued_by} · {pack.document_no}\n来源：{pack.source}"
        doubtful = sum(not entry.verified for entry in pack.entries)
        self._head(pack.title, about, f"{doubtful} 条未核实" if doubtful else "")
        found = [entry for entry in pack.entries if words in fold(f"{entry.label}{entry.section}")]
        self._found = found
        tones: dict[tuple[int, int], Tone] = {
            (number, 5): "warning" for number, entry in enumerate(found) if not entry.verified
        }
        self.rules.words.put([_rule_cells(entry) for entry in found], tones)
        self._only(self.rules)

    def _show_list(self, codes: CodeList, words: str) -> None:
        verified = "" if codes.verified else "未核实"
        self._head(codes.label, f"来源：{codes.source}", verified)
        cells = [row for row in _code_cells(codes) if words in fold("".join(row))][:SHOWN_AT_MOST]
        self.codes.words.put(cells)
        if len(codes) > SHOWN_AT_MOST:
            self.about.setText(f"来源：{codes.source}\n列出前 {len(cells):,} 条，可用右上角查找。")
        self._only(self.codes)

    def _head(self, title: str, about: str, state: str) -> None:
        self.title.setText(title)
        self.about.setText(about)
        self.state.say(state, "warning")

    def _only(self, table: TextTable) -> None:
        for other in (self.codes, self.rules):
            other.setVisible(other is table)
        self.quote.setVisible(table is self.rules)
        if table is self.rules:
            self.rules.selectRow(0)

    def _quote(self, number: int) -> None:
        if 0 <= number < len(self._found):
            entry = self._found[number]
            parts = (
                f"原文：{entry.quote}" if entry.quote else "",
                f"说明：{entry.note}" if entry.note else "",
            )
            self.quote.setText("\n".join(filter(None, (entry.label, *parts))))


def _rule_cells(entry: Policy) -> tuple[str, ...]:
    period = validity(entry.valid_from, entry.valid_to)
    mark = "" if entry.verified else "未核实"
    return KINDS[entry.kind], entry.label, value_words(entry), entry.section, period, mark


def _code_cells(codes: CodeList) -> Iterator[tuple[str, ...]]:
    for entry in codes.codes:
        above = codes.label_of(entry.parent) if entry.parent else ""
        period = validity(entry.valid_from, entry.valid_to)
        yield entry.code, entry.label, above, period, "、".join(entry.aliases)


def _framed(table: TextTable) -> Card:
    card = Card()
    frame = card.layout()
    assert frame is not None
    frame.setContentsMargins(1, 1, 1, 1)
    card.body.addLayout(column(table))
    return card
