"""The board of the room 交易: cards by stage, moved by dragging and by key."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from desktop.models import queries
from desktop.models.work import new_id
from desktop.services import records
from desktop.ui.deals.board import Board
from desktop.ui.deals.board_column import two_lines
from desktop.ui.deals.cards import MIME, BoardCard
from desktop.ui.deals.stages import neighbour
from domain.fields import RECORD_TYPES

TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def university(put):
    return put("party", name="浙江工业大学")


@pytest.fixture
def deal(put, university):
    return put(
        "deal", title="发泡剂专利转让", stage="contact", seller=university, deal_amount=Decimal("1200000.50")
    )


@pytest.fixture
def held(desk):
    """Return a reader of the fields of one record."""

    def read(record_type, record_id):
        with desk.store.read() as connection:
            row = queries.get(connection, record_type, record_id) or {}
        return {name: row[name] for name in RECORD_TYPES[record_type].by_name}

    return read


@pytest.fixture
def board(session, deal, qtbot):
    made = Board(session)
    qtbot.addWidget(made)
    made.resize(1180, 600)
    made.show()
    return made


def titles(board: Board, stage: str) -> list[str]:
    return [card.title for card in board.columns[stage].cards.cards]


def test_columns_tell_count_and_sum(board, put):
    put("deal", title="没有金额", stage="contact")
    board.reload()
    shown = board.columns["contact"]
    assert shown.count.text() == "2"
    assert shown.sum.toolTip() == "1,200,000.50元"
    assert "2 笔" in shown.list.accessibleName()


def test_ctrl_arrow_moves_the_card_and_the_keyboard_goes_along(board, deal, held, qtbot):
    source = board.columns["contact"].list
    source.pick(0)
    qtbot.keyClick(source, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert held("deal", deal)["stage"] == "appraisal"
    assert titles(board, "contact") == []
    target = board.columns["appraisal"].list
    assert target.selected() == [deal]
    qtbot.keyClick(target, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert held("deal", deal)["stage"] == "contact"


def test_the_first_stage_has_none_before_it():
    assert neighbour("lead", -1) is None
    assert neighbour("archiving", 1) is None
    assert neighbour("terminated", -1) is None
    assert neighbour("lead", 1) == "contact"


def test_a_dragged_card_is_dropped_into_a_stage_and_comes_back_by_undo(board, deal, held):
    source, target = board.columns["contact"].cards, board.columns["registration"].cards
    data = source.mimeData([source.index(0)])
    assert data.formats() == [MIME]
    target.dropMimeData(data, Qt.DropAction.MoveAction, 0, 0, target.index(-1))
    assert held("deal", deal)["stage"] == "registration"
    assert titles(board, "registration") == ["发泡剂专利转让"]
    board.session.do(records.undo)
    assert titles(board, "contact") == ["发泡剂专利转让"]
    assert titles(board, "registration") == []


def test_dropping_a_card_where_it_is_writes_nothing(board, desk, deal, held):
    written = []
    board.session.jobs.changed.connect(lambda *told: written.append(told))
    board.move_to("contact", [deal])
    assert written == []


def test_enter_opens_the_card_and_plain_arrows_walk_the_columns(board, put, deal, session, qtbot):
    other = put("deal", title="另一笔", stage="signing")
    board.reload()
    opened = []
    session.opened.connect(lambda kind, key: opened.append((kind, key)))
    board.columns["contact"].list.pick(0)
    qtbot.keyClick(board.columns["contact"].list, Qt.Key.Key_Right)
    assert board.columns["signing"].list.selected() == [other]
    qtbot.keyClick(board.columns["signing"].list, Qt.Key.Key_Return)
    assert opened == [("deal", other)]


def test_the_board_follows_what_happens_elsewhere(board, session, deal, held, university):
    body = held("deal", deal)
    session.do(
        lambda desk: records.save(desk, record_type="deal", record_id=deal, values={**body, "title": "新名"})
    )
    assert titles(board, "contact") == ["新名"]
    party = held("party", university)
    session.do(
        lambda desk: records.save(
            desk, record_type="party", record_id=university, values={**party, "name": "浙工大"}
        )
    )
    assert board.columns["contact"].cards.cards[0].seller == "浙工大"
    session.remove("deal", [deal])
    assert titles(board, "contact") == []
    assert board.count.text() == "0 笔"


def test_words_narrow_the_board(board, put):
    put("deal", title="储能电芯许可", stage="lead")
    board.search.setText("储能")
    board.reload()
    assert titles(board, "lead") == ["储能电芯许可"]
    assert titles(board, "contact") == []


def test_ended_deals_are_shown_when_asked_for(board, put):
    assert board.columns["terminated"].isHidden()
    board.ended.click()
    assert not board.columns["terminated"].isHidden()


def test_a_board_of_three_thousand_cards_has_no_widget_a_card(board, session):
    cards = [BoardCard(new_id(), f"交易{n}", "lead", "甲", "乙", Decimal(n), TODAY) for n in range(3000)]
    board._show((cards, 3000))
    lead = board.columns["lead"]
    assert lead.cards.rowCount() == 3000
    assert lead.cards.sum == Decimal(2999 * 1500)
    assert len(lead.list.viewport().children()) < 5
    assert not board.grab().isNull()


@pytest.mark.parametrize(
    ("days", "words", "tone"),
    [(-3, "逾期 3 天", "danger"), (0, "今天到期", "warning"), (31, "2026-04-02 止", "neutral")],
)
def test_the_due_day_of_a_card_tells_how_urgent_it_is(days, words, tone):
    card = BoardCard(new_id(), "甲", "signing", "", "", None, TODAY + dt.timedelta(days=days))
    assert card.due_words(TODAY) == (words, tone)
    assert card.said(TODAY) == f"甲，卖方未定 → 买方未定，成交额 金额未定，{words}"
    assert dataclasses.replace(card, stage="archiving").due_words(TODAY)[1] == "neutral"


def test_a_long_title_is_broken_once_and_elided(look, qtbot):
    line = QLineEdit()
    qtbot.addWidget(line)
    metrics = line.fontMetrics()
    width = metrics.horizontalAdvance("八个汉字的宽度啊")
    first, second = two_lines("一个很长很长很长很长很长很长很长很长的标题", metrics, width).split("\n")
    assert metrics.horizontalAdvance(first) <= width
    assert second.endswith("…")
