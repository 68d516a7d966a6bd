"""看板: all deals by stage; dragging a card, or Ctrl with an arrow key, moves the deal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLineEdit, QScrollArea, QToolButton, QVBoxLayout, QWidget

from desktop.services import deals
from desktop.ui.deals.board_column import BoardColumn
from desktop.ui.deals.cards import AT_MOST, BoardCard, read_cards
from desktop.ui.deals.stages import STAGES, TERMINATED, neighbour
from desktop.ui.theme import METRICS
from desktop.ui.widgets import sync_marks
from desktop.ui.widgets.basics import button, icon, label, restyle, row
from desktop.ui.widgets.permit import Permit
from desktop.ui.widgets.sync_feed import NO_RECORD

if TYPE_CHECKING:
    import uuid

    from desktop.models.outgoing.marks import Mark
    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session

DEBOUNCE_MS: Final = 150
FEW: Final = 50
"""Up to so many changed deals are put in place one by one; more are a reason to read all again."""
SHOW_ENDED: Final = "deals/board/terminated"


class Board(QWidget):
    """The columns side by side."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        codes, today = session.desk.codes["deal-stage"], session.desk.today()
        self.columns = {
            stage: BoardColumn(stage, codes.label_of(stage), today) for stage in (*STAGES, TERMINATED)
        }
        self._follow: uuid.UUID | None = None
        self.search = self._search_box()
        self.count = label("", "muted")
        self.ended = self._toggle("显示已终止", on=session.kept.value(SHOW_ENDED, "") == "yes")
        self.ended.toggled.connect(lambda on: self._show_ended(on=on))
        self._debounce = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._debounce.timeout.connect(self.reload)
        self._lay_out()
        for shown in self.columns.values():
            self._connect(shown)
        self.permit.told.connect(self._permitted)
        self._permitted(self.permit.why)
        self._show_ended(on=self.ended.isChecked())
        session.jobs.changed.connect(self._refresh)
        sync_marks.MarkWatch(session, self).moved.connect(self._read_marks)
        self.reload()

    def _search_box(self) -> QLineEdit:
        box = QLineEdit()
        box.setProperty("look", "search")
        box.setPlaceholderText("筛选看板")
        box.setAccessibleName("筛选看板")
        box.setClearButtonEnabled(True)
        box.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        box.setFixedWidth(240)
        box.textChanged.connect(lambda *_: self._debounce.start())
        return box

    def _toggle(self, words: str, *, on: bool) -> QToolButton:
        made = QToolButton()
        made.setText(words)
        made.setProperty("look", "chip")
        made.setCheckable(True)
        made.setChecked(on)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return made

    def _lay_out(self) -> None:
        new = button("新建技术交易", lambda: self.session.create("deal"), look="primary", symbol="plus")
        self._hint = label("拖动或 Ctrl+←/→ 换阶段", "small")
        self.permit = Permit(self, self.session, "deal", None, (new,))
        inside = QWidget()
        inside.setObjectName("canvas")
        held = row(*self.columns.values(), spacing=METRICS.s)
        for number in range(len(self.columns)):
            held.setStretch(number, 1)
        inside.setLayout(held)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setAccessibleName("交易看板")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area = area
        outer = QVBoxLayout(self)
        outer.setContentsMargins(METRICS.xl, METRICS.m, METRICS.xl, METRICS.s)
        outer.setSpacing(METRICS.m)
        outer.addLayout(row(self.search, self.ended, self.count, None, self._hint, METRICS.s, new))
        outer.addWidget(area, 1)

    def _connect(self, shown: BoardColumn) -> None:
        shown.list.opened.connect(partial(self.session.open, "deal"))
        shown.list.shifted.connect(partial(self._shift, shown))
        shown.list.crossed.connect(partial(self._cross, shown))
        shown.cards.dropped.connect(partial(self.move_to, shown.stage))

    def _show_ended(self, *, on: bool) -> None:
        restyle(self.ended, on="true" if on else "false")
        self.columns[TERMINATED].setVisible(on)
        self.session.kept.setValue(SHOW_ENDED, "yes" if on else "no")

    def focus_filter(self) -> None:
        """Put the cursor into the search box."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # ── reading ─────────────────────────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Read all cards again."""
        self._debounce.stop()
        words = self.search.text().strip()
        self.session.read(partial(read_cards, self.session, words=words), self._show, owner=self)

    def _show(self, read: tuple[list[BoardCard], int]) -> None:
        cards, number = read
        by_stage: dict[str, list[BoardCard]] = {stage: [] for stage in self.columns}
        for card in cards:
            by_stage[card.stage].append(card)
        for stage, shown in self.columns.items():
            shown.cards.show(by_stage[stage])
        some = f"，只显示最近修改的 {AT_MOST:,} 笔" if number > AT_MOST else ""
        self.count.setText(f"{number:,} 笔{some}")

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        """Put changed deals in place; read all again where names or many deals changed."""
        ids = changes.ids("deal")
        unsure = len(ids) > FEW or NO_RECORD in ids or (ids and self.search.text().strip())
        if "party" in changes.types() or unsure:
            self.reload()
        elif ids:
            cards = partial(read_cards, self.session, ids=ids)
            self.session.read(cards, partial(self._replace, ids), owner=self)

    def _read_marks(self) -> None:
        """Look again how the cards stand with the server."""
        ids = [card.id for shown in self.columns.values() for card in shown.cards.cards]
        if ids:
            self.session.read(
                lambda connection: sync_marks.read(self.session, connection, "deal", ids),
                self._mark,
                owner=self,
            )

    def _mark(self, marks: dict[uuid.UUID, Mark]) -> None:
        for shown in self.columns.values():
            shown.cards.mark(marks)

    def _replace(self, ids: list[uuid.UUID], read: tuple[list[BoardCard], int]) -> None:
        now = {card.id: card for card in read[0]}
        for deal_id in ids:
            card = now.get(deal_id)
            for stage, shown in self.columns.items():
                if card is None or card.stage != stage:
                    shown.cards.drop(deal_id)
            if card:
                self.columns[card.stage].cards.put(card)
        self.count.setText(f"{sum(len(shown.cards.cards) for shown in self.columns.values()):,} 笔")
        self._go_along()

    def _go_along(self) -> None:
        """Keep the keyboard on the card that was moved by key."""
        for shown in self.columns.values():
            at = shown.cards.place_of(self._follow) if self._follow else None
            if at is not None:
                self._focus(shown, at)
        self._follow = None

    # ── moving ──────────────────────────────────────────────────────────────────────────────────

    def move_to(self, stage: str, ids: list[uuid.UUID]) -> None:
        """Put deals into a stage; one step of undo."""
        words = self.columns[stage].words
        here = {card.id for card in self.columns[stage].cards.cards}
        moved = [deal_id for deal_id in ids if deal_id not in here]
        if not moved:
            return

        def told(_changes: Any) -> None:
            many = "" if len(moved) == 1 else f" {len(moved)} 笔"
            self.session.say(f"已移{many}到“{words}”", undo=True)

        self.session.do(lambda desk: deals.move(desk, ids=moved, stage=stage), told, owner=self)

    def _permitted(self, why: str) -> None:
        """Let the cards stay where they are for an account that may only read."""
        self._hint.setHidden(bool(why))
        for shown in self.columns.values():
            shown.list.setDragEnabled(not why)

    def _shift(self, shown: BoardColumn, ids: list[uuid.UUID], by: int) -> None:
        stage = neighbour(shown.stage, by)
        if stage and not self.permit.why:
            self._follow = ids[0]
            self.move_to(stage, ids)

    def _cross(self, shown: BoardColumn, by: int) -> None:
        """Go to the next column that has cards, at the same height."""
        row_here = max(shown.list.currentIndex().row(), 0)
        order = [column for column in self.columns.values() if not column.isHidden()]
        at = order.index(shown) + by
        while 0 <= at < len(order):
            if order[at].cards.cards:
                self._focus(order[at], row_here)
                return
            at += by

    def _focus(self, shown: BoardColumn, at: int) -> None:
        shown.list.setFocus(Qt.FocusReason.OtherFocusReason)
        shown.list.pick(at)
        self._area.ensureWidgetVisible(shown, METRICS.xl, 0)
