"""What a new workspace's passphrase must be like, in the window and on the command line."""

from __future__ import annotations

import re
from typing import Final

LEAST: Final = 10
GOOD: Final = 16
VARIED: Final = 3
"""Kinds of characters that make up for some length."""


def strength(passphrase: str) -> str:
    """Return a hint on how hard a passphrase is to guess: its length first, then its variety."""
    kinds = sum(bool(re.search(kind, passphrase)) for kind in (r"[a-z]", r"[A-Z]", r"\d", r"[^\sA-Za-z0-9]"))
    if len(passphrase) < LEAST:
        return f"至少 {LEAST} 个字符，现有 {len(passphrase)} 个。一句自己记得住的话最好。"
    if len(set(passphrase)) < LEAST // 2:
        return "重复的字符太多，容易被猜中，请换一句。"
    if len(passphrase) >= GOOD or kinds >= VARIED:
        return "强度：好"
    return "强度：可用。更长一些会更安全。"


def acceptable(passphrase: str) -> bool:
    """Tell whether a new passphrase may be used."""
    return strength(passphrase).startswith("强度")
