"""Looking after the workspace itself: its passphrase, its user's name, and a copy that is proven to open."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop.models import settings
from desktop.models.blobs import FOLDER as BLOBS
from desktop.models.blobs import Blobs, DamagedBlobError
from desktop.models.keys import (
    KEY_FILE,
    KeyringMissingError,
    KeyStore,
    PassphraseNeededError,
    WrongPassphraseError,
    system_keyring,
)
from desktop.models.store import FILE, StoreDamagedError, WrongKeyError
from domain.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from desktop.services.desk import Desk

SHORTEST_PASSPHRASE: Final = 8
USER_AT_MOST: Final = 60
WHY_CLOSED: Final[Mapping[type[Exception], str]] = {
    KeyringMissingError: (
        "密钥在本机系统密钥环中，当前会话读不到它。"
        "请以平时使用的账户登录桌面、解锁密钥环后再试；也可以从设有口令的备份恢复。"
    ),
    StoreDamagedError: "库文件已损坏，请从备份恢复。",
    WrongKeyError: "库文件与密钥对不上：文件已损坏，或不属于这个工作区。请从备份恢复。",
}
"""Why a workspace does not open, whatever passphrase is given."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished copy: where it is, how many attachment files it holds, and its size in bytes."""

    folder: Path
    files: int
    size: int


def folder_of(desk: Desk) -> Path:
    """Return the folder of the workspace."""
    return desk.store.path.parent


def has_passphrase(desk: Desk) -> bool:
    """Tell whether a passphrase opens the workspace; without one the key is in the system's keyring.

    Only a workspace with a passphrase can be opened from its copy on another machine.
    """
    return KeyStore(folder_of(desk), None).needs_passphrase()


def change_passphrase(desk: Desk, *, old: str, new: str, again: str) -> None:
    """Put another passphrase on the workspace; its data are not touched.

    Raises:
        Refusal: the old passphrase is wrong, or the new one is too short or was typed differently twice.
    """
    if len(new) < SHORTEST_PASSPHRASE:
        raise refuse("new", "plain", why=f"新口令至少 {SHORTEST_PASSPHRASE} 个字符，例如一句只有您知道的话")
    if new != again:
        raise refuse("again", "plain", why="两次输入的新口令不一致，请重新输入")
    try:
        KeyStore(folder_of(desk), system_keyring()).change_passphrase(old or None, new)
    except (WrongPassphraseError, PassphraseNeededError) as error:
        raise refuse("old", "plain", why="原口令不对，请检查大小写和输入法状态") from error
    except KeyringMissingError as error:
        raise refuse("old", "plain", why=WHY_CLOSED[KeyringMissingError]) from error


def user_name(desk: Desk) -> str:
    """Return the name that the next start of the program will work under."""
    with desk.store.read() as connection:
        return str(settings.read(connection, "user", desk.user))


def rename_user(desk: Desk, *, name: str) -> str:
    """Keep the user's name for the log; it holds from the next start, so that undo knows its own steps.

    Raises:
        Refusal: the name is empty or too long.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= USER_AT_MOST:
        raise refuse("user", "plain", why=f"姓名应为 1 至 {USER_AT_MOST} 个字，例如 高璟")
    with desk.store.write() as connection:
        settings.write(connection, "user", name)
    return name


def back_up(desk: Desk, folder: Path, progress: Callable[[int, int], None]) -> Backup:
    """Copy the whole workspace into a new folder inside ``folder`` and prove that the copy opens.

    The store is copied first and the attachments after it: whatever the copy refers to is then there.
    Each attachment is decrypted once in its new place. What ``progress`` raises removes the copy.

    Raises:
        Refusal: the folder cannot be written, or the copy is not sound.
    """
    target = folder / f"技转工作台备份-{desk.clock().astimezone():%Y%m%d-%H%M%S}"
    try:
        target.mkdir(parents=True)
    except OSError as error:
        raise refuse("folder", "plain", why=f"不能写入“{folder}”，请换一个文件夹") from error
    try:
        return _copy(desk, target, progress)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise refuse("folder", "plain", why=f"备份没有完成：{error.strerror or error}") from error
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _copy(desk: Desk, target: Path, progress: Callable[[int, int], None]) -> Backup:
    wrong = desk.store.backup(target / FILE)
    if wrong:
        raise refuse("folder", "plain", why=f"备份文件检查不通过：{'；'.join(wrong)}")
    key = folder_of(desk) / KEY_FILE
    if key.exists():
        shutil.copy2(key, target / KEY_FILE)
    copied = Blobs(target / BLOBS, desk.blobs.cipher)
    files = sorted(path for path in desk.blobs.folder.glob("*/*") if not path.suffix)
    for number, path in enumerate(files):
        progress(number, len(files))
        place = target / BLOBS / path.parent.name / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)
        try:
            copied.get(path.name)
        except DamagedBlobError as error:
            raise refuse("folder", "plain", why=f"附件 {path.name[:12]}… 已损坏，无法备份") from error
    progress(len(files), len(files))
    return Backup(target, len(files), sum(p.stat().st_size for p in target.rglob("*") if p.is_file()))
