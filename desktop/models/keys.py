"""Where the store's 256-bit key comes from: the system's keyring, or a passphrase of the user.

The key itself is random and never changes with the passphrase: Argon2id turns the passphrase into a key
that wraps it (AES-256-GCM). ``keyring`` picks whatever back end is installed, some of which ask on the
terminal; only those the operating systems themselves provide are trusted.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import keyring
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from keyring.errors import KeyringError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SERVICE: Final = "transfer-desk"
KEY_FILE: Final = "key.json"
KEY_BYTES: Final = 32
TRUSTED_BACKENDS: Final = (
    "keyring.backends.Windows.WinVaultKeyring",
    "keyring.backends.macOS.Keyring",
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
)
ARGON2: Final[Mapping[str, int]] = {"time_cost": 3, "memory_cost": 65_536, "parallelism": 2}


class PassphraseNeededError(Exception):
    """The store is locked by a passphrase and none was given."""


class KeyringMissingError(Exception):
    """The key is in the system's keyring, and this session cannot read it; no passphrase helps."""


class WrongPassphraseError(Exception):
    """The passphrase does not open the key."""


class Keyring(Protocol):
    """The two calls we need of the system's keyring."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...


def system_keyring() -> Keyring | None:
    """Return the operating system's keyring, or None where there is no trusted one."""
    try:
        found = keyring.get_keyring()
    except (KeyringError, RuntimeError):
        return None
    for backend in getattr(found, "backends", [found]):
        if f"{type(backend).__module__}.{type(backend).__qualname__}" in TRUSTED_BACKENDS:
            trusted: Keyring = backend
            return trusted
    return None


@dataclass(frozen=True, slots=True)
class KeyStore:
    """The key of one workspace folder."""

    folder: Path
    keyring: Keyring | None

    @property
    def _file(self) -> Path:
        return self.folder / KEY_FILE

    def exists(self) -> bool:
        """Tell whether this workspace already has a key."""
        return self._file.exists()

    def needs_passphrase(self) -> bool:
        """Tell whether the user must be asked before the store can be opened."""
        if self.exists():
            return bool(self._read()["wrapped"])
        return self.keyring is None

    def unlock(self, passphrase: str | None) -> bytes:
        """Return the key, making one for a new workspace.

        A passphrase given for a new workspace wraps its key; without one the keyring holds it.

        Raises:
            PassphraseNeededError: there is no trusted keyring, or the key is wrapped, and no passphrase came.
            WrongPassphraseError: the passphrase does not open the key.
            KeyringMissingError: the key lies in a keyring that is locked, gone or another user's.
        """
        if not self.exists():
            return self._create(passphrase)
        told = self._read()
        if told["wrapped"]:
            if not passphrase:
                raise PassphraseNeededError
            return _unwrap(told["wrapped"], passphrase)
        held = self._held(told["workspace"])
        if not held:
            raise KeyringMissingError(str(self.folder))
        return base64.b64decode(held)

    def _held(self, workspace: str) -> str | None:
        """Return what the keyring holds for a workspace; one that does not answer holds nothing."""
        try:
            return self.keyring.get_password(SERVICE, workspace) if self.keyring else None
        except KeyringError:
            return None

    def change_passphrase(self, old: str | None, new: str) -> None:
        """Wrap the same key by another passphrase; the store itself is not touched.

        Raises:
            PassphraseNeededError, WrongPassphraseError, KeyringMissingError: as ``unlock``; the first also
                when the new one is empty.
        """
        key = self.unlock(old)
        if not new:
            raise PassphraseNeededError
        self._write({"workspace": self._read()["workspace"], "wrapped": _wrap(key, new)})

    def destroy(self) -> None:
        """Make this workspace unreadable for good: without its key the store is noise.

        Only a server's signed order or its owner may ask for this.
        """
        workspace = self._read()["workspace"]
        if self.keyring:
            with contextlib.suppress(KeyringError):
                self.keyring.set_password(SERVICE, workspace, "")
        self._write({"workspace": workspace, "wrapped": None})

    def _create(self, passphrase: str | None) -> bytes:
        key = secrets.token_bytes(KEY_BYTES)
        workspace = secrets.token_hex(8)
        if passphrase:
            self._write({"workspace": workspace, "wrapped": _wrap(key, passphrase)})
        elif self.keyring:
            self.keyring.set_password(SERVICE, workspace, base64.b64encode(key).decode())
            self._write({"workspace": workspace, "wrapped": None})
        else:
            raise PassphraseNeededError
        return key

    def _read(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._file.read_text("utf-8"))
        return told

    def _write(self, told: Mapping[str, Any]) -> None:
        """Write the key file whole or not at all: a torn one would lose the store."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as out:
            json.dump(told, out, indent=1)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(self._file)


def _stretch(passphrase: str, told: Mapping[str, Any]) -> bytes:
    return hash_secret_raw(
        passphrase.encode(),
        base64.b64decode(told["salt"]),
        time_cost=told["time_cost"],
        memory_cost=told["memory_cost"],
        parallelism=told["parallelism"],
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _wrap(key: bytes, passphrase: str) -> dict[str, Any]:
    nonce = secrets.token_bytes(12)
    told: dict[str, Any] = {
        "kdf": "argon2id",
        **ARGON2,
        "salt": base64.b64encode(secrets.token_bytes(16)).decode(),
    }
    sealed = AESGCM(_stretch(passphrase, told)).encrypt(nonce, key, SERVICE.encode())
    return {**told, "sealed": base64.b64encode(nonce + sealed).decode()}


def _unwrap(told: Mapping[str, Any], passphrase: str) -> bytes:
    sealed = base64.b64decode(told["sealed"])
    try:
        return AESGCM(_stretch(passphrase, told)).decrypt(sealed[:12], sealed[12:], SERVICE.encode())
    except InvalidTag as error:
        raise WrongPassphraseError from error
