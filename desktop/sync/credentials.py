"""Who this device is to the server, and where that is kept: the system's keyring, or the encrypted store.

Nothing here is ever written in plain text.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from keyring.errors import KeyringError
from msgspec import Struct

from desktop.models import settings
from desktop.models.keys import SERVICE
from desktop.sync.troubles import SignedOutError

if TYPE_CHECKING:
    from desktop.models.keys import Keyring
    from desktop.models.store import Store

PLACE: Final = "sync-credentials"
"""The setting that says where the credentials are: the name of the keyring's entry, or they themselves."""
JOINED: Final = "sync-joined"
"""The setting that remembers which organisation the records of this store belong to."""


class Credentials(Struct, frozen=True):
    """A registered device; keys and tokens are text, keys in hexadecimal.

    ``refresh`` is good for the next access token, ``previous`` was good for it before: a server that was
    restored from a backup knows only that one. ``access`` is good for minutes, until ``access_until`` in
    seconds since 1970 by this machine's clock: a program that starts again need not ask for another one.
    """

    server: str
    pin: str
    server_key: str
    server_seal_key: str
    device: int
    account: str
    name: str
    role: str
    organisation: str
    organisation_name: str
    sign_key: str
    seal_key: str
    refresh: str
    previous: str = ""
    access: str = ""
    access_until: float = 0.0
    login: str = ""

    @property
    def finished(self) -> bool:
        """Tell whether the server has answered the registration; until then there are only the keys."""
        return bool(self.refresh)


@dataclass(frozen=True, slots=True)
class Vault:
    """Keeps the credentials of one workspace; without a keyring they lie in its encrypted store."""

    store: Store
    keyring: Keyring | None

    def read(self) -> Credentials | None:
        """Return the credentials; None if no server was joined.

        Raises:
            SignedOutError: as ``held``.
        """
        found = self.held()
        return found if found and found.finished else None

    def held(self) -> Credentials | None:
        """Return the credentials, those of a registration without an answer included.

        Raises:
            SignedOutError: a server was joined, and what the keyring held is gone or cannot be read.
        """
        with self.store.read() as connection:
            place: dict[str, Any] | None = settings.read(connection, PLACE)
        if place is None:
            return None
        held = place.get("held") or self._in_keyring(place["entry"])
        if not held:
            raise SignedOutError("the keyring does not hold the credentials")
        return msgspec.json.decode(held, type=Credentials)

    def write(self, credentials: Credentials, *, fresh: bool = False) -> None:
        """Keep the credentials; when this returns they survive a loss of power.

        ``fresh`` ones get a place of their own: a copied store shares the old one with its twin.
        """
        body = msgspec.json.encode(credentials).decode()
        with self.store.read() as connection:
            place = settings.read(connection, PLACE)
        held = (place or {}).get("entry")
        entry = held if held and not fresh else f"sync-{secrets.token_hex(8)}"
        wanted = {"entry": entry} if self._to_keyring(entry, body) else {"held": body}
        if wanted != place:
            with self.store.write() as connection:
                settings.write(connection, PLACE, wanted)

    def drop(self) -> None:
        """Forget the credentials; what a keyring held is overwritten."""
        with self.store.read() as connection:
            place = settings.read(connection, PLACE)
        if place and "entry" in place:
            self._to_keyring(place["entry"], "")
        with self.store.write() as connection:
            settings.write(connection, PLACE, None)

    def _in_keyring(self, entry: str) -> str | None:
        try:
            return self.keyring.get_password(SERVICE, entry) if self.keyring else None
        except KeyringError:
            return None

    def _to_keyring(self, entry: str, body: str) -> bool:
        """Write to the keyring and tell whether it holds it now."""
        if self.keyring is None:
            return False
        try:
            self.keyring.set_password(SERVICE, entry, body)
        except KeyringError:
            return False
        return True
