"""Where the bytes of attachments lie: a folder or an object store, which sees encrypted chunks only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.exceptions import BaseError
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


class DamagedChunkError(Exception):
    """The store does not hold what was put there."""


class StoreFailedError(Exception):
    """The store takes nothing at the moment."""


class Vault:
    """Chunks of one organisation, each encrypted with AES-256-GCM.

    Place, number and ``total``, the bytes of the whole, are bound to each: a chunk that was exchanged, or one
    of a content that was cut short, is refused.
    """

    def __init__(self, store: ObjectStore, key: bytes) -> None:
        self._store = store
        self._cipher = AESGCM(key)

    def put(self, place: UUID, number: int, total: int, chunk: bytes) -> None:
        """Keep a chunk; writing it again is harmless.

        Raises:
            StoreFailedError: the store does not take it: it is full, or away.
        """
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, chunk, _bound(place, number, total))
        try:
            obstore.put(self._store, _path(place, number), sealed)
        except (BaseError, OSError) as error:
            raise StoreFailedError(_path(place, number)) from error

    def get(self, place: UUID, number: int, total: int) -> bytes:
        """Return a chunk.

        Raises:
            DamagedChunkError: it is not in the store, or was changed or exchanged there.
        """
        try:
            sealed = bytes(obstore.get(self._store, _path(place, number)).bytes())
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(place, number, total))
        except (FileNotFoundError, InvalidTag, ValueError) as error:
            raise DamagedChunkError(_path(place, number)) from error


def remove(store: ObjectStore, place: UUID, chunks: int) -> None:
    """Delete the chunks of a place; those that are not there are no matter."""
    for number in range(chunks):
        try:
            obstore.delete(store, _path(place, number))
        except FileNotFoundError:
            continue


def _path(place: UUID, number: int) -> str:
    return f"{place.hex[-2:]}/{place.hex}/{number}"


def _bound(place: UUID, number: int, total: int) -> bytes:
    return place.bytes + number.to_bytes(4) + total.to_bytes(8)
