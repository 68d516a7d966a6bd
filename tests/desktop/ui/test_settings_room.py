"""The settings: name, look and passphrase, rules to read, checks, and a backup that opens."""

from __future__ import annotations

import datetime as dt

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop import app as composition
from desktop import paths
from desktop.models import queries
from desktop.models.keys import KeyStore, WrongPassphraseError
from desktop.models.queries import Query
from desktop.models.store import Store
from desktop.models.work import new_id
from desktop.services import attachments, records, workspace
from desktop.ui import appearance, theme
from desktop.ui.settings import page as room
from desktop.ui.settings.about import AboutPage, diagnostics
from desktop.ui.settings.general import GeneralPage
from desktop.ui.settings.rules import RulesPage, validity, value_words
from desktop.ui.settings.upkeep import UpkeepPage
from desktop.ui.widgets.session import Session
from domain.problems import Refusal

OLD, NEW = "原来的那个口令", "后来想出的新口令"


@pytest.fixture
def opened(tmp_path, clock):
    """Return a workspace with a passphrase, a client and an attachment."""
    app = composition.build(tmp_path / "工作区", passphrase=OLD, clock=clock)
    key = new_id()
    values = {"name": "恒力公司", "kind": "organisation"}
    records.save(app.desk, record_type="party", record_id=key, values=values)
    upload = attachments.Upload("章程.txt", "全文".encode())
    attachments.add(app.desk, record_type="party", record_id=key, uploads=[upload])
    yield app
    app.close()


@pytest.fixture
def settings(opened, jobs, session, qtbot):
    """Return a session over that workspace."""
    return Session(opened.desk, jobs, session.kept, parent=session)


@pytest.fixture
def show(qtbot):
    """Return a function that keeps a page until the test is over."""
    kept = []

    def keep(page):
        qtbot.addWidget(page)
        kept.append(page)
        return page

    return keep


# ── name, passphrase, look ──────────────────────────────────────────────────────────────────────────


def test_the_name_is_kept_for_the_next_start(settings, opened, qtbot, clock, show):
    card = show(GeneralPage(settings)).user
    card.name.setText("  王 喆 ")
    qtbot.keyClick(card.name, Qt.Key.Key_Return)
    assert card.name.text() == "王 喆"
    opened.close()
    again = composition.build(opened.folder, passphrase=OLD, clock=clock)
    assert again.desk.user == "王 喆"
    again.close()


def test_an_empty_name_is_refused_beside_the_line(settings, opened, qtbot, show):
    card = show(GeneralPage(settings)).user
    card.name.clear()
    card.save_button.click()
    assert "姓名" in card.said.text()
    assert workspace.user_name(opened.desk) == opened.desk.user


def test_the_passphrase_is_changed_and_the_data_stay(settings, opened, qtbot, clock, show):
    card = show(GeneralPage(settings)).passphrase
    for line, text in ((card.old, OLD), (card.new, NEW), (card.again, NEW)):
        line.setText(text)
    card.go.click()
    assert "已修改" in card.said.text()
    assert card.new.text() == ""
    opened.close()
    with pytest.raises(WrongPassphraseError):
        composition.build(opened.folder, passphrase=OLD, clock=clock)
    again = composition.build(opened.folder, passphrase=NEW, clock=clock)
    with again.desk.store.read() as connection:
        assert queries.count(connection, Query("party")) == 1
    again.close()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("错", NEW, NEW), "原口令不对"),
        ((OLD, "短", "短"), "至少 8 个字符"),
        ((OLD, NEW, "另一个"), "不一致"),
    ],
)
def test_a_passphrase_that_cannot_be_changed_is_refused_and_stays(settings, opened, show, typed, words):
    card = show(GeneralPage(settings)).passphrase
    for line, text in zip((card.old, card.new, card.again), typed, strict=True):
        line.setText(text)
    card.go.click()
    assert words in card.said.text()
    assert card.go.isEnabled()
    assert KeyStore(opened.folder, None).unlock(OLD)


def test_the_look_and_the_size_of_type_are_worn_and_kept(session, look, qtbot, show):
    card = show(GeneralPage(session)).look
    card.looks["dark"].click()
    assert theme.current() is theme.DARK
    assert appearance.chosen_look(session.kept) == "dark"
    card.scales[125].click()
    assert f"font-size: {round(theme.METRICS.body * 1.25)}px" in look.styleSheet()
    assert theme.current() is theme.DARK
    card.looks["light"].click()
    assert theme.current() is theme.LIGHT
    assert f"font-size: {round(theme.METRICS.body * 1.25)}px" in look.styleSheet()
    assert card.looks["light"].isChecked()
    assert not card.looks["dark"].isChecked()


# ── rules ───────────────────────────────────────────────────────────────────────────────────────────


