"""What was deleted can be looked at and taken back from the list it was deleted from."""

from __future__ import annotations

import pytest

from desktop.services import records
from desktop.ui.widgets.record_list import RecordList


@pytest.fixture
def shown(session, put, desk, qtbot):
    kept, gone = (
        put("party", name="留下", kind="organisation"),
        put("party", name="删掉", kind="organisation"),
    )
    made = RecordList(session, "party")
    qtbot.addWidget(made)
    records.remove(desk, record_type="party", ids=[gone])
    made.reload()
    return made, kept, gone


def names(listed):
    return [listed.records.index(row, 0).data() for row in range(listed.records.rowCount())]


def test_the_bin_shows_what_was_deleted_and_gives_it_back(shown):
    listed, _, gone = shown
    assert names(listed) == ["留下"]
    listed.bin.setChecked(True)
    assert names(listed) == ["删掉"]
    listed.table.selectRow(0)
    listed.restore.click()
    listed.bin.setChecked(False)
    assert sorted(names(listed)) == ["删掉", "留下"]
    assert gone in {listed.records.record_at(row) for row in range(2)}


def test_a_record_in_the_bin_is_neither_opened_nor_deleted_again(shown, qtbot):
    listed, _, _ = shown
    opened: list[object] = []
    listed.opened.connect(opened.append)
    listed.bin.setChecked(True)
    listed.table.selectRow(0)
    listed.table.remove_selected()
    listed.table._open_index(listed.records.index(0, 0))
    assert opened == []
    assert [action.text() for action in listed.table.menu().actions()] == ["恢复 1 条"]


def test_an_empty_bin_leads_back_to_the_list(shown, desk):
    listed, _, gone = shown
    records.restore(desk, record_type="party", ids=[gone])
    listed.bin.setChecked(True)
    assert names(listed) == []
    listed.nothing.asked.emit()
    assert not listed.bin.isChecked()
    assert len(names(listed)) == 2
