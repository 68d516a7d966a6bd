"""A verdict on a paper, so large that it is read across a desk: sign, word, reason, facts, and as of when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout

from desktop.services.verification import Outcome
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, Symbol, clear, column, label, restyle, row

if TYPE_CHECKING:
    from desktop.services.verification import Verdict
    from desktop.ui.theme import Tone

LOOKS: Final[dict[Outcome, tuple[str, Tone]]] = {
    Outcome.GENUINE: ("verified", "success"),
    Outcome.EXPIRED: ("warning", "warning"),
    Outcome.REVOKED: ("void", "danger"),
    Outcome.ALTERED: ("void", "danger"),
    Outcome.UNKNOWN_ISSUER: ("warning", "warning"),
    Outcome.NO_PROOF: ("info", "neutral"),
}
SIGN: Final = 44


class VerdictCard(Card):
    """What was found of the paper that was given last."""

    def __init__(self) -> None:
        super().__init__()
        self.outcome: Outcome | None = None
        self.word = label("", "title", selectable=True)
        self.why = label("", wrap=True, selectable=True)
        self.as_of = label("", "muted")
        self._sign = column()
        self._band = QFrame()
        self._band.setProperty("look", "bar")
        told = column(self.word, self.why, spacing=METRICS.xs)
        band = row(self._sign, told, spacing=METRICS.l, margins=METRICS.l)
        band.setStretch(1, 1)
        self._band.setLayout(band)
        self.facts = QGridLayout()
        self.facts.setHorizontalSpacing(METRICS.xl)
        self.facts.setVerticalSpacing(METRICS.s)
        self.facts.setColumnStretch(1, 1)
        self.body.addWidget(self._band)
        self.body.addLayout(self.facts)
        self.body.addWidget(self.as_of)
        self.hide()

    def put(self, verdict: Verdict, what: str) -> None:
        """Show a verdict; ``what`` names the paper it is about."""
        self.outcome = verdict.outcome
        symbol, tone = LOOKS[verdict.outcome]
        self._look(symbol, tone)
        self.word.setText(verdict.outcome.value)
        self.why.setText(verdict.why)
        for number, (name, value) in enumerate((("验证内容", what), *verdict.facts)):
            self.facts.addWidget(label(name, "label"), number, 0, Qt.AlignmentFlag.AlignTop)
            self.facts.addWidget(label(value, wrap=True, selectable=True), number, 1)
        self.as_of.show()
        self.as_of.setText(f"以信任名单 {verdict.as_of.isoformat()} 为准；之后的撤销要等新名单才知道。")
        self.show()

    def refuse(self, why: str) -> None:
        """Say that what was given cannot be judged at all."""
        self.outcome = None
        self._look("info", "neutral")
        self.word.setText("无法验证")
        self.why.setText(why)
        self.as_of.hide()
        self.show()

    def _look(self, symbol: str, tone: Tone) -> None:
        clear(self._sign)
        clear(self.facts)
        self._sign.addWidget(Symbol(symbol, tone, SIGN))
        self._sign.addStretch(1)
        restyle(self._band, tone=tone)
