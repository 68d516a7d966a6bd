"""The composition root: the only place that knows how the parts are put together."""

from __future__ import annotations

import datetime as dt
import getpass
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import paths
from desktop.models import settings
from desktop.models.blobs import Blobs
from desktop.models.keys import KeyStore, system_keyring
from desktop.models.store import Store
from desktop.services.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop.models.keys import Keyring


def now() -> dt.datetime:
    """Return the moment; the one clock of the program."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class App:
    """An open workspace and what must be closed at the end."""

    folder: Path
    desk: Desk

    def close(self) -> None:
        """Close the store; the desk must not be used afterwards."""
        self.desk.store.close()


def needs_passphrase(folder: Path) -> bool:
    """Tell whether the user must type a passphrase before ``build`` can open the workspace."""
    return KeyStore(folder, system_keyring()).needs_passphrase()


def build(
    folder: Path,
    *,
    passphrase: str | None = None,
    keyring: Keyring | None = None,
    clock: Callable[[], dt.datetime] = now,
) -> App:
    """Open the workspace in ``folder``, making it if it is new.

    Raises:
        PassphraseNeededError, WrongPassphraseError, KeyringMissingError, WrongKeyError,
            StoreDamagedError: as ``keys`` and ``store`` say.
    """
    key = KeyStore(folder, keyring or system_keyring()).unlock(passphrase)
    store = Store.open(folder, key)
    user, device = _who(store)
    desk = Desk(
        store=store,
        blobs=Blobs.open(folder, key),
        codes=paths.code_book(),
        policies=paths.policy_book(),
        schemes=paths.schemes(),
        checklist=paths.dossier_checklist(),
        clock=clock,
        user=user,
        device=device,
    )
    return App(folder, desk)


def _who(store: Store) -> tuple[str, str]:
    """Return the user's name and the device's id, made at the first opening."""
    with store.write() as connection:
        user = settings.read(connection, "user")
        device = settings.read(connection, "device")
        if user is None:
            user = getpass.getuser()
            settings.write(connection, "user", user)
        if device is None:
            device = secrets.token_hex(4)
            settings.write(connection, "device", device)
    return user, device
