"""完成人 of an achievement in their signed order, with what their shares come to."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.models import queries
from desktop.ui.theme import METRICS
from desktop.ui.widgets.bars import WHOLE, ThinBar
from desktop.ui.widgets.basics import (
    Card,
    Chip,
    EmptyState,
    Line,
    MessageBar,
    button,
    clear,
    column,
    label,
    row,
)
from desktop.ui.widgets.links import link
from desktop.ui.widgets.permit import Permit
from desktop.ui.widgets.record_list import plain_query
from desktop.ui.widgets.scrolled import scrolled

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping

    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session

UNRANKED: Final = Decimal(10_000)


def ranked(members: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the people by rank, those without one last."""
    return sorted(members, key=lambda member: member["rank"] or UNRANKED)


def share_sum(members: Iterable[Mapping[str, Any]]) -> Decimal | None:
    """Return the sum of the shares in per cent; None while nobody has one."""
    shares = [member["share"] for member in members if member["share"] is not None]
    return sum(shares, Decimal(0)) if shares else None


def plain(number: Decimal) -> str:
    """Return a percentage without the zeros it does not need."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class MemberLine(QWidget):
    """One contributor."""

    def __init__(self, session: Session, member: Mapping[str, Any]) -> None:
        super().__init__()
        rank = label(f"{member['rank']:f}" if member["rank"] else "—", "heading")
        rank.setFixedWidth(28)
        rank.setAlignment(Qt.AlignmentFlag.AlignCenter)
        opener = partial(session.open, "team_member", member["id"])
        name = link(member["name"], opener, says=f"打开完成人：{member['name']}")
        leader = Chip("单位正职领导", "warning")
        about = " · ".join(filter(None, (member["professional_title"], member["unit_name"])))
        who = column(row(name, leader, label(about, "muted"), None), spacing=0)
        if member["contribution"]:
            what = label(member["contribution"], "label", wrap=True)
            who.addWidget(what)
        held = row(rank, who, spacing=METRICS.m)
        held.setStretch(1, 1)
        if member["share"] is None:
            held.addWidget(label("未填比例", "muted"))
        else:
            bar = ThinBar(height=6, width=120)
            bar.show_share(member["share"])
            held.addWidget(bar)
            figure = label(f"{plain(member['share'])}%", "heading")
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            figure.setMinimumWidth(56)
            held.addWidget(figure)
        self.setLayout(held)
        leader.setHidden(not member["is_leader"])


class TeamView(QWidget):
    """The people of one achievement."""

    def __init__(self, session: Session, _record_type: str, achievement: uuid.UUID) -> None:
        super().__init__()
        self.session, self.achievement = session, achievement
        self.heading = label("完成人", "heading")
        self.sum = Chip()
        self.sum.hide()
        self.warning = MessageBar(side=0)
        add = button("添加完成人", self._add, symbol="plus")
        self._card = Card()
        self._empty = EmptyState(
            "expert", "还没有完成人", "按成果登记表的署名顺序填写，分配比例用于奖励分配方案。", "添加完成人"
        )
        self._empty.asked.connect(self._add)
        self._card.hide()
        self._empty.hide()
        head = row(self.heading, self.sum, None, add)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled("完成人", head, self.warning, self._card, self._empty, None))
        session.jobs.changed.connect(self._refresh)
        owner = ("achievement", achievement)
        self.permit = Permit(self, session, "team_member", owner, (add, self._empty.button))
        self.reload()

    def reload(self) -> None:
        """Read the people again."""
        query = plain_query("team_member", ("achievement", self.achievement))
        self.session.read(lambda connection: queries.rows(connection, query), self._show, owner=self)

    def _add(self) -> None:
        self.session.create("team_member", {"achievement": self.achievement})

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        if "team_member" in changes.types():
            self.reload()

    def _show(self, members: list[dict[str, Any]]) -> None:
        clear(self._card.body)
        for number, member in enumerate(ranked(members)):
            if number:
                self._card.body.addWidget(Line())
            self._card.body.addWidget(MemberLine(self.session, member))
        self._card.setVisible(bool(members))
        self._empty.setVisible(not members)
        self.heading.setText(f"完成人 {len(members)}" if members else "完成人")
        self._say_sum(share_sum(members), sum(member["share"] is None for member in members))

    def _say_sum(self, total: Decimal | None, without: int) -> None:
        whole = total == WHOLE
        self.sum.say("" if total is None else f"比例合计 {plain(total)}%", "success" if whole else "warning")
        if total is None or whole:
            self.warning.hide()
            return
        difference = WHOLE - total
        off = f"还差 {plain(difference)}%" if difference > 0 else f"超出 {plain(-difference)}%"
        unsaid = f"，{without} 人未填比例" if without else ""
        self.warning.say(f"分配比例合计 {plain(total)}%，应为 100%：{off}{unsaid}。", "warning")
