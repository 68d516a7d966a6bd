"""How sync is said in a few words, the same in the status bar, in the sync centre and on records.

The wording of the indicator is binding (product design, section 3.3): a sign, words, never colour alone, and
never just "failed": what was not sent is safe here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop.sync.status import Status
    from desktop.ui.theme import Tone

LOCAL: Final = "● 本机"
OFFLINE: Final = "○ 离线（可正常工作）"


@dataclass(frozen=True, slots=True)
class Told:
    """The indicator: its words, its tone, and the sentence that explains them."""

    words: str
    tone: Tone
    why: str


TROUBLES: Final[Mapping[str, tuple[str, str]]] = {
    "signed-out": ("登录过期", "请在同步中心重新登录；未上传的修改都安全保存在本机。"),
    "revoked": ("设备已停用", "管理员停用了这台设备；未上传的修改都安全保存在本机，请联系管理员。"),
    "too-old": ("版本过旧", "请升级程序；未上传的修改都安全保存在本机，升级后继续上传。"),
    "disk-full": ("磁盘不足", "磁盘空间不足，暂停接收；腾出空间后自动继续，已有数据不受影响。"),
    "wrong-server": ("服务器身份不符", "对方不是邀请中的服务器，没有发送任何内容；请向管理员核实。"),
    "broken": ("服务器应答有误", "没有上传的修改都安全保存在本机；请导出日志发给维护人员。"),
}
ABSENT: Final[Mapping[str, str]] = {"offline": " · 离线", "held": " · 强制离线"}
"""What is added to a state that asks for somebody while there is no network."""
TOO_OLD: Final = "too-old"
PASSING: Final[Mapping[str, str]] = {
    "busy": "服务器正忙，稍后自动再试；未上传的修改安全保存在本机。",
    "store-busy": "本机正在写入，稍后自动再试。",
}
"""Troubles that mend themselves: nobody has to do anything."""


def told(status: Status | None, now: dt.datetime) -> Told:
    """Return the indicator of a moment; ``now`` in local time."""
    if status is None or status.phase == "off":
        return Told(
            LOCAL, "neutral", "数据只保存在本机；没有接入服务器也能新建、修改、检索和打印。点击进入同步中心。"
        )
    counts, trouble = status.counts, status.trouble or ""
    if any(notice.code == TOO_OLD for notice in status.notices) and counts.waiting + counts.in_flight:
        trouble = TOO_OLD  # it still receives, but what it sends is not answered
    if trouble and trouble not in PASSING:
        words, why = TROUBLES.get(trouble, ("同步中断", "未上传的修改都安全保存在本机。"))
        return Told(f"✖ 需要处理（{words}）", "danger", why)
    waiting = counts.waiting + counts.in_flight
    more = (f" · 待上传 {waiting}" if waiting else "") + ABSENT.get(status.phase, "")
    if counts.conflicts:
        why = f"{counts.conflicts} 处内容被两个人同时修改，请选择以哪个为准；两个版本都保留着。"
        return Told(f"▲ 冲突 {counts.conflicts}{more}", "warning", why)
    if counts.refused:
        why = f"{counts.refused} 处修改没有被服务器接受，原样保存在本机，请到同步中心查看。"
        return Told(f"✖ 需要处理（被退回 {counts.refused}）{more}", "danger", why)
    return _quiet(status, now)


def _quiet(status: Status, now: dt.datetime) -> Told:
    waiting = status.counts.waiting + status.counts.in_flight
    kept = f"{waiting} 条修改安全保存在本机，" if waiting else ""
    if status.phase in ("offline", "held"):
        words = OFFLINE if status.phase == "offline" else "○ 强制离线（可正常工作）"
        after = "联网后自动上传。" if status.phase == "offline" else "恢复联网后上传。"
        more = f" · 待上传 {waiting}" if waiting else ""
        return Told(words + more, "neutral", f"{kept}{after}" if kept else f"可正常工作，{after}")
    if status.phase == "syncing" and not waiting:
        return Told("◐ 正在同步", "accent", progress_words(status) or "正在与服务器核对。")
    if waiting:
        why = PASSING.get(status.trouble or "") or progress_words(status) or f"{kept}正在上传。"
        return Told(f"◐ 待上传 {waiting}", "accent", why)
    at = moment(status.last_success, now)
    if not at:
        return Told("◐ 正在同步", "accent", "正在与服务器核对。")
    return Told(f"● 已同步 {at}", "success", "本机的修改都已上传，服务器上的新内容都已取得。")


def progress_words(status: Status) -> str:
    """Return how far the running sync is."""
    progress = status.progress
    if progress is None:
        return ""
    if progress.what == "sending":
        return f"正在上传，已发送 {progress.rows} 条。"
    if progress.what == "files":
        return "正在传送附件。"
    of = f"/{progress.rows_total}" if progress.rows_total else ""
    return f"正在接收，已取得 {progress.rows}{of} 条。"


def moment(at: dt.datetime | None, now: dt.datetime) -> str:
    """Return a moment as short as it is clear: 09:42, 昨天 09:42, 3月2日."""
    if at is None:
        return ""
    local = at.astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    if local.date() == now.date() - dt.timedelta(days=1):
        return f"昨天 {local:%H:%M}"
    return f"{local.month}月{local.day}日"


CHIPS: Final[Mapping[str, tuple[str, Tone]]] = {
    "local": ("本机", "neutral"),
    "queued": ("排队", "info"),
    "synced": ("已同步", "success"),
    "conflict": ("冲突", "warning"),
    "refused": ("被退回", "danger"),
}
"""How one record stands: the word on its chip, and the tone."""
