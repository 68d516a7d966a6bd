"""到账 of a deal: what has really come in, entered in a line below the table without leaving the page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop.models import queries
from desktop.services import deals
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import (
    Card,
    Chip,
    Line,
    MessageBar,
    button,
    clear,
    column,
    label,
    row,
    tool_button,
)
from desktop.ui.widgets.permit import Permit
from desktop.ui.widgets.record_form import RecordForm
from desktop.ui.widgets.scrolled import scrolled
from domain import amounts
from domain.fields import RECORD_TYPES
from domain.problems import explain

if TYPE_CHECKING:
    import uuid

    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

PAYMENT: Final = RECORD_TYPES["payment"]
HEADINGS: Final = ("到账日期", "款项", "金额", "其中技术交易额", "银行凭证号", "发票号", "")
ENTRY: Final = ("paid_on", "amount", "technical_part", "kind", "voucher_no", "invoice_no")
REFUND: Final = "refund"


class PaymentEntry(QWidget):
    """The panel in which a payment is entered or corrected; nothing pops up."""

    shown = Signal(bool)
    """Whether it is open now."""

    def __init__(self, session: Session, deal_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.deal_id = session, deal_id
        self._changing: dict[str, Any] | None = None
        self.title = label("登记到账", "heading")
        self.form = RecordForm(session, "payment", fields=ENTRY)
        self.bar = MessageBar(side=0)
        self.save_button = button("登记到账", self.save, look="primary", symbol="check")
        cancel = button("取消", self.close_panel)
        head = row(self.title, None, cancel, self.save_button)
        self.setLayout(column(head, self.bar, self.form, spacing=METRICS.m))
        self.hide()

    def open_new(self) -> None:
        """Show an empty panel, dated today."""
        self._open(None, {**self.form.defaults(), "paid_on": self.session.desk.today()})
        self.form.focus_field("amount")

    def open_for(self, payment: dict[str, Any]) -> None:
        """Show a payment to correct."""
        self._open(payment, {name: payment[name] for name in PAYMENT.by_name})
        self.form.focus_field("amount")

    def close_panel(self) -> None:
        """Put the panel away."""
        self.hide()
        self.shown.emit(False)

    def _open(self, payment: dict[str, Any] | None, values: dict[str, Any]) -> None:
        self._changing = payment
        self.title.setText("修改到账" if payment else "登记到账")
        self.save_button.setText("保存修改" if payment else "登记到账")
        self.bar.hide()
        self.form.set_values(values)
        self.show()
        self.shown.emit(True)

    def save(self) -> None:
        """Record what stands in the panel, or show everything that is in the way."""
        self.form.check(everything=True)
        values, found = self.form.read()
        # The deal is no field of the panel: it is the page's own.
        if any(not problem.warning and problem.field != "deal" for problem in found):
            return
        body = {**values, "deal": self.deal_id}
        self.session.do(partial(self._write, body), self._saved, self._refused, owner=self)

    def _write(self, body: dict[str, Any], desk: Any) -> Changes:
        if self._changing:
            return deals.change_payment(desk, payment_id=self._changing["id"], values=body)
        return deals.add_payment(desk, deal_id=self.deal_id, values=body)

    def _saved(self, changes: Changes) -> None:
        self.close_panel()
        self.session.say(f"已{changes.label}", undo=True)

    def _refused(self, refusal: Refusal) -> None:
        self.form.show_problems(refusal.problems)
        self.bar.say("；".join(explain(refusal, "payment")), "danger")


class PaymentsView(QWidget):
    """The payments of one deal in the order they came, and what they come to."""

    def __init__(self, session: Session, _record_type: str, deal_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.deal_id = session, deal_id
        self.rows: list[dict[str, Any]] = []
        self.total = label("", "muted")
        self.add_button = button("登记到账", self._add, look="primary", symbol="plus")
        self.entry = PaymentEntry(session, deal_id)
        self.none = label("还没有到账。登记第一笔后，实际成交额自动等于各笔到账之和。", "muted", wrap=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(METRICS.xl)
        self._grid.setVerticalSpacing(METRICS.s)
        self._grid.setColumnStretch(4, 1)
        self._grid.setColumnStretch(5, 1)
        card = Card()
        card.body.addWidget(self.none)
        card.body.addLayout(self._grid)
        self.entry.shown.connect(self.add_button.setHidden)
        head = row(label("到账", "heading"), self.total, None, self.add_button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled("到账", head, self.entry, card, None))
        self.permit = Permit(self, session, "payment", ("deal", deal_id))
        self.permit.told.connect(self._told)
        session.jobs.changed.connect(self._refresh)
        self.reload()

    def reload(self) -> None:
        """Read the payments again."""

        def read(connection: Any) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
            return queries.get(connection, "deal", self.deal_id), deals.payments(connection, self.deal_id)

        self.session.read(read, self._show, owner=self)

    def _add(self) -> None:
        self.entry.open_new()

    def _told(self, why: str) -> None:
        if why:
            self.entry.close_panel()
        self.reload()

    def _refresh(self, changes: Changes, _initiator: object) -> None:
        if changes.types() & {"payment", "deal"}:
            self.reload()

    def _show(self, read: tuple[dict[str, Any] | None, list[dict[str, Any]]]) -> None:
        deal, self.rows = read
        why = self.permit.why or ("" if deal else "先保存这笔交易，再登记到账")
        self.add_button.setEnabled(not why)
        self.add_button.setToolTip(why)
        paid = deal["paid_amount"] if deal else None
        self.total.setText(f"实际成交额 {amounts.display(paid)}" if paid is not None else "")
        self.none.setVisible(not self.rows)
        clear(self._grid)
        if self.rows:
            for column_number, words in enumerate(HEADINGS):
                heading = label(words, "small")
                heading.setAlignment(_side(column_number))
                self._grid.addWidget(heading, 0, column_number)
        for number, payment in enumerate(self.rows, start=1):
            self._grid.addWidget(Line(), 2 * number - 1, 0, 1, len(HEADINGS))
            self._line(2 * number, payment)

    def _line(self, at: int, payment: dict[str, Any]) -> None:
        back = payment["kind"] == REFUND
        words = self.session.desk.codes["payment-kind"].label_of(payment["kind"])
        kind = Chip(words or "未分类", "warning" if back else "neutral")
        part = payment["technical_part"]
        sign = "−" if back else ""
        cells = (
            label(str(payment["paid_on"])),
            kind,
            label(sign + amounts.display(payment["amount"]), "heading", selectable=True),
            label(amounts.display(part) if part is not None else "—", "label"),
            label(payment["voucher_no"] or "—", "label", selectable=True),
            label(payment["invoice_no"] or "—", "label", selectable=True),
        )
        for number, cell in enumerate(cells):
            if number in (2, 3):
                cell.setAlignment(_side(number))
            self._grid.addWidget(cell, at, number)
        told = f"{payment['paid_on']} {amounts.display(payment['amount'])}"
        tools = (
            tool_button("edit", f"修改到账 {told}", partial(self.entry.open_for, payment)),
            tool_button("trash", f"删除到账 {told}", partial(self._remove, payment)),
        )
        for tool in tools:
            tool.setEnabled(not self.permit.why)
        self._grid.addLayout(column(row(*tools, spacing=0)), at, len(cells))

    def _remove(self, payment: dict[str, Any]) -> None:
        self.session.do(
            lambda desk: deals.remove_payment(desk, payment_id=payment["id"]),
            lambda _changes: self.session.say("已删除到账", undo=True),
            owner=self,
        )


def _side(column_number: int) -> Qt.AlignmentFlag:
    """Return how a column is aligned: amounts to the right."""
    side = Qt.AlignmentFlag.AlignRight if column_number in (2, 3) else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
