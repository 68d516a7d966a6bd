"""Law: whatever kind a field may be of, lists can show it and forms can edit it."""

from __future__ import annotations

from desktop.ui.widgets.columns import UNSORTED
from desktop.ui.widgets.editors import EDITORS
from desktop.ui.widgets.formats import FORMATTERS, RIGHT_ALIGNED
from domain.fields import KINDS


def test_every_kind_has_an_editor_and_a_formatter() -> None:
    assert set(EDITORS) == set(KINDS)
    assert set(FORMATTERS) == set(KINDS)
    assert set(KINDS) >= RIGHT_ALIGNED | UNSORTED
