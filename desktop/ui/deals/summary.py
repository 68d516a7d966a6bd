"""The head of a deal: who with whom, and the three amounts, each for itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.models import queries
from desktop.services import deals
from desktop.ui.deals.publicity import PublicityCard, publicity_of
from desktop.ui.theme import METRICS
from desktop.ui.widgets.bars import ThinBar
from desktop.ui.widgets.basics import Card, Symbol, column, label, row
from desktop.ui.widgets.links import link
from domain import amounts, ratios
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid

    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session

DEAL: Final = RECORD_TYPES["deal"]
SIDES: Final = (("seller", "卖方"), ("buyer", "买方"), ("agency", "中介方"))
UNSTATED: Final = "未填写"


@dataclass(frozen=True)
class DealFacts:
    """What the head shows, read at once."""

    deal: dict[str, Any]
    parties: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: list[dict[str, Any]] = field(default_factory=list)

    @property
    def technical_received(self) -> Decimal:
        """What of the payments was paid for technology; refunds take away."""
        return sum((_signed(row) for row in self.payments), Decimal(0))


def _signed(payment: dict[str, Any]) -> Decimal:
    part: Decimal = payment["technical_part"] or Decimal(0)
    return -part if payment["kind"] == "refund" else part


def read_facts(connection: Any, deal_id: uuid.UUID) -> DealFacts | None:
    """Read a deal with its parties and payments; None while it is not saved."""
    deal = queries.get(connection, "deal", deal_id)
    if deal is None:
        return None
    held = {name: queries.get(connection, "party", deal[name]) for name, _ in SIDES if deal[name]}
    parties = {name: party for name, party in held.items() if party}
    return DealFacts(deal, parties, deals.payments(connection, deal_id))


class AmountCard(Card):
    """One of the three amounts, exact to the fen, with what has come in of it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.figure = label(UNSTATED, "title", selectable=True)
        self.helper = label("", "muted")
        self.bar = ThinBar()
        self.note = label("", "small")
        frame = self.layout()
        assert frame is not None
        frame.setContentsMargins(METRICS.l, METRICS.m, METRICS.l, METRICS.m)
        self.body.setSpacing(METRICS.xs)
        self.body.addLayout(row(label(DEAL[name].label, "label"), None, self.helper))
        self.body.addWidget(self.figure)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.note)

    def show_amount(
        self, yuan: Decimal | None, part: Decimal | None, whole: Decimal | None, note: str
    ) -> None:
        """Show an amount, and a part of a whole of the same meaning in the bar."""
        self.figure.setText(amounts.display(yuan) if yuan is not None else UNSTATED)
        big = yuan is not None and amounts.fitting_unit(yuan) != "元"
        self.helper.setText(amounts.display(yuan, "万元") if big and yuan is not None else "")
        sayable = yuan is not None and 0 <= yuan <= amounts.LARGEST
        self.figure.setToolTip(amounts.amount_in_capitals(yuan) if sayable and yuan is not None else "")
        self.bar.show_share(ratios.share(part, whole) if part is not None and whole else None)
        self.note.setText(note)


class PartyLine(QWidget):
    """One side of the deal; a click opens it."""

    def __init__(self, session: Session, words: str) -> None:
        super().__init__()
        self._session, self._words = session, words
        self._id: uuid.UUID | None = None
        self.name = link("", self._open)
        self.unnamed = label("未填写", "muted")
        self.unnamed.setMinimumHeight(self.name.sizeHint().height())
        self.about = label("", "small")
        self.setLayout(
            column(label(words, "small"), row(self.name, self.unnamed, None), self.about, None, spacing=0)
        )

    def show_party(self, party: dict[str, Any] | None) -> None:
        """Show a side, or that it is not named yet."""
        self._id = party["id"] if party else None
        name = party["name"] if party else ""
        self.name.setText(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, 260))
        self.name.setToolTip(name)
        self.name.setVisible(party is not None)
        self.unnamed.setVisible(party is None)
        self.name.setAccessibleName(f"打开{self._words}：{name}")
        codes = self._session.desk.codes
        facts = (
            (codes["region"].label_of(party["region"]), codes["party-nature"].label_of(party["nature"]))
            if party
            else ()
        )
        self.about.setText(" · ".join(filter(None, facts)))
        self.about.setVisible(bool(self.about.text()))

    def _open(self) -> None:
        if self._id:
            self._session.open("party", self._id)


class DealSummary(QWidget):
    """Parties, amounts and the clock of publication; follows every change of what it shows."""

    def __init__(self, session: Session, deal_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.deal_id = session, deal_id
        self.sides = {name: PartyLine(session, words) for name, words in SIDES}
        self.cards = {name: AmountCard(name) for name in ("deal_amount", "technical_amount", "paid_amount")}
        self.publicity = PublicityCard()
        sides = Card()
        seller, buyer, agency = self.sides.values()
        arrow = Symbol("forward", "muted", 20)
        held = row(seller, arrow, buyer, agency, spacing=METRICS.xl)
        for place in (0, 2, 3):
            held.setStretch(place, 1)
        sides.body.addLayout(held)
        cards = row(*self.cards.values(), spacing=METRICS.m)
        self.setLayout(column(sides, cards, self.publicity, spacing=METRICS.m))
        session.jobs.changed.connect(self._refresh)
        self.reload()

    def reload(self) -> None:
        """Read everything shown again."""
        self.session.read(partial(read_facts, deal_id=self.deal_id), self._show, owner=self)

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        if changes.types() & {"deal", "payment", "party"}:
            self.reload()

    def _show(self, facts: DealFacts | None) -> None:
        shown = facts or DealFacts(dict.fromkeys(DEAL.by_name))
        for name, line in self.sides.items():
            line.show_party(shown.parties.get(name))
        self._show_amounts(shown)
        seller = shown.parties.get("seller")
        desk = self.session.desk
        region = seller["region"] if seller else None
        self.publicity.show_publicity(publicity_of(shown.deal, region, desk.policies, desk.today()))

    def _show_amounts(self, facts: DealFacts) -> None:
        total, technical, paid = (facts.deal[name] for name in self.cards)
        came = facts.technical_received
        percent = ratios.share(paid, total) if paid is not None and total else None
        self.cards["deal_amount"].show_amount(
            total, paid, total, f"已到账 {percent}%" if percent is not None else "合同约定总价"
        )
        self.cards["technical_amount"].show_amount(
            technical,
            came,
            technical,
            f"到账中技术款 {amounts.display(came)}" if came else "合同中的技术价款",
        )
        last = facts.payments[-1]["paid_on"] if facts.payments else None
        self.cards["paid_amount"].show_amount(
            paid, paid, total, f"{len(facts.payments)} 笔到账，最近 {last}" if last else "尚无到账记录"
        )
