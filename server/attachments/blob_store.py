"""Where the bytes of attachments lie: a folder or an object store, which sees encrypted chunks only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import obstore
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.store import LocalStore, from_url

if TYPE_CHECKING:
    from uuid import UUID

    from obstore.store import ObjectStore

    from server.settings import Settings

_NONCE: Final = 12


def open_store(settings: Settings) -> ObjectStore:
    """Return the store the settings name, a folder beside the other data if they name none.

    Credentials of an object store come from its usual environment variables, for example
    ``AWS_ACCESS_KEY_ID``.
    """
    if settings.blobs:
        return from_url(settings.blobs)
    return LocalStore(settings.data_dir / "blobs", mkdir=True)


class Vault:
    """Chunks of one organisation, each encrypted with AES-256-GCM and bound to its place and number."""

    def __init__(self, store: ObjectStore, key: bytes) -> None:
        self._store = store
        self._cipher = AESGCM(key)

    def put(self, place: UUID, number: int, chunk: bytes) -> None:
        """Keep a chunk; writing it again is harmless."""
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, chunk, _bound(place, number))
        obstore.put(self._store, _path(place, number), sealed)

    def get(self, place: UUID, number: int) -> bytes:
        """Return a chunk.

        Raises:
            FileNotFoundError: it is not in the store.
            cryptography.exceptions.InvalidTag: it was changed or exchanged there.
        """
        sealed = bytes(obstore.get(self._store, _path(place, number)).bytes())
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(place, number))


def remove(store: ObjectStore, place: UUID, chunks: int) -> None:
    """Delete the chunks of a place; those that are not there are no matter."""
    for number in range(chunks):
        try:
            obstore.delete(store, _path(place, number))
        except FileNotFoundError:
            continue


def _path(place: UUID, number: int) -> str:
    return f"{place.hex[-2:]}/{place.hex}/{number}"


def _bound(place: UUID, number: int) -> bytes:
    return place.bytes + number.to_bytes(4)
