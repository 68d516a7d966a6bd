"""Every control of the hand-drawn rooms has a name for those who listen, and no room opens a stray window."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QTableView

from desktop.ui.certificates.page import build as training
from desktop.ui.certificates.studio import Studio
from desktop.ui.evaluation.page import build as evaluation
from desktop.ui.evaluation.workbench import Workbench
from desktop.ui.home.page import build as home
from desktop.ui.settings.page import build as settings
from desktop.ui.widgets.import_page import ImportPage

CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QTableView)


def lesson(session: Any, put: Any) -> Any:
    key = put("training_class", name="初级班", level="junior")
    put("enrolment", training_class=key, broker=put("broker", name="王喆"), passed=True)
    return Studio(session, "training_class", key)


def bench(session: Any, put: Any) -> Any:
    made = Workbench(session, "agency", put("agency", name="示例中心", year=Decimal(2025), kind="A"))
    made.tree.choose("bylaws")
    return made


def importing(session: Any, put: Any, tmp_path: Any) -> Any:
    path = tmp_path / "名录.csv"
    path.write_text("名称,不认识\n恒力公司,1\n", "utf-8")
    made = ImportPage(session, "party")
    made.file.take(path)
    return made


@pytest.fixture(params=["home", "training", "evaluation", "settings", "studio", "bench", "import"])
def screen(request, session, put, tmp_path, qtbot):
    """Return one screen after another, with all its tabs built."""
    put("task", title="回访")
    rooms = {"home": home, "training": training, "evaluation": evaluation, "settings": settings}
    drawn = {
        "studio": lambda: lesson(session, put),
        "bench": lambda: bench(session, put),
        "import": lambda: importing(session, put, tmp_path),
    }
    before = set(QApplication.topLevelWidgets())
    made = rooms[request.param](session) if request.param in rooms else drawn[request.param]()
    for number in range(len(getattr(made, "views", ()))):
        made.show_view(number)
    qtbot.addWidget(made)
    assert not [w for w in set(QApplication.topLevelWidgets()) - before if w.isVisible()]
    return made


def test_every_control_has_a_name(screen):
    controls = [widget for kind in CONTROLS for widget in screen.findChildren(kind)]
    assert controls
    nameless = [
        widget
        for widget in controls
        if not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), QLineEdit)
        and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    ]
    assert nameless == []
