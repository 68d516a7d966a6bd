"""Everything the window can do by key, named once: shortcuts, palette and key sheet all read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a user can ask for; ``keys`` are portable key sequences, the first is shown."""

    name: str
    label: str
    keys: tuple[str, ...]
    icon: str
    group: str
    in_palette: bool = True


ACTIONS: Final = (
    Action("search", "搜索与命令", ("Ctrl+K",), "search", "查找", in_palette=False),
    Action("filter", "筛选当前列表", ("Ctrl+F",), "filter", "查找"),
    Action("new", "新建记录", ("Ctrl+N",), "plus", "编辑"),
    Action("save", "保存", ("Ctrl+S",), "check", "编辑"),
    Action("undo", "撤销", ("Ctrl+Z",), "undo", "编辑"),
    Action("redo", "重做", ("Ctrl+Y", "Ctrl+Shift+Z"), "redo", "编辑"),
    Action("sync-now", "立即同步", ("F5",), "sync", "同步"),
    Action("back", "后退", ("Alt+Left",), "back", "导航"),
    Action("forward", "前进", ("Alt+Right",), "forward", "导航"),
    Action("leave", "返回列表", ("Esc",), "back", "导航", in_palette=False),
    Action("rail", "展开或收起侧栏", ("Ctrl+B",), "menu", "外观"),
    Action("theme", "切换浅色与深色", ("Ctrl+Shift+D",), "moon", "外观"),
    Action("keys", "快捷键一览", ("Ctrl+/",), "keyboard", "帮助"),
)
BY_NAME: Final = {action.name: action for action in ACTIONS}

IN_LISTS: Final = (
    ("打开选中的记录", "Enter"),
    ("删除选中的记录（可撤销）", "Delete"),
    ("选中多条", "Shift+↑↓"),
    ("全选", "Ctrl+A"),
)
"""Keys that lists understand by themselves; for the key sheet."""


def shown(keys: str) -> str:
    """Return a key sequence as people read it."""
    return keys.replace("Left", "←").replace("Right", "→")
