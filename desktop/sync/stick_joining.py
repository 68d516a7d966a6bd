"""Joining a server that this machine never reaches: the request goes out on a stick, the answer comes back.

The request is sealed for the server, because it carries a password, and signed with the device's new key. The
answer is signed by the server whose key the invitation named, and sealed for this device.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from desktop.sync import frames, registration, sealing
from desktop.sync.bundle_files import altered, read_file, write_file
from desktop.sync.troubles import SignedOutError
from domain.bundles import BUNDLE_VERSION, JOIN, WELCOME, Bundle, Content, write_bundle
from domain.enrolment import Registered
from domain.problems import Refusal, refuse

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.models.store import Store
    from desktop.sync.credentials import Credentials, Vault
    from domain.enrolment import Invitation


def ask(
    store: Store,
    vault: Vault,
    invitation: Invitation,
    path: Path,
    *,
    label: str,
    password: str,
    account: str = "",
) -> None:
    """Write the file by which the server is asked to let this device in; ``account`` as in ``register``.

    Raises:
        Refusal: the file cannot be written, or as ``registration.words`` says.
    """
    if not (invitation.server_key and invitation.seal_key):
        why = "邀请中没有服务器的公钥，不能离线接入，请向管理员索取新的邀请"
        raise refuse("invitation", "plain", why=why)
    keys, asked = registration.words(
        store, vault, invitation, label=label, password=password, account=account
    )
    vault.write(replace(keys, server_key=invitation.server_key, server_seal_key=invitation.seal_key))
    bundle = Bundle(BUNDLE_VERSION, JOIN, 0, time.time_ns() // 1_000_000, b"")
    content = frames.pack(msgspec.msgpack.encode(Content([msgspec.json.encode(asked)])))
    bundle.sealed = sealing.seal(invitation.seal_key, content, bundle.about())
    bundle.signature = sealing.sign(keys.sign_key, bundle.words())
    write_file(path, write_bundle(bundle))


def is_welcome(path: Path) -> bool:
    """Tell whether a file answers a request to join; one that cannot be read is none."""
    try:
        return read_file(path).kind == WELCOME
    except Refusal:
        return False


def read_welcome(store: Store, vault: Vault, path: Path) -> Credentials:
    """Take in the server's answer: this workspace is a device of the server from now on.

    Raises:
        Refusal: nobody here asked, the file is for another device or was altered, or the workspace belongs to
            another organisation.
    """
    keys = _asking(vault)
    bundle = read_file(path)
    if bundle.kind != WELCOME:
        raise refuse("bundle", "plain", why=f"“{path.name}”不是对接入请求的回复")
    if not sealing.is_signed(keys.server_key, bundle.words(), bundle.signature):
        raise altered(path)
    sealed = sealing.opened(keys.seal_key, bundle.sealed, bundle.about())
    if sealed is None:
        raise refuse("bundle", "plain", why=f"“{path.name}”是给另一台设备的，请读入给本设备的接入回复")
    (told,) = frames.decoded(frames.unpack(sealed), Content).messages
    answer = msgspec.json.decode(told, type=Registered)
    if keys.device == answer.device:
        return keys  # it was read before; what the device holds since is newer
    return registration.keep(store, vault, keys, answer)


def _asking(vault: Vault) -> Credentials:
    try:
        keys = vault.held()
    except SignedOutError as error:
        raise refuse("server", "plain", why="接入请求的密钥已不在系统钥匙串中，请重新写出接入请求") from error
    if keys is None or not keys.server_key:
        why = "本工作区没有写出过接入请求，例如 transfer-desk join 邀请文件 --stick 请求.tdsync"
        raise refuse("server", "plain", why=why)
    return keys
