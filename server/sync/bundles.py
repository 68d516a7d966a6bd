"""Answers a device that comes by USB stick: the same conversation as over the network, in sealed files.

A bundle may come twice, late or not at all. Its batches take effect once, and its answer carries everything
from where the device then was, so that whichever answer arrives brings it up to date.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from domain.bundles import (
    ANSWER,
    BUNDLE_VERSION,
    BYTES_OF_ANSWERS,
    JOIN,
    LARGEST_CONTENT,
    REQUEST,
    WELCOME,
    Bundle,
    Carried,
    Content,
    Kind,
    Wish,
    read_bundle,
    write_bundle,
)
from domain.enrolment import Registration
from domain.problems import Refusal, refuse
from domain.protocol import SyncAnswer, SyncRequest, Want, decode_request, encode
from server import frames
from server.accounts import registration
from server.caller import Caller
from server.denials import Denied
from server.records.push import MalformedError
from server.sync.conversation import converse

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from server.accounts.server_keys import ServerKeys
    from server.postgres.database import Database

SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
BYTES_AT_MOST: Final = 512 << 20

ASKING: Final[dict[Kind, Kind]] = {REQUEST: ANSWER, JOIN: WELCOME}
"""The kinds of bundle a device sends, each with the kind that answers it."""

WORDS: Final = {
    "copied": "服务器已收到这台设备更新的包，这一个不再需要；如果工作区是从备份恢复的，请联网同步一次"
}
"""What a person with a stick reads instead of what a device is told over the network."""
_DEVICE: Final = """
    SELECT device.number, device.label, account.id::text, account.name, account.role,
        account.organisation::text, device.sign_key, device.seal_key
    FROM device JOIN account ON account.id = device.account
    WHERE device.number = %s AND device.revoked_at IS NULL AND account.disabled_at IS NULL
