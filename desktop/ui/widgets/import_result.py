"""What an import would do or has done: counts that add up, and why each row was sent back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, column, label, row
from desktop.ui.widgets.text_table import TextTable
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QLabel

    from desktop.services.exchange.importing import ImportReport

ROWS_SHOWN: Final = 500
ROWS_HIGH: Final = 8


class Figure:
    """A number with its name under it; ``sign`` stands before it in the sum."""

    def __init__(self, sign: str) -> None:
        self.number, self.name = label("0", "figure"), label("", "muted")
        told = column(self.number, self.name, spacing=2)
        self.box = row(*([label(sign, "title")] if sign else []), told, spacing=METRICS.xl)

    def put(self, number: int, name: str) -> None:
        """Show a number."""
        self.number.setText(f"{number:,}")
        self.name.setText(name)
        self.number.setAccessibleName(f"{name} {number}")


class ResultCard(Card):
    """Shows an ``ImportReport``: 行数 = 导入 + 重复 + 退回."""

    def __init__(self) -> None:
        super().__init__()
        self.title = label("", "heading")
        self.figures = {name: Figure(sign) for name, sign in SUM}
        self.notes = label("", "muted", wrap=True)
        self.rejects = TextTable("退回的行", ("行", "列", "值", "原因"), (64, 150, 200, 0), right=(0,))
        self.more = label("", "small")
        self.body.setSpacing(METRICS.m)
        self.body.addWidget(self.title)
        self.body.addLayout(row(*(figure.box for figure in self.figures.values()), None, spacing=METRICS.xl))
        for widget in (self.notes, self.rejects, self.more):
            self.body.addWidget(widget)

    def put(self, record_type: str, report: ImportReport) -> None:
        """Show a preview, or what was done if the report says so."""
        done = report.changes is not None
        self.title.setText("导入结果" if done else "检查结果（尚未写入）")
        words = "已导入" if done else "将导入"
        self.figures["rows"].put(report.rows, "文件中的行")
        self.figures["imported"].put(report.imported, f"{words}{RECORD_TYPES[record_type].label}")
        self.figures["duplicates"].put(report.duplicates, "已有，跳过")
        self.figures["rejected"].put(report.rejected, "退回，未导入")
        _say(self.notes, "\n".join(_notes(report, done=done)))
        complaints = [*report.rejects, *report.warnings]
        shown = complaints[:ROWS_SHOWN]
        self.rejects.words.put([(f"{c.row}", c.column, c.value, c.reason) for c in shown])
        self.rejects.setVisible(bool(shown))
        self.rejects.fit(most=ROWS_HIGH)
        left = len(complaints) - len(shown)
        _say(self.more, f"另有 {left:,} 处没有列出，全部写在退回清单里。" if left else "")


SUM: Final = (("rows", ""), ("imported", "="), ("duplicates", "+"), ("rejected", "+"))


def _say(words: QLabel, text: str) -> None:
    words.setText(text)
    words.setVisible(bool(text))


def _notes(report: ImportReport, *, done: bool) -> Iterator[str]:
    if report.linked:
        made = "、".join(f"{RECORD_TYPES[name].label} {number} 条" for name, number in report.linked.items())
        yield f"{'已' if done else '将'}同时建立表中提到的：{made}。"
    if report.unmapped:
        yield f"没有对应栏目、不会导入的列：{'、'.join(report.unmapped)}。"
    if report.differing:
        rows = "、".join(f"第 {d.row} 行（{'、'.join(d.fields)}）" for d in report.differing[:5])
        more = f"等 {len(report.differing)} 行" if len(report.differing) > 5 else ""
        yield f"与已有记录内容不同、已有记录保持不变：{rows}{more}。"
    if report.rejects_file:
        yield f"退回清单：{report.rejects_file}。改好后可直接再导入这个文件。"
