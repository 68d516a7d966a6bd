"""The sync centre: what it says in each state, what leaves, what came back, joining, carrying, leaving."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton

from desktop.models import file_copies, sync_state
from desktop.models.outgoing import refused
from desktop.models.work import Work, new_id
from desktop.services import attachments, records
from desktop.ui.home.page import build as home
from desktop.ui.settings.general import UserCard
from desktop.ui.sync.page import LINE, REGISTER, STATE, build
from desktop.ui.widgets.attachments_view import AttachmentsView
from desktop.ui.widgets.conflict_sheet import ConflictSheet
from desktop.ui.widgets.record_page import RecordPage
from desktop.ui.widgets.session import Session
from desktop.ui.window import Window
from domain.protocol import Block, Notice
from domain.registry import wire_types
from domain.scopes import public_copy
from tests.clashes import amount_clash, edit
from tests.linked import StillLink, grant, settle_all, status

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = dt.datetime(2026, 3, 2, 9, 42, tzinfo=dt.timezone(dt.timedelta(hours=8)))
HELD = {"title": "无氯氟发泡剂转让", "stage": "signing", "deal_amount": Decimal(1_500_000)}


@pytest.fixture
def link(desk):
    made = StillLink(desk)
    grant(desk)
    return made


@pytest.fixture
def joined(session, link) -> Iterator[Session]:
    made = Session(session.desk, session.jobs, session.kept, session, link=link)
    made.sync.begin()
    yield made
    made.deleteLater()


@pytest.fixture
def room(joined, qtbot):
    made = build(joined)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def window(session, link, tmp_path, qtbot):
    made = Window(tmp_path, session.jobs)
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    made.enter(session.desk, link)
    yield made
    made.close()


# ── the indicator ───────────────────────────────────────────────────────────────────────────────


def test_the_indicator_leads_to_the_centre_and_is_named(window, qtbot):
    window.session.sync._say(status("trouble", trouble="too-old"))
    assert window.status.line.text() == "✖ 需要处理（版本过旧）"
    assert window.status.line.accessibleName() == "同步状态：✖ 需要处理（版本过旧）"
    qtbot.mouseClick(window.status.line, Qt.MouseButton.LeftButton)
    assert window.current.key == "sync"
    assert window.findChildren(ConflictSheet) == []


def test_f5_syncs_and_a_commit_is_told_to_the_line(window, link):
    window.act("sync-now")
    values = {"name": "恒力", "kind": "organisation"}
    window.session.do(lambda desk: records.save(desk, record_type="party", record_id=new_id(), values=values))
    assert link.calls == ["now", "poke"]
    assert window.status.line.text() == "◐ 待上传 1"


def test_f5_without_a_server_leads_to_what_a_server_is_for(window, link):
    link.credentials = None
    window.act("sync-now")
    assert window.current.key == "sync"
    assert link.calls == []


def test_what_a_pull_brought_reaches_the_screens_from_another_thread(window, desk, qtbot, put):
    party = put("party", name="恒力", kind="organisation")
    window.open_record("party", party)
    page = window.current.page
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("UPDATE party SET name = '恒力石化' WHERE id = ?", (party.bytes,))
    feed = window.session.sync
    feed.link.told(status(last_success=NOW), frozenset({"party"}))
    qtbot.waitUntil(lambda: page.heading == "恒力石化")
    assert page.form.cells["name"].editor.raw() == "恒力石化"
    assert window.status.saved.text() == ""


def test_an_open_form_is_warned_and_not_overwritten_by_a_pull(window, desk, put):
    party = put("party", name="恒力", kind="organisation")
    window.open_record("party", party)
    page = window.current.page
    page.form.cells["remark"].editor.put("正在写")
    page.form.cells["remark"].editor.edited.emit()
    with desk.store.write(applying=True) as connection:
        connection.exec_driver_sql("UPDATE party SET name = '恒力石化' WHERE id = ?", (party.bytes,))
    window.session.sync._deliver(status(last_success=NOW), frozenset({"party"}))
    assert "同事刚修改了这条记录" in page.bar.text
    assert page.form.cells["name"].editor.raw() == "恒力"


def test_a_wiped_workspace_leaves_nothing_on_the_screen(window, put, qtbot):
    party = put("party", name="恒力", kind="organisation")
    window.open_record("party", party)
    with qtbot.waitSignal(window.wiped):
        window.session.sync.link.wiped()
    window.forget("已清除")
    assert window.session is None
    assert window.current is None
    assert not window.rail.isEnabled()
    assert "恒力" not in window.windowTitle()
    window.act("search")
    window.go_to("home")
    assert window.current is None


# ── the state page ──────────────────────────────────────────────────────────────────────────────


def test_without_a_server_the_centre_says_what_why_and_offers_one_button(session, qtbot):
    room = build(session)
    qtbot.addWidget(room)
    page: Any = room.current_view
    assert page._stack.currentWidget() is page.empty
    assert page.empty.title.text() == "本机未接入服务器"
    qtbot.mouseClick(page.empty.button, Qt.MouseButton.LeftButton)
    assert room.location().view == LINE


def test_the_queue_tells_exactly_what_leaves(room, joined, put):
    put("party", name="恒力", kind="organisation")
    page: Any = room.current_view
    joined.sync.refresh()
    table = page.leaving.table.words
    assert [row[:3] for row in table.rows] == [("恒力", "新建", "名称、类别、国别")]
    page.leaving.table.selectRow(0)
    assert (
        page.leaving.told.text() == "客户“恒力” — 名称：恒力；类别：组织"
        or "恒力" in page.leaving.told.text()
    )
    assert page.leaving.chip.text() == "1 条"
    assert page.head.words.text() == "◐ 待上传 1"


def test_the_buttons_of_the_state_reach_the_line(room, joined, link, qtbot):
    page: Any = room.current_view
    joined.sync._say(status(last_success=NOW))
    qtbot.mouseClick(page.head.now, Qt.MouseButton.LeftButton)
    page.head.held.setChecked(True)
    assert link.calls == ["now", "hold True"]
    joined.sync._say(status("held"))
    assert page.head.held.isChecked()
    assert not page.head.now.isEnabled()
    assert link.calls == ["now", "hold True"], "showing a state asks nothing"
    joined.sync._say(status("idle", conflicts=1))
    qtbot.mouseClick(page.head.conflicts, Qt.MouseButton.LeftButton)
    assert room.location().view == REGISTER


def test_the_account_and_the_runs_are_shown(room, joined, desk):
    with desk.store.write(applying=True) as connection:
        sync_state.log_run(
            connection, at="2026-03-02T01:00:00.000000Z", kind="sync", sent=3, received=1200, bytes_up=900
        )
    page: Any = room.current_view
    page.reload()
    joined.sync._say(status(last_success=NOW))
    assert page.head.last.text().startswith("上次传输 ")
    assert page.head.notices.isHidden()
    joined.sync._say(status(last_success=NOW, notices=(Notice("upgrade", "新版本 2.0 已发布"),)))
    assert page.head.notices.text() == "新版本 2.0 已发布"
    joined.sync._say(status(phase="trouble", trouble="too-old", notices=(Notice("too-old", "请升级"),)))
    assert page.head.notices.isHidden(), "the trouble says it already"
    assert page.head.who.text() == "示例转移中心 · 高璟（机构专员） · https://desk.example.cn"
    assert page.runs.table.words.rows[0][1:4] == ("同步", "3", "1,200")


def test_the_log_is_exported_from_the_page(room, tmp_path):
    page: Any = room.current_view
    page.runs.file.put(tmp_path / "日志.txt")
    page.runs.export()
    assert (tmp_path / "日志.txt").read_text("utf-8").startswith("技转工作台 test")
    page.runs.file.line.clear()
    page.runs.export()
    assert "请先填写" in page.runs.said.text()


@pytest.fixture
def returned(desk, put):
    deal = put("deal", **HELD)
    settle_all(desk)
    op = edit("deal", deal, {"contract_no": "HT-9"}, {"contract_no": None})
    with desk.store.write(applying=True) as connection:
        refused.keep(connection, op, code="sealed", at="2026-03-02T01:00:00.000000Z")
    return deal


def test_a_refused_edit_is_given_up_only_after_asking_in_its_line(room, returned, qtbot):
    page: Any = room.current_view
    page.reload()
    (line,) = page.returned.lines
    assert page.returned.isVisible()
    qtbot.mouseClick(line.forget_button, Qt.MouseButton.LeftButton)
    assert line.really.isVisible()
    qtbot.mouseClick(line.back, Qt.MouseButton.LeftButton)
    assert not line.really.isVisible()
    qtbot.mouseClick(line.forget_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(line.really, Qt.MouseButton.LeftButton)
    assert page.returned.lines == []
    assert not page.returned.isVisible()


def test_a_refused_edit_is_looked_at_sent_again_and_exported(room, joined, returned, tmp_path, qtbot):
    page: Any = room.current_view
    page.reload()
    look, again, _ = page.returned.lines[0].usual
    with qtbot.waitSignal(joined.opened) as opened:
        look.click()
    assert opened.args == ["deal", returned]
    page.returned.file.put(tmp_path / "退回.json")
    page.returned.export()
    assert "HT-9" in (tmp_path / "退回.json").read_text("utf-8")
    again.click()
    assert page.returned.lines == []
    assert "poke" in joined.sync.link.calls
    assert [row[:2] for row in page.leaving.table.words.rows] == [("无氯氟发泡剂转让", "修改")]


# ── the register ────────────────────────────────────────────────────────────────────────────────


def test_the_register_lists_conflicts_and_a_double_click_opens_one(room, joined, desk, put, qtbot):
    room.show_view(REGISTER)
    page: Any = room.current_view
    assert page._stack.currentIndex() == 0
    conflict = amount_clash(desk, put("deal", **HELD), HELD)
    page.reload()
    assert page.table.words.rows[0][2:4] == ("成交额", "高璟 与 王芳")
    with qtbot.waitSignal(joined.decision_asked) as asked:
        page.table.opened.emit(0)
    assert asked.args == [conflict]


# ── joining, carrying, leaving ──────────────────────────────────────────────────────────────────


def test_the_form_to_join_says_what_is_missing_and_what_will_leave(session, desk, put, tmp_path, qtbot):
    put("party", name="恒力", kind="organisation")
    room = build(Session(desk, session.jobs, session.kept, session, link=plain(desk)))
    qtbot.addWidget(room)
    room.show_view(LINE)
    page: Any = room.current_view
    assert not page.join.isHidden()
    assert page.member.isHidden()
    assert page.leaving.chip.text() == "1 条"
    page.join.start()
    assert "请先选择" in page.join.said.text()
    invitation = tmp_path / "高璟.tdinvite"
    invitation.write_text("{", "utf-8")
    page.join.file.take(invitation)
    assert "不是完整的邀请文件" in page.join.said.text()
    page.join.password.setText("一")
    page.join.start()
    assert "两次输入的密码不一致" in page.join.said.text()
    page.join.known.setChecked(True)
    assert page.join.again.isHidden()
    assert not page.join.account.isHidden()
    page.join.device.clear()
    page.join.start()
    assert "起个名字" in page.join.said.text()


def plain(desk):
    made = StillLink(desk)
    made.credentials = None
    return made


def test_a_member_sees_scopes_and_numbers_and_is_asked_before_leaving(room, desk, qtbot):
    with desk.store.write(applying=True) as connection:
        sync_state.take_blocks(connection, [Block("JJ2026", 1, 500, 9)])
    room.show_view(LINE)
    page: Any = room.current_view
    assert page.join.isHidden()
    assert "公共目录（只读）" in page.member.sees.text()
    assert page.numbers.table.words.rows == [("JJ2026", "500 个")]
    qtbot.mouseClick(page.member.leave_button, Qt.MouseButton.LeftButton)
    assert page.member.really.isVisible()
    qtbot.mouseClick(page.member.back, Qt.MouseButton.LeftButton)
    assert not page.member.really.isVisible()


def test_carrying_without_a_file_or_a_server_is_refused_in_place(room, tmp_path):
    room.show_view(LINE)
    page: Any = room.current_view
    page.carry.carry_in()
    assert "请先选择" in page.carry.said.text()
    page.carry.out.put(tmp_path / "包.tdsync")
    page.carry.carry_out()
    assert "没有加入服务器" in page.carry.said.text()


def test_the_name_that_joining_gives_is_shown_at_once_and_left_to_the_server(joined, desk, put, qtbot):
    put("party", name="恒力", kind="organisation")
    first, card = home(joined), UserCard(joined)
    for made in (first, card):
        qtbot.addWidget(made)
    desk.user = "王芳"
    joined.sync.refresh()
    page: Any = first.current_view
    assert page.greeting.text().endswith("王芳")
    assert card.name.isReadOnly()
    assert card.save_button.isHidden()
    assert "请联系管理员" in card.said.text()


# ── on records ──────────────────────────────────────────────────────────────────────────────────


def test_a_record_says_how_it_stands_and_what_can_be_asked(joined, desk, put, link, qtbot):
    achievement = put("achievement", title="发泡剂")
    page = RecordPage(joined, "achievement", achievement)
    qtbot.addWidget(page)
    assert page.standing.chip.text() == "排队"
    settle_all(desk)
    joined.sync.refresh()
    assert page.standing.chip.text() == "已同步"
    offers = {words: (ask, after) for words, ask, after in page.standing.offers()}
    assert list(offers) == ["仅自己可见", "公开到公共目录"]
    page.standing.ask(*offers["公开到公共目录"])
    assert (page.standing.chip.text(), page.standing.public.text()) == ("排队", "待公开")
    assert link.calls[-1] == "poke"
    settle_all(desk)
    with desk.store.write(applying=True) as connection:
        held = (wire_types()["achievement"].number, public_copy("agency", achievement).bytes)
        connection.exec_driver_sql("INSERT INTO sync_shown (type, pk, scope) VALUES (?, ?, 4)", held)
    joined.sync.refresh()
    assert page.standing.public.text() == "已公开"
    offers = {words: (ask, after) for words, ask, after in page.standing.offers()}
    assert list(offers) == ["仅自己可见", "撤回公开"]
    page.standing.ask(*offers["撤回公开"])
    assert page.standing.public.text() == "待撤回公开"
    settle_all(desk, scope=3)
    joined.sync.refresh()
    assert page.standing.chip.text() == "仅本人 · 已同步"
    settle_all(desk, scope=4)
    joined.sync.refresh()
    assert page.standing.chip.text() == "公共目录 · 只读"
    assert page.standing.offers() == []


def test_a_record_without_a_server_shows_no_chip(session, put, qtbot):
    page = RecordPage(session, "party", put("party", name="恒力", kind="organisation"))
    qtbot.addWidget(page)
    assert page.standing.isHidden()
    assert page.conflict.isHidden()


def test_a_record_in_conflict_says_so_and_leads_to_the_decision(joined, desk, put, qtbot):
    deal = put("deal", **HELD)
    conflict = amount_clash(desk, deal, HELD)
    page = RecordPage(joined, "deal", deal)
    qtbot.addWidget(page)
    assert page.conflict.text == "▲ 冲突：高璟、王芳同时修改了“成交额”，两个版本都保留着。"
    assert page.standing.chip.text() == "冲突"
    with qtbot.waitSignal(joined.decision_asked) as asked:
        page.conflict.asked.emit()
    assert asked.args == [conflict]


def test_a_file_that_is_still_on_the_server_is_fetched_and_not_a_fault(joined, desk, put, link, qtbot):
    party = put("party", name="恒力", kind="organisation")
    far = {"owner_type": "party", "owner_id": str(party), "name": "照片.jpg", "sha256": "ab" * 32}
    with desk.store.write(applying=True) as connection:
        work = Work(connection, desk.clock(), "王芳", "别处", "同步")
        work.put("attachment", new_id(), {**far, "size": Decimal(2048)})
    view = AttachmentsView(joined, "party", party)
    qtbot.addWidget(view)
    view.show()
    assert words_of(view)[-1].startswith("未下载（2 KB）")
    (fetch,) = [b for b in view.findChildren(QPushButton) if b.text() == "下载"]
    assert fetch.accessibleName() == "下载附件 照片.jpg"
    fetch.click()
    assert words_of(view)[-1].startswith("正在下载（2 KB）")
    assert link.calls == ["poke"]
    qtbot.mouseClick(view.keep, Qt.MouseButton.LeftButton)
    assert attachments.shelf(desk, "party", party).kept


def test_a_file_above_the_chosen_size_waits_until_it_is_asked_for(room, joined, put, qtbot, tmp_path):
    desk, link = joined.desk, joined.sync.link
    room.show_view(LINE)
    page: Any = room.current_view
    assert page.travel.sizes[None].isChecked()
    page.travel.sizes[0].click()
    assert link.calls[-1] == "poke"
    room.show_view(STATE)
    room.show_view(LINE)
    lit = [size for size, chip in page.travel.sizes.items() if chip.isChecked()]
    assert lit == [0]
    party = put("party", name="恒力", kind="organisation")
    path = tmp_path / "照片.jpg"
    path.write_bytes(bytes(2048))
    attachments.attach(desk, record_type="party", record_id=party, files=[path])
    with desk.store.write(applying=True) as connection:
        file_copies.discover(connection, desk.blobs, "2026-03-02")
        assert file_copies.next_errand(connection) is None
    view = AttachmentsView(joined, "party", party)
    qtbot.addWidget(view)
    view.show()
    assert words_of(view)[-1].endswith("超过自动传送的大小，未上传")
    (send,) = [b for b in view.findChildren(QPushButton) if b.text() == "上传"]
    assert send.accessibleName() == "上传附件 照片.jpg"
    send.click()
    assert "未上传" not in words_of(view)[-1]
    with desk.store.read() as connection:
        errand = file_copies.next_errand(connection)
    assert errand is not None
    assert errand.sends


def words_of(view):
    return [held.text() for held in view.card.findChildren(QLabel) if held.text()]


def test_every_button_of_the_room_is_named(room, returned, qtbot):
    for number in (STATE, REGISTER, LINE):
        room.show_view(number)
    records_shown = room.findChildren(QAbstractButton)
    assert records_shown
    assert [b for b in records_shown if not (b.accessibleName() or b.text()) and b.isVisible()] == []
