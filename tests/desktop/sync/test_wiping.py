"""A destroyed key opens nothing any more, wherever it was kept, and at whatever moment the power failed."""

from __future__ import annotations

import pytest

from desktop.models.keys import KeyringMissingError, KeyStore
from desktop.models.store import Store, WrongKeyError
from desktop.sync import wiping
from domain.protocol import WipeOrder
from tests.offices import MemoryKeyring


@pytest.mark.parametrize("passphrase", [None, "口令 2026"])
def test_a_destroyed_key_is_gone(tmp_path, passphrase):
    keyring = MemoryKeyring()
    keys = KeyStore(tmp_path, keyring)
    key = keys.unlock(passphrase)
    Store.open(tmp_path, key).close()
    keys.destroy()
    with pytest.raises(KeyringMissingError):
        KeyStore(tmp_path, keyring).unlock(passphrase)
    assert all(not held for held in keyring.held.values())
    assert "sealed" not in (tmp_path / "key.json").read_text()
    with pytest.raises(WrongKeyError):
        Store.open(tmp_path, bytes(32))


def test_a_key_that_is_destroyed_stays_destroyed(tmp_path):
    keys = KeyStore(tmp_path, MemoryKeyring())
    keys.unlock(None)
    keys.destroy()
    keys.destroy()
    with pytest.raises(KeyringMissingError):
        keys.unlock(None)


def test_the_key_goes_before_the_credentials(office, monkeypatch):
    desk = office.desk()
    desk.keys.unlock(None)
    device = desk.mine.device
    order = WipeOrder(device, 5, office.app.state.keys.sign(f"wipe {device} 5".encode()))

    class PowerFailedError(Exception):
        pass

    def fails(name):
        if name == "wipe-key":
            raise PowerFailedError

    monkeypatch.setattr(wiping, "failpoint", fails)
    with pytest.raises(PowerFailedError):
        wiping.carry_out(order, desk.mine, desk.keys, desk.vault)
    with pytest.raises(KeyringMissingError):
        desk.keys.unlock(None)