def test_every_list_and_pack_is_there_with_its_source(session, desk, qtbot, show):
    page = show(RulesPage(session))
    assert page.index.words.rowCount() == len(desk.policies.packs) + len(desk.codes)
    number = next(n for n, row in enumerate(page.index.words.rows) if row[0] == "评分人")
    page.index.selectRow(number)
    assert [row[1] for row in page.codes.words.rows] == ["自评", "区县审核", "专家评分"]
    assert page.about.text().startswith("来源：绩效评价三级评分")


def test_unverified_rules_are_marked_and_the_clause_is_shown(session, qtbot, show):
    page = show(RulesPage(session))
    number = next(n for n, row in enumerate(page.index.words.rows) if row[0] == "国家规定")
    page.index.selectRow(number)
    rows = {row[1]: row for row in page.rules.words.rows}
    floor = rows["法定奖励下限：转让、许可净收入或作价投资股份"]
    assert floor[2:4] == ("不低于 50%", "《促进科技成果转化法》第45条")
    assert floor[5] == "未核实"
    assert rows["科技人员现金奖励公示期"][2] == "不低于 15 个工作日"
    page.search.setText("公示")
    assert len(page.rules.words.rows) == 2
    assert "协议定价公示期" in page.quote.text()


@pytest.mark.parametrize(
    "policy", [e for p in paths.policy_book().packs for e in p.entries], ids=lambda policy: policy.key
)
def test_every_rule_can_be_said(policy):
    assert value_words(policy)


def test_a_period_is_said_in_words():
    day = dt.date(2026, 3, 2)
    assert [validity(None, None), validity(day, None), validity(None, day)] == [
        "",
        "2026-03-02 起",
        "至 2026-03-02",
    ]


# ── upkeep ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_backup_opens_with_the_same_passphrase_and_holds_the_files(settings, qtbot, tmp_path, clock, show):
    card = show(UpkeepPage(settings)).backup
    card.folder.put(tmp_path / "移动盘")
    qtbot.mouseClick(card.go, Qt.MouseButton.LeftButton)
    assert "备份完成并已核对" in card.said.text()
    assert card.done.files == 1
    copy = composition.build(card.done.folder, passphrase=OLD, clock=clock)
    with copy.desk.store.read() as connection:
        [party] = queries.rows(connection, Query("party"))
    [held] = attachments.listed(copy.desk, "party", party["id"])
    assert attachments.open_content(copy.desk, held["id"]) == "全文".encode()
    assert copy.desk.store.integrity_problems() == []
    copy.close()


def test_a_backup_of_a_damaged_attachment_is_refused_and_removed(opened, tmp_path):
    [blob] = [path for path in opened.desk.blobs.folder.glob("*/*") if path.is_file()]
    blob.write_bytes(b"broken")
    with pytest.raises(Refusal, match="已损坏"):
        workspace.back_up(opened.desk, tmp_path / "备份", lambda *_: None)
    assert list((tmp_path / "备份").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused_in_words(settings, qtbot, tmp_path, show):
    card = show(UpkeepPage(settings)).backup
    (tmp_path / "file").write_text("x")
    card.folder.put(tmp_path / "file")
    card.go.click()
    assert "不能写入" in card.said.text()
    assert card.go.isEnabled()


def test_a_copy_never_replaces_another(store, tmp_path):
    assert store.backup(tmp_path / "copy.db") == []
    with pytest.raises(FileExistsError):
        store.backup(tmp_path / "copy.db")


def test_a_copy_is_encrypted(store, tmp_path):
    store.backup(tmp_path / "desk.db")
    assert not (tmp_path / "desk.db").read_bytes().startswith(b"SQLite format 3")
    with pytest.raises(Exception, match="desk|not a database|malformed|" + tmp_path.name):
        Store.open(tmp_path, b"x" * 32)


def test_checking_counts_records_and_opens_what_is_wrong(session, desk, qtbot, put, show):
    key = put("deal", title="甲", stage="signing", deal_amount=100, paid_amount=200)
    card = show(UpkeepPage(session)).checks
    card.go.click()
    assert card.said.text().startswith("检查了 1 条记录，发现 1 处问题")
    assert card.table.words.rows[0][3] == "提示"
    with qtbot.waitSignal(session.opened) as asked:
        card.table.opened.emit(0)
    assert asked.args == ["deal", key]


# ── about ───────────────────────────────────────────────────────────────────────────────────────────


def test_diagnostics_tell_versions_and_nothing_of_the_user(session, desk, qtbot, show):
    page = show(AboutPage(session))
    page.copy_button.click()
    copied = QGuiApplication.clipboard().text()
    assert "SQLCipher：" in copied
    assert desk.device in copied
    assert desk.user not in copied
    assert diagnostics({"SQLite": "3"}, "0a").splitlines()[-1] == "设备：0a"


def test_the_room_has_its_four_tabs(session, qtbot, show):
    section = show(room.build(session))
    for number in range(len(section.views)):
        section.show_view(number)
    assert [view.label for view in section.views] == ["常规", "代码表与政策", "数据与备份", "关于"]