"""


class Files(Protocol):
    """Where the files on a stick go to and come from."""

    def take(self, caller: Caller, files: list[Carried], now: dt.datetime) -> list[bytes]:
        """Keep files; return which are whole here."""

    def give(self, caller: Caller, wishes: list[Wish]) -> list[Carried]:
        """Return what a stick takes of the files that the caller may have."""


def answer_file(
    database: Database, keys: ServerKeys, files: Files, path: Path, out: Path, *, now: dt.datetime
) -> Caller:
    """Answer the bundle in a file with another file and return whose it was.

    Raises:
        Refusal: a file cannot be read or written, or as ``answer``.
    """
    try:
        if path.stat().st_size > BYTES_AT_MOST:
            raise refuse("bundle", "plain", why=f"“{path.name}”太大，不是传递包")
        body = path.read_bytes()
    except OSError as error:
        raise refuse("bundle", "plain", why=f"读不到传递包“{path.name}”") from error
    caller, answered = answer(database, keys, files, body, now=now)
    draft = out.with_name(f"{out.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("wb") as sink:
            sink.write(answered)
            sink.flush()
            os.fsync(sink.fileno())
        draft.replace(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise refuse("out", "file-not-writable", name=out.name) from error
    return caller


def answer(
    database: Database, keys: ServerKeys, files: Files, body: bytes, *, now: dt.datetime
) -> tuple[Caller, bytes]:
    """Carry out what a bundle asks; return whose it was and the bundle that answers it.

    Raises:
        Refusal: it is no bundle, was altered, or its device is not known (any more).
    """
    bundle = read_bundle(body)
    if bundle is None or bundle.version != BUNDLE_VERSION or bundle.kind not in ASKING:
        raise refuse("bundle", "plain", why="这不是完整的、发往服务器的传递包，请从工作台重新导出")
    try:
        if bundle.kind == JOIN:
            caller, seal_key, content = _joined(database, keys, bundle, now)
        else:
            caller, sign_key, seal_key = _device(database, bundle.device)
            _demand_signed(bundle, sign_key)
            asked = _unsealed(keys, bundle)
            content = Content(_answers(database, caller, decode_request(asked.messages[0]), now))
            content.stored = files.take(caller, asked.files, now)
            content.files = files.give(caller, asked.wishes)
    except Denied as denied:
        why = WORDS.get(denied.trouble.code) or denied.trouble.text or denied.trouble.code
        raise refuse("bundle", "plain", why=why) from denied
    except (MalformedError, msgspec.MsgspecError) as damaged:
        raise _altered() from damaged
    made = Bundle(BUNDLE_VERSION, ASKING[bundle.kind], caller.device, int(now.timestamp() * 1000), b"")
    packed = frames.pack(encode(content))
    made.sealed = SUITE.encrypt(packed, X25519PublicKey.from_public_bytes(seal_key), made.about())
    made.signature = Ed25519PrivateKey.from_private_bytes(keys.sign_seed).sign(made.words())
    return caller, write_bundle(made)


def _device(database: Database, number: int) -> tuple[Caller, bytes, bytes]:
    with database.reading() as connection:
        row: Any = connection.execute(_DEVICE, (number,)).fetchone()
    if row is None:
        raise refuse("bundle", "plain", why=f"没有编号为 {number} 的设备，或已停用；可用 device list 查看")
    number, label, account, name, role, organisation, sign_key, seal_key = row
    return Caller(number, label, account, name, role, organisation), bytes(sign_key), bytes(seal_key)


def _joined(
    database: Database, keys: ServerKeys, bundle: Bundle, now: dt.datetime
) -> tuple[Caller, bytes, Content]:
    """Let a device in that never was on the network; return who it is, its key, and what it is told.

    Raises:
        Denied: as ``registration.register``.
        Refusal: the bundle was altered, or is not by the device that it names.
    """
    asked = msgspec.json.decode(_unsealed(keys, bundle).messages[0], type=Registration)
    _demand_signed(bundle, registration.key(asked.sign_key))
    told = registration.register(database, keys, asked, address="stick", now=now)
    caller, _, seal_key = _device(database, told.device)
    return caller, seal_key, Content([msgspec.json.encode(told)])


def _demand_signed(bundle: Bundle, sign_key: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(sign_key).verify(bundle.signature, bundle.words())
    except (InvalidSignature, ValueError) as error:
        raise _altered() from error


def _unsealed(keys: ServerKeys, bundle: Bundle) -> Content:
    """Return what is in a bundle.

    Raises:
        Refusal: somebody has altered it, or it is for another server.
    """
    try:
        private = X25519PrivateKey.from_private_bytes(keys.seal_seed)
        content = frames.unpack(SUITE.decrypt(bundle.sealed, private, bundle.about()), limit=LARGEST_CONTENT)
        found = msgspec.msgpack.decode(content, type=Content)
    except (InvalidTag, ValueError, msgspec.MsgspecError) as error:
        raise _altered() from error
    if not found.messages:
        raise _altered()
    return found


def _altered() -> Refusal:
    return refuse("bundle", "plain", why="传递包已被改动，或是给另一台服务器的，请从工作台重新导出")


def _answers(database: Database, caller: Caller, request: SyncRequest, now: dt.datetime) -> list[bytes]:
    """Say everything there is to say, page after page."""
    messages: list[bytes] = []
    while True:
        with database.reading() as connection:
            answered, _ = converse(connection, caller, request, now)
        messages.append(encode(answered))
        if not _go_on(request, answered) or sum(map(len, messages)) > BYTES_OF_ANSWERS:
            return messages


def _go_on(request: SyncRequest, answered: SyncAnswer) -> bool:
    """Make the request that a device would send next; False when it would be done."""
    wants = {want.scope: want for want in request.wants}
    if answered.scopes is not None:
        wants = {one.scope: wants.get(one.scope, Want(one.scope, 0)) for one in answered.scopes}
    for page in answered.pages:
        want = wants[page.scope]
        if want.epoch != page.epoch:
            want.cursor = want.staged = want.heard = want.mark = 0
            want.anew = want.epoch != 0
        want.epoch, want.count = page.epoch, -1
        if page.until >= page.head:
            want.cursor, want.staged = page.until, 0
        else:
            want.staged = page.until
        want.heard, want.mark = page.head, page.mark
    request.batches, request.grants, request.wants = [], answered.grants, list(wants.values())
    return answered.scopes is not None or any(page.until < page.head for page in answered.pages)
