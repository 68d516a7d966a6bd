"""公示 of a price as a clock: how many natural days have passed, and whether the rule at hand is met."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop.ui.widgets.bars import WHOLE, ThinBar
from desktop.ui.widgets.basics import Card, Chip, label, row
from domain import calendar_days
from domain.policies import NATION

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from desktop.ui.theme import Tone
    from domain.policies import Policy, PolicyBook

MEASURE: Final = "price_agreement"
BY_AGREEMENT: Final = "agreement"
"""The pricing route whose price must be made public first (《促进科技成果转化法》第18条)."""


@dataclass(frozen=True, slots=True)
class Publicity:
    """The days of a publication on a given day; ``needed`` is the last day the rule at hand asks for."""

    start: dt.date | None
    end: dt.date | None
    today: dt.date
    rule: Policy | None = None
    needed: dt.date | None = None

    @property
    def length(self) -> int | None:
        """Natural days from start to end, the start day not counted; None while either is open."""
        return (self.end - self.start).days if self.start and self.end else None

    @property
    def elapsed(self) -> int:
        """Natural days passed so far, at most its length."""
        if self.start is None:
            return 0
        return max((min(self.today, self.end or self.today) - self.start).days, 0)

    @property
    def verdict(self) -> tuple[str, Tone]:
        """What to say of it, and in which tone."""
        if self.start is None:
            return ("协议定价应先公示，尚未填写公示期", "warning") if self.rule else ("未公示", "neutral")
        if self.today < self.start:
            return f"将于 {self.start} 开始公示", "info"
        if self.needed and self.end and self.end < self.needed:
            return f"公示期短于规定，应至 {self.needed}", "danger"
        last = max(filter(None, (self.needed, self.end)), default=None)
        if last is None:
            return "公示中，尚未填写公示止", "info"
        if self.today < last:
            return f"公示中，还有 {(last - self.today).days} 天", "info"
        return ("公示期已满，符合规定", "success") if self.needed else ("公示期已满", "success")


def publicity_of(deal: Mapping[str, Any], region: str | None, book: PolicyBook, today: dt.date) -> Publicity:
    """Return the clock of a deal by the rule for its seller's region on the day the publication began.

    Only a price by agreement has a rule; a listing or an auction is public by itself.
    """
    start, end = deal.get("publicity_from"), deal.get("publicity_to")
    rule = None
    if deal.get("pricing_route") == BY_AGREEMENT:
        rule = book.find(MEASURE, region or NATION, start or today, kind="publicity")
    needed = _last_day(rule, start) if rule and start else None
    return Publicity(start, end, today, rule, needed)


def _last_day(rule: Policy, start: dt.date) -> dt.date | None:
    if rule.value is None:
        return None
    if rule.unit == "working-day":
        return calendar_days.working_days(start, int(rule.value)).end
    return calendar_days.natural_days(start, int(rule.value))


class PublicityCard(Card):
    """The clock, and the rule it is held against; hidden where nothing is to be made public."""

    def __init__(self) -> None:
        super().__init__()
        self.days = label("", "label")
        self.verdict = Chip()
        self.rule = label("", "small", wrap=True)
        self.track = ThinBar(height=6)
        self.body.addLayout(row(label("公示", "heading"), self.days, None, self.verdict))
        self.body.addWidget(self.track)
        self.body.addWidget(self.rule)
        self.hide()

    def show_publicity(self, found: Publicity) -> None:
        """Show the clock of a deal."""
        words, tone = found.verdict
        self.setVisible(bool(found.start or found.end or found.rule))
        self.verdict.say(words, tone)
        period = f"{found.start or '未填'} 至 {found.end or '未填'}"
        length = f"，共 {found.length} 个自然日" if found.length is not None else ""
        self.days.setText(f"{period}{length}，已过 {found.elapsed} 天" if found.start else "未填写公示期")
        last = max(filter(None, (found.needed, found.end)), default=None)
        whole = (last - found.start).days if last and found.start else 0
        self.track.setVisible(found.start is not None)
        self.track.show_share(WHOLE * found.elapsed / whole if whole > 0 else Decimal(0), tone)
        rule = found.rule
        self.rule.setText(f"{rule.label}不少于 {rule.value} 天：{rule.section}（首日不计）" if rule else "")
        self.rule.setVisible(rule is not None)
