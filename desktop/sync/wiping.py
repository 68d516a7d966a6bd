"""A lost device forgets: the key goes first, then the credentials, and only on the server's signed word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.sync import sealing
from desktop.sync.failpoints import failpoint

if TYPE_CHECKING:
    from desktop.models.keys import KeyStore
    from desktop.sync.credentials import Credentials, Vault
    from domain.protocol import WipeOrder


def carry_out(order: WipeOrder | None, credentials: Credentials, keys: KeyStore, vault: Vault) -> bool:
    """Destroy the key if the order is the server's and for this device; tell whether that was done."""
    if order is None or order.device != credentials.device or not _is_genuine(order, credentials.server_key):
        return False
    keys.destroy()
    failpoint("wipe-key")
    vault.drop()
    failpoint("wipe-credentials")
    return True


def _is_genuine(order: WipeOrder, server_key: str) -> bool:
    try:
        signature = bytes.fromhex(order.signature)
    except ValueError:
        return False
    return sealing.is_signed(server_key, f"wipe {order.device} {order.at}".encode(), signature)
