"""The composition root: the only place that knows how the parts are put together."""

from __future__ import annotations

import datetime as dt
import getpass
import importlib.metadata
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import paths
from desktop.models import settings
from desktop.models.blobs import Blobs
from desktop.models.keys import KeyStore, system_keyring
from desktop.models.store import Store
from desktop.services.desk import Desk
from desktop.services.server_link import ServerLink

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop.models.keys import Keyring


def now() -> dt.datetime:
    """Return the moment; the one clock of the program."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class App:
    """An open workspace, its line to a server, and what must be closed at the end."""

    folder: Path
    desk: Desk
    link: ServerLink

    def close(self) -> None:
        """End sync and close the store; the desk must not be used afterwards."""
        self.link.end()
        self.desk.store.close()


def version() -> str:
    """Return the version of the program, as it was installed."""
    try:
        return importlib.metadata.version("transfer-desk")
    except importlib.metadata.PackageNotFoundError:
        return "dev"


def needs_passphrase(folder: Path) -> bool:
    """Tell whether the user must type a passphrase before ``build`` can open the workspace."""
    return KeyStore(folder, system_keyring()).needs_passphrase()


def is_new(folder: Path) -> bool:
    """Tell whether ``build`` would make a new workspace."""
    return not KeyStore(folder, system_keyring()).exists()


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
    keyring = keyring or system_keyring()
    key = KeyStore(folder, keyring).unlock(passphrase)
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
    return App(folder, desk, ServerLink(desk, keyring, version()))


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
