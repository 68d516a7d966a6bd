"""Joining without a network in the window: the request is written, the real server answers it."""

from __future__ import annotations

from typing import Any

from desktop.services.server_link import ServerLink
from desktop.ui.sync.page import LINE, build
from desktop.ui.widgets.session import Session
from server.attachments.carried import Carrier
from server.sync.bundles import answer_file
from tests.offices import PASSWORD, MemoryKeyring, now, write_invitation


def test_a_request_goes_out_and_the_answer_comes_in(office, session, desk, tmp_path, qtbot):
    link = ServerLink(desk, MemoryKeyring(), "test", ways={"connect": office.connect, "listens": False})
    held = Session(desk, session.jobs, session.kept, session, link=link)
    room = build(held)
    qtbot.addWidget(room)
    room.show_view(LINE)
    page: Any = room.current_view
    page.by_stick.ask()
    assert "请先填好" in page.by_stick.said.text()
    page.join.file.take(write_invitation(office.invite(), tmp_path / "高璟.tdinvite"))
    page.join.device.setText("内网机")
    page.join.password.setText(PASSWORD)
    page.join.again.setText(PASSWORD)
    page.by_stick.out.put(tmp_path / "请求.tdsync")
    page.by_stick.ask()
    assert "已写出接入请求" in page.by_stick.said.text()
    assert not link.joined
    state = office.app.state
    out, back = tmp_path / "请求.tdsync", tmp_path / "回复.tdsync"
    page.by_stick.read()
    assert "请先选择" in page.by_stick.said.text()
    answer_file(state.database, state.keys, Carrier(state.blobs), out, back, now=now())
    page.by_stick.into.put(back)
    try:
        page.by_stick.read()
        assert link.joined
        assert page.join.isHidden()
        assert page.by_stick.isHidden()
        assert not page.carry.isHidden()
    finally:
        link.end()
