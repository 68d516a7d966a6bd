"""The store's key: wrapped by a passphrase or held by a trusted keyring, and never half written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringError, KeyringLocked

from desktop.models import keys
from desktop.models.keys import (
    KeyringMissingError,
    KeyStore,
    PassphraseNeededError,
    WrongPassphraseError,
    system_keyring,
)


class MemoryKeyring:
    """A keyring that forgets everything at the end of the test."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


@pytest.fixture(autouse=True)
def cheap_argon2(monkeypatch):
    """The real cost is kept in the file, so a cheap one proves the same and is quicker."""
    monkeypatch.setattr(keys, "ARGON2", {"time_cost": 1, "memory_cost": 64, "parallelism": 1})


def test_a_passphrase_wraps_a_random_key_that_it_alone_opens(tmp_path):
    store = KeyStore(tmp_path / "desk", None)
    assert store.needs_passphrase()
    key = store.unlock("开门")
    assert len(key) == keys.KEY_BYTES
    assert store.exists()
    assert store.needs_passphrase()
    assert store.unlock("开门") == key
    with pytest.raises(WrongPassphraseError):
        store.unlock("关门")
    for nothing in (None, ""):
        with pytest.raises(PassphraseNeededError):
            store.unlock(nothing)


def test_two_workspaces_have_two_keys_even_with_one_passphrase(tmp_path):
    assert KeyStore(tmp_path / "a", None).unlock("同") != KeyStore(tmp_path / "b", None).unlock("同")


def test_the_key_file_holds_no_key(tmp_path):
    key = KeyStore(tmp_path, None).unlock("开门")
    text = (tmp_path / keys.KEY_FILE).read_text("utf-8")
    assert key.hex() not in text
    assert "开门" not in text
    assert json.loads(text)["wrapped"]["kdf"] == "argon2id"


def test_the_key_stays_when_the_passphrase_changes(tmp_path):
    store = KeyStore(tmp_path, None)
    key = store.unlock("旧")
    store.change_passphrase("旧", "新")
    assert store.unlock("新") == key
    with pytest.raises(WrongPassphraseError):
        store.unlock("旧")
    with pytest.raises(WrongPassphraseError):
        store.change_passphrase("旧", "更新")
    with pytest.raises(PassphraseNeededError):
        store.change_passphrase("新", "")  # nobody could open it afterwards
    assert store.unlock("新") == key


def test_a_keyring_holds_the_key_when_no_passphrase_is_given(tmp_path):
    ring = MemoryKeyring()
    store = KeyStore(tmp_path, ring)
    assert not store.needs_passphrase()
    key = store.unlock(None)
    assert store.unlock(None) == key
    assert not store.needs_passphrase()
    assert len(ring.held) == 1


class LockedKeyring(MemoryKeyring):
    """A keyring that the user did not open."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(service, username)


@pytest.mark.parametrize("ring", [None, MemoryKeyring(), LockedKeyring()])
@pytest.mark.parametrize("passphrase", [None, "猜"])
def test_no_passphrase_stands_in_for_a_keyring_that_is_not_there(tmp_path, ring, passphrase):
    KeyStore(tmp_path, MemoryKeyring()).unlock(None)
    store = KeyStore(tmp_path, ring)
    assert not store.needs_passphrase()
    with pytest.raises(KeyringMissingError):
        store.unlock(passphrase)


def test_a_workspace_can_move_from_the_keyring_to_a_passphrase(tmp_path):
    store = KeyStore(tmp_path, MemoryKeyring())
    key = store.unlock(None)
    store.change_passphrase(None, "新")
    assert KeyStore(tmp_path, None).unlock("新") == key
    assert store.needs_passphrase()


@pytest.mark.parametrize("moment", ["writing", "replacing"])
def test_the_key_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch, moment):
    store = KeyStore(tmp_path, None)
    key = store.unlock("旧")

    def dies(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(*((os, "fsync") if moment == "writing" else (Path, "replace")), dies)
        with pytest.raises(KeyboardInterrupt):
            store.change_passphrase("旧", "新")
    assert store.unlock("旧") == key
    store.change_passphrase("旧", "新")
    assert store.unlock("新") == key


@pytest.mark.parametrize("trusted", [True, False])
def test_only_the_keyrings_of_operating_systems_are_trusted(monkeypatch, trusted):
    module = "keyring.backends.SecretService" if trusted else "keyrings.alt.file"
    backend = type("Keyring", (MemoryKeyring,), {"__module__": module})()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    assert system_keyring() is (backend if trusted else None)


def test_the_first_trusted_keyring_of_a_chain_is_taken(monkeypatch):
    kinds = [("keyrings.alt.file", "Keyring"), ("keyring.backends.kwallet", "DBusKeyring")]
    backends = [type(name, (MemoryKeyring,), {"__module__": module})() for module, name in kinds]
    chain = type("ChainerBackend", (), {"backends": backends})()
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)
    assert system_keyring() is backends[1]


@pytest.mark.parametrize("error", [KeyringError, RuntimeError])
def test_no_keyring_is_an_answer(monkeypatch, error):
    monkeypatch.setattr(keyring, "get_keyring", NoKeyring)
    assert system_keyring() is None

    def fails() -> None:
        raise error

    monkeypatch.setattr(keyring, "get_keyring", fails)
    assert system_keyring() is None
