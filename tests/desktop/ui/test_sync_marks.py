"""The signs of records in lists and on cards: what waits, is on its way, came back, or is in dispute."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from desktop.models.outgoing import freezing, marks, outbox, refused
from desktop.models.queries import Query
from desktop.sync.status import Status
from desktop.ui.deals.board import Board
from desktop.ui.deals.cards import CARD
from desktop.ui.widgets import sync_marks
from desktop.ui.widgets.record_table import PAGE, RecordTableModel
from desktop.ui.widgets.session import Session
from tests.clashes import amount_clash, edit
from tests.linked import StillLink, grant, settle_all

HELD = {"stage": "signing", "deal_amount": Decimal(1_500_000)}
TIP, SAID = Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def joined(session):
    grant(session.desk)
    made = Session(session.desk, session.jobs, session.kept, session, link=StillLink(session.desk))
    made.sync.begin()
    yield made
    made.deleteLater()


@pytest.fixture
def four(desk, put):
    """Return deals that wait, fly, came back and are in dispute, and one that is as on the server."""
    made = {name: put("deal", title=name, **HELD) for name in ("飞行", "退回", "冲突", "已同步", "等待")}
    settle_all(desk)
    put_again(desk, made["飞行"])
    with desk.store.write(applying=True) as connection:
        freezing.freeze(connection)
        op = edit("deal", made["退回"], {"contract_no": "HT-9"}, {"contract_no": None})
        refused.keep(connection, op, code="sealed", at="2026-03-02T01:00:00.000000Z")
    amount_clash(desk, made["冲突"], {"title": "冲突", **HELD})
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
    put_again(desk, made["等待"])
    return made


def put_again(desk, deal):
    with desk.store.write() as connection:
        connection.exec_driver_sql("UPDATE deal SET remark = '改过' WHERE id = ?", (deal.bytes,))


EXPECTED = {"飞行": "flying", "退回": "refused", "冲突": "conflict", "等待": "queued"}


def shown(model: RecordTableModel) -> dict[str, Any]:
    cells = [model.cell(row, 0) for row in range(model.rowCount())]
    return {cell.words: cell.mark for cell in cells if cell and cell.mark}


def test_one_query_tells_the_marks_of_many_records(desk, four):
    with desk.store.read() as connection:
        found = marks.of_records(connection, "deal", four.values())
    assert {name: found[key] for name, key in four.items() if key in found} == EXPECTED


def test_a_list_marks_what_is_not_as_on_the_server(joined, four):
    model = RecordTableModel(joined, "deal")
    model.show(Query("deal"))
    assert shown(model) == EXPECTED
    row = model.row_of(four["冲突"])
    assert row is not None
    index = model.index(row, 0)
    assert (index.data(SAID), index.data(TIP)) == ("项目名称：冲突，冲突", "冲突")
    assert model.index(row, 1).data(SAID).count("冲突") == 0


def test_a_list_without_a_server_has_no_marks(session, four):
    model = RecordTableModel(session, "deal")
    model.show(Query("deal"))
    assert shown(model) == {}


def test_marks_go_when_what_waited_was_sent(joined, desk, four):
    model = RecordTableModel(joined, "deal")
    model.show(Query("deal"))
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
    told: list[Any] = []
    model.dataChanged.connect(lambda *where: told.append(where))
    joined.sync.refresh()
    assert shown(model) == {name: mark for name, mark in EXPECTED.items() if mark != "queued"}
    assert len(told) == 1
    joined.sync.refresh()
    assert len(told) == 1


def test_a_long_list_asks_once_for_each_page_that_is_looked_at(joined, desk, put, monkeypatch):
    for number in range(3 * PAGE):
        put("task", title=f"事 {number}")
    asked: list[int] = []
    one = marks.of_records

    def counted(connection, record_type, ids):
        asked.append(len(ids))
        return one(connection, record_type, ids)

    monkeypatch.setattr(marks, "of_records", counted)
    model = RecordTableModel(joined, "task")
    model.show(Query("task"))
    assert asked == [PAGE]
    model._read_ids()
    model.cell(2 * PAGE, 0)
    model._read_wanted()
    assert asked == [PAGE, PAGE]


def test_cards_of_the_board_carry_the_same_marks(joined, desk, four, qtbot):
    board = Board(joined)
    qtbot.addWidget(board)
    cards = board.columns["signing"].cards
    assert {card.title: card.mark for card in cards.cards if card.mark} == EXPECTED
    at = cards.place_of(four["等待"])
    assert at is not None
    assert cards.index(at).data(SAID).endswith("，待上传")
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
    joined.sync.refresh()
    assert cards.index(at).data(CARD).mark is None


def test_the_board_shows_what_a_pull_brought(joined, desk, put, qtbot):
    deal = put("deal", title="原名", **HELD)
    board = Board(joined)
    qtbot.addWidget(board)
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("UPDATE deal SET title = '新名' WHERE id = ?", (deal.bytes,))
    joined.sync._deliver(Status("idle", outbox.Counts(0, 0, 0, 0)), frozenset({"deal"}))
    assert [card.title for card in board.columns["signing"].cards.cards] == ["新名"]


@pytest.mark.parametrize("mark", sync_marks.WORDS)
def test_every_mark_has_a_sign_of_its_own(mark, look):
    drawn = {}
    for name in sync_marks.WORDS:
        image = QImage(16, 16, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        sync_marks.paint_mark(painter, QRectF(2, 2, sync_marks.SIDE, sync_marks.SIDE), name)
        painter.end()
        drawn[name] = bytes(image.constBits())
    assert [name for name, bits in drawn.items() if bits == drawn[mark]] == [mark]
