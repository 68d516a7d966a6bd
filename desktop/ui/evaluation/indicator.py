"""One indicator opened up: its figure and formula, the records behind it, its proof, and who gave points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.services import evaluations
from desktop.services.evaluation_detail import SCORERS
from desktop.ui.evaluation.tree import PROOF, PROOF_WORDS, declared
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, Chip, Line, button, clear, column, label, row
from desktop.ui.widgets.permit import Permit
from desktop.ui.widgets.scrolled import scrolled
from desktop.ui.widgets.text_table import TextTable
from domain.fields import RECORD_TYPES
from domain.problems import Refusal
from domain.values import UnreadableError, parse

if TYPE_CHECKING:
    import uuid

    from desktop.services.evaluation_detail import Detail, Source
    from desktop.ui.theme import Tone
    from desktop.ui.widgets.session import Session
    from domain.evaluation import Part, Scorer

SCORE = RECORD_TYPES["evaluation_score"]
ROWS_HIGH = 7


class PointsLine(QWidget):
    """The points one scorer gives to one indicator, saved when 保存 or Enter is pressed."""

    def __init__(self, session: Session, agency_id: uuid.UUID, part: Part, scorer: Scorer) -> None:
        super().__init__()
        self.session, self.agency_id, self.part, self.scorer = session, agency_id, part, scorer
        name = session.desk.codes["scorer"].label_of(scorer)
        self.points, self.reason = QLineEdit(), QLineEdit()
        self.points.setFixedWidth(72)
        self.points.setAccessibleName(f"{name}得分")
        self.points.setPlaceholderText(f"0–{part.points}")
        self.reason.setAccessibleName(f"{name}理由")
        self.reason.setPlaceholderText("理由（可不填）")
        self.save_button = button("保存", self.save)
        self.save_button.setAccessibleName(f"保存{name}评分")
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        for line in (self.points, self.reason):
            line.returnPressed.connect(self.save)
        who = label(name, "label")
        who.setFixedWidth(64)
        held = row(who, self.points, self.reason, self.save_button)
        held.setStretch(2, 1)
        self.setLayout(column(held, self.problem, spacing=2))

    def put(self, points: str, reason: str) -> None:
        """Show what was given."""
        self.points.setText(points)
        self.reason.setText(reason)

    def lock(self, why: str) -> None:
        """Let the points only be read, and say why; or be given again."""
        for line in (self.points, self.reason):
            line.setReadOnly(bool(why))
        self.save_button.setEnabled(not why)
        self.save_button.setToolTip(why)

    def save(self) -> None:
        """Give the points, or take them back when the line is empty."""
        desk, reason = self.session.desk, self.reason.text().strip()
        code, scorer = self.part.indicator.code, self.scorer
        try:
            points = parse(SCORE["points"], self.points.text(), desk.codes, on=desk.today())
        except UnreadableError as error:
            self._refused(Refusal([error.problem], record_type=SCORE))
            return
        self.problem.hide()
        self.session.do(
            lambda desk: evaluations.give_points(
                desk, agency_id=self.agency_id, indicator=code, scorer=scorer, points=points, reason=reason
            ),
            lambda changes: (
                self.session.say(f"已保存：{changes.label}", undo=True) if changes.touched else None
            ),
            self._refused,
            owner=self,
        )

    def _refused(self, refusal: Refusal) -> None:
        self.problem.setText("；".join(refusal.messages()))
        self.problem.show()


class IndicatorView(QWidget):
    """The centre of the workbench."""

    def __init__(self, session: Session, agency_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.agency_id = session, agency_id
        self.title, self.proof, self.value = label("", "title"), Chip(), label("", "figure")
        self.formula = label("", "muted", wrap=True, selectable=True)
        self.sources = TextTable("数据来源", ("类型", "名称", "登记"), (88, 0, 84))
        self._shown: tuple[Source, ...] = ()
        self.points: dict[Scorer, PointsLine] = {}
        self.source_card = Card("数据来源")
        self.source_card.body.addWidget(self.sources)
        self.points_card, self.proof_card = Card("评分"), Card("佐证材料")
        self.permit = Permit(self, session, "evaluation_score", ("agency", agency_id))
        self.permit.told.connect(self._permitted)
        self._points = column(spacing=METRICS.s)
        self._proofs = column(spacing=METRICS.xs)
        self.points_card.body.addLayout(self._points)
        self.proof_card.body.addLayout(self._proofs)
        head = Card()
        head.body.addLayout(row(self.title, None, self.proof))
        head.body.addWidget(self.value)
        head.body.addWidget(Line())
        head.body.addWidget(self.formula)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        page = scrolled(
            "指标", head, self.points_card, self.source_card, self.proof_card, None, spacing=METRICS.m
        )
        inside = page.widget()
        held = inside.layout() if inside else None
        assert held is not None
        held.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self.sources.opened.connect(self._open)

    def put(self, detail: Detail, code: str) -> None:
        """Show an indicator."""
        part, proof = detail.part(code), detail.proof[code]
        self.title.setText(part.indicator.label)
        tone: Tone = PROOF[proof][1]
        self.proof.say(PROOF_WORDS[proof], tone)
        self.value.setText(declared(part))
        self.formula.setText(part.formula)
        self._put_sources(detail.sources[code])
        self._put_points(detail, part)
        self._put_proof(detail, part)

    def _put_sources(self, sources: tuple[Source, ...]) -> None:
        self._shown = sources
        tones: dict[tuple[int, int], Tone] = {}
        rows = []
        for number, source in enumerate(sources):
            words = ("已登记" if source.proven else "未登记") if source.record_type == "deal" else ""
            rows.append((RECORD_TYPES[source.record_type].label, source.title, words))
            if words:
                tones[number, 2] = "success" if source.proven else "warning"
        self.sources.words.put(rows, tones)
        self.sources.fit(most=ROWS_HIGH)
        self.source_card.setVisible(bool(rows))

    def _put_points(self, detail: Detail, part: Part) -> None:
        clear(self._points)
        self.points = {}
        by_hand = part.indicator.curve == "manual"
        self.points_card.setVisible(by_hand)
        if not by_hand:
            return
        given = {entry.scorer: entry for entry in detail.given[part.indicator.code]}
        for scorer in SCORERS:
            line = self.points[scorer] = PointsLine(self.session, self.agency_id, part, scorer)
            if scorer in given:
                line.put(f"{given[scorer].points.normalize():f}", given[scorer].reason)
            line.lock(self.permit.why)
            self._points.addWidget(line)
        self._points.addWidget(label(f"0 至 {part.points} 分，清空得分即撤回。", "small"))

    def _permitted(self, why: str) -> None:
        for line in self.points.values():
            line.lock(why)

    def _put_proof(self, detail: Detail, part: Part) -> None:
        clear(self._proofs)
        self.proof_card.setVisible(bool(part.indicator.evidence))
        for paper in part.indicator.evidence:
            self._proofs.addWidget(label(f"应提供：{paper}"))
        if "技术合同登记证明" in part.indicator.evidence:
            deals = [source for source in detail.sources[part.indicator.code] if source.record_type == "deal"]
            proven = sum(source.proven for source in deals)
            words = f"{len(deals)} 项合同中 {proven} 项有登记编号；未登记的只计入申报值，不计入认可值。"
            self._proofs.addWidget(label(words, "muted", wrap=True))
        else:
            held = "、".join(detail.papers)
            words = f"本年度附件：{held}" if held else "还没有附件，请在“附件”页添加扫描件。"
            self._proofs.addWidget(label(words, "muted", wrap=True))

    def _open(self, number: int) -> None:
        source = self._shown[number]
        if source.record_id != self.agency_id:
            self.session.open(source.record_type, source.record_id)
