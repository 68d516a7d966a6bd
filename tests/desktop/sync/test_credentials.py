"""Credentials: in the keyring or in the encrypted store, never lost by a rotation, never in plain text."""

from __future__ import annotations

import pytest
from keyring.errors import KeyringError
from msgspec.structs import replace

from desktop.models import settings
from desktop.models.store import Store
from desktop.sync.credentials import PLACE, Credentials, Vault
from desktop.sync.troubles import SignedOutError
from tests.offices import MemoryKeyring

MINE = Credentials(
    server="https://desk.example.cn",
    pin="ab" * 32,
    server_key="cd" * 32,
    server_seal_key="ef" * 32,
    device=7,
    account="账号",
    name="高璟",
    role="broker",
    organisation="机构",
    organisation_name="示例技术转移中心",
    sign_key="01" * 32,
    seal_key="02" * 32,
    refresh="refresh-token-of-today",
)


def kept(store, keyring) -> Credentials:
    found = Vault(store, keyring).held()
    assert found is not None
    return found


class RefusingKeyring(MemoryKeyring):
    """A keyring that is locked."""

    def get_password(self, *_entry):
        raise KeyringError

    def set_password(self, *_entry):
        raise KeyringError


@pytest.mark.parametrize("keyring", [MemoryKeyring(), None, RefusingKeyring()])
def test_what_was_written_is_read(store, keyring):
    vault = Vault(store, keyring)
    assert vault.read() is None
    vault.write(MINE)
    assert vault.read() == MINE
    vault.write(replace(MINE, refresh="next"))
    assert kept(store, keyring).refresh == "next"
    vault.drop()
    assert vault.read() is None


def test_the_keyring_alone_holds_the_secrets(store):
    keyring = MemoryKeyring()
    Vault(store, keyring).write(MINE)
    with store.read() as connection:
        place = settings.read(connection, PLACE)
    assert set(place) == {"entry"}
    assert len(keyring.held) == 1
    assert MINE.refresh in next(iter(keyring.held.values()))


def test_without_a_keyring_nothing_is_readable_on_disk(store):
    Vault(store, None).write(MINE)
    for path in store.path.parent.iterdir():
        if path.is_file():
            assert MINE.refresh.encode() not in path.read_bytes()
            assert MINE.sign_key.encode() not in path.read_bytes()


def test_a_registration_without_an_answer_is_no_registration(store):
    keyring = MemoryKeyring()
    vault = Vault(store, keyring)
    vault.write(replace(MINE, refresh="", device=0))
    assert vault.read() is None
    assert kept(store, keyring).sign_key == MINE.sign_key


def test_credentials_that_are_gone_ask_for_a_new_login(store):
    keyring = MemoryKeyring()
    Vault(store, keyring).write(MINE)
    keyring.held.clear()
    with pytest.raises(SignedOutError):
        Vault(store, keyring).read()


def test_a_copied_store_gets_a_place_of_its_own(store, tmp_path):
    keyring = MemoryKeyring()
    Vault(store, keyring).write(MINE)
    store.backup(tmp_path / "desk.db")
    copy = Store.open(tmp_path, b"k" * 32)
    try:
        Vault(copy, keyring).write(replace(MINE, device=8), fresh=True)
        assert kept(copy, keyring).device == 8
        assert kept(store, keyring).device == 7
    finally:
        copy.close()
