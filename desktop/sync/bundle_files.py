"""The file on the stick: sealed for one reader, signed by its writer, written whole or not at all."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Final

from desktop.sync import frames, sealing
from domain.bundles import (
    ANSWER,
    BUNDLE_VERSION,
    LARGEST_CONTENT,
    REQUEST,
    Bundle,
    Content,
    bundle_parts,
    read_bundle,
)
from domain.problems import refuse
from domain.protocol import SyncAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from desktop.sync.credentials import Credentials
    from domain.problems import Refusal

EXTENSION: Final = ".tdsync"
BYTES_AT_MOST: Final = 512 << 20


def write_request(
    path: Path, credentials: Credentials, parts: Iterable[bytes], size: int, *, now_ms: int
) -> int:
    """Write what only the server can read; return the file's bytes. ``size`` is that of the parts together.

    Raises:
        Refusal: the file cannot be written.
    """
    bundle = Bundle(BUNDLE_VERSION, REQUEST, credentials.device, now_ms, b"")
    bundle.sealed = sealing.seal(credentials.server_seal_key, frames.pack_parts(parts, size), bundle.about())
    bundle.signature = sealing.sign(credentials.sign_key, bundle.words())
    written = bundle_parts(bundle)
    write_file(path, *written)
    return sum(map(len, written))


def read_answer(path: Path, credentials: Credentials) -> tuple[Content, int]:
    """Return what the server sealed for this device, and how many bytes that took.

    Raises:
        Refusal: it did not, or not for this device, or somebody has altered it.
    """
    bundle = read_file(path)
    if bundle.kind != ANSWER:
        raise refuse("bundle", "plain", why=f"“{path.name}”不是对传递包的回复，应读入服务器的应答包")
    if bundle.device != credentials.device:
        raise refuse("bundle", "plain", why=f"“{path.name}”是给另一台设备的，请读入给本设备的应答包")
    if not sealing.is_signed(credentials.server_key, bundle.words(), bundle.signature):
        raise altered(path)
    packed, size = sealing.opened(credentials.seal_key, bundle.sealed, bundle.about()), len(bundle.sealed)
    del bundle  # it may be large: what has been read is let go of before more is made of it
    if packed is None:
        raise altered(path)
    body = frames.unpack(packed, limit=LARGEST_CONTENT)
    del packed
    return frames.decoded(body, Content), size


def answers(content: Content) -> list[SyncAnswer]:
    """Return what the server said, in its order."""
    return [frames.decoded(body, SyncAnswer) for body in content.messages]


def read_file(path: Path) -> Bundle:
    """Return the bundle in a file, of whatever kind, before anything of it is believed.

    Raises:
        Refusal: it cannot be read, or is no bundle this program knows.
    """
    try:
        if path.stat().st_size > BYTES_AT_MOST:
            raise refuse("bundle", "plain", why=f"“{path.name}”太大，不是传递包")
        bundle = read_bundle(path.read_bytes())
    except OSError as error:
        why = f"读不到传递包“{path.name}”，例如 回复{EXTENSION}"
        raise refuse("bundle", "plain", why=why) from error
    if bundle is None:
        raise refuse("bundle", "plain", why=f"“{path.name}”不是完整的传递包，请从服务器重新复制")
    if bundle.version != BUNDLE_VERSION:
        raise refuse("bundle", "plain", why=f"“{path.name}”由更新的服务器写出，请先升级程序")
    return bundle


def altered(path: Path) -> Refusal:
    """Return the words about a bundle that is not what the server wrote."""
    return refuse("bundle", "plain", why=f"“{path.name}”没有本服务器的有效签名或已被改动，请从服务器重新复制")


def write_file(path: Path, *parts: bytes) -> None:
    """Write a file whole or not at all: a torn bundle on a stick is found out far away.

    Raises:
        Refusal: it cannot be written.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("wb") as out:
            out.writelines(parts)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise refuse("out", "file-not-writable", name=path.name) from error
