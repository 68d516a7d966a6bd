"""What certificates are asked for: issuer, day, validity and design, read from four fields."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.services import certificate_templates
from desktop.services.certificate_content import Order
from desktop.ui.certificates.designs import DesignChoice
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import column, label, row
from domain.fields import RECORD_TYPES
from domain.problems import Refusal, refuse
from domain.values import UnreadableError, parse

if TYPE_CHECKING:
    from desktop.ui.widgets.session import Session

CERTIFICATE: Final = RECORD_TYPES["certificate"]
DAY_WIDTH: Final = 112


class OrderForm(QWidget):
    """The four fields; ``changed`` is said when one of them was changed and left."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.issuer = _line("发证单位", "例如 国家技术转移人才培养基地")
        self.day = _line("发证日期", "例如 2026-03-05", width=DAY_WIDTH)
        self.day.setText(session.desk.today().isoformat())
        self.valid_to = _line("有效期至", "不填即长期", width=DAY_WIDTH)
        self.design = DesignChoice(session)
        first = row(label("发证单位", "label"), self.issuer, spacing=METRICS.s)
        first.setStretch(1, 1)
        second = row(
            label("发证日期", "label"),
            self.day,
            METRICS.xs,
            label("有效期至", "label"),
            self.valid_to,
            METRICS.xs,
            label("样式", "label"),
            self.design,
            None,
            spacing=METRICS.s,
        )
        self.setLayout(column(first, second, spacing=METRICS.s))
        for field in (self.issuer, self.day, self.valid_to):
            field.editingFinished.connect(self.changed)
        self.design.currentIndexChanged.connect(lambda _: self.changed.emit())

    def read(self, *, draft: bool = False) -> Order:
        """Return the order as it stands in the fields.

        Raises:
            Refusal: the issuer is missing, or what should be a day is none.
        """
        issuer = self.issuer.text().strip()
        if not issuer:
            raise refuse("issuer", "plain", why="请填写发证单位，例如 国家技术转移人才培养基地")
        day = self._day("issued_on", self.day)
        if day is None:
            raise refuse("issued_on", "plain", why="请填写发证日期，例如 2026-03-05")
        return Order(
            issuer=issuer,
            issued_on=day,
            valid_to=self._day("valid_to", self.valid_to),
            template=certificate_templates.template_of(self.session.desk, self.design.key),
            draft=draft,
        )

    def _day(self, name: str, field: QLineEdit) -> dt.date | None:
        desk = self.session.desk
        try:
            day = parse(CERTIFICATE[name], field.text(), desk.codes, on=desk.today())
        except UnreadableError as error:
            raise Refusal([error.problem], record_type=CERTIFICATE) from error
        return day if isinstance(day, dt.date) else None


def _line(name: str, hint: str, *, width: int = 0) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    line.setPlaceholderText(hint)
    if width:
        line.setFixedWidth(width)
    return line
