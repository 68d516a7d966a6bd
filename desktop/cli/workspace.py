"""Opening the workspace for a command, and the three ways a command can speak."""

from __future__ import annotations

import contextlib
import getpass
import json
import sys
from typing import TYPE_CHECKING, Any

from desktop import paths
from domain.problems import Refusal, refuse

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from desktop.services.desk import Desk


@contextlib.contextmanager
def opened(arguments: argparse.Namespace, passphrase: str | None) -> Iterator[Desk]:
    """Open the workspace, asking for the passphrase on a terminal where one is needed.

    Raises:
        Refusal: no passphrase was given where one is needed, or it is wrong; or no passphrase would help.
    """
    from desktop import app as application
    from desktop.models.keys import PassphraseNeededError, WrongPassphraseError
    from desktop.services.workspace import WHY_CLOSED

    folder = paths.data_dir(arguments.data_dir)
    if passphrase is None and application.needs_passphrase(folder) and sys.stdin.isatty():
        passphrase = _asked(new=application.is_new(folder))
    try:
        app = application.build(folder, passphrase=passphrase)
    except PassphraseNeededError as error:
        raise refusal("打开工作区需要口令：请在环境变量 TRANSFER_DESK_PASSPHRASE 中给出") from error
    except WrongPassphraseError as error:
        raise refusal(f"口令不对，打不开 {folder}") from error
    except tuple(WHY_CLOSED) as error:
        raise refusal(f"打不开 {folder}：{WHY_CLOSED[type(error)]}") from error
    try:
        yield app.desk
    finally:
        app.close()


def _asked(*, new: bool) -> str:
    """Ask for the passphrase; for a new workspace twice, for a slip would lock it for good.

    Raises:
        Refusal: a new one is easy to guess, or was typed differently the second time.
    """
    from desktop.services.passphrases import acceptable, strength

    typed = getpass.getpass("为新工作区设口令（忘记后无法找回）：" if new else "工作区口令：")
    if new and not acceptable(typed):
        raise refusal(strength(typed))
    if new and getpass.getpass("再输一次：") != typed:
        raise refusal("两次输入的口令不同，请重来")
    return typed


def refusal(why: str) -> Refusal:
    """Return the refusal of a command for a reason in words."""
    return refuse("", "plain", why=why)


def complain(line: str) -> None:
    """Say why something was refused, where errors are read."""
    print(line, file=sys.stderr)


def tell(arguments: argparse.Namespace, facts: dict[str, Any], sentence: str) -> None:
    """Print the outcome: a sentence for people, one JSON line for programs."""
    print(json.dumps(facts, ensure_ascii=False, default=str) if arguments.json else sentence)


def known_type(name: str) -> str:
    """Return the record type of a name, label or alias.

    Raises:
        Refusal: there is none; the message lists those there are.
    """
    from domain.records import RECORD_TYPES

    for known in RECORD_TYPES.values():
        if name in (known.name, known.label, *known.aliases):
            return known.name
    raise refusal(f"没有记录类型“{name}”，可用：{'、'.join(RECORD_TYPES)}")
