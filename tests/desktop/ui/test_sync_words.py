"""How the state of sync is told in words."""

from __future__ import annotations

import datetime as dt

import pytest

from desktop.sync.status import Progress
from desktop.ui.widgets import sync_words
from domain.protocol import Notice
from tests.linked import status

NOW = dt.datetime(2026, 3, 2, 9, 42, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (None, "● 本机"),
        (status("off"), "● 本机"),
        (status(last_success=NOW), "● 已同步 09:42"),
        (status(last_success=NOW - dt.timedelta(days=1)), "● 已同步 昨天 09:42"),
        (status("syncing", waiting=12), "◐ 待上传 12"),
        (status("idle", waiting=2, flying=1, last_success=NOW), "◐ 待上传 3"),
        (status("syncing"), "◐ 正在同步"),
        (status("offline"), "○ 离线（可正常工作）"),
        (status("offline", waiting=12), "○ 离线（可正常工作） · 待上传 12"),
        (status("held", waiting=3), "○ 强制离线（可正常工作） · 待上传 3"),
        (status("idle", conflicts=1), "▲ 冲突 1"),
        (status("offline", conflicts=2), "▲ 冲突 2 · 离线"),
        (status("idle", conflicts=2, waiting=5, flying=1), "▲ 冲突 2 · 待上传 6"),
        (status("held", refused=2, waiting=1), "✖ 需要处理（被退回 2） · 待上传 1 · 强制离线"),
        (status("idle", refused=2), "✖ 需要处理（被退回 2）"),
        (status("trouble", trouble="signed-out", conflicts=1), "✖ 需要处理（登录过期）"),
        (status("trouble", trouble="too-old"), "✖ 需要处理（版本过旧）"),
        (status("trouble", trouble="disk-full"), "✖ 需要处理（磁盘不足）"),
        (status(waiting=2, notices=(Notice("too-old"),)), "✖ 需要处理（版本过旧）"),
        (status("trouble", trouble="busy", waiting=4), "◐ 待上传 4"),
    ],
)
def test_the_indicator_says_in_words_how_sync_stands(told, words):
    assert sync_words.told(told, NOW).words == words


@pytest.mark.parametrize("trouble", ["signed-out", "too-old", "broken", "busy", "revoked", "wrong-server"])
def test_a_trouble_never_only_says_failed(trouble):
    why = sync_words.told(status("trouble", trouble=trouble, waiting=3), NOW).why
    assert "失败" not in why
    assert len(why) > 10


def test_progress_is_told_where_it_is_known():
    told = status("syncing", progress=Progress("receiving", 40, 200, 1, 1))
    assert sync_words.told(told, NOW).why == "正在接收，已取得 40/200 条。"
