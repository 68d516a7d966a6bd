"""The line of a workspace to its server as screens hold it: joining, leaving, and the runner in between.

Everything works without a server; then there is no runner and nothing is said.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from desktop.models import number_series
from desktop.models.keys import KeyStore
from desktop.models.outgoing import outbox
from desktop.services import trust
from desktop.services.after_sync import settle_after_sync
from desktop.sync import bundles
from desktop.sync.credentials import Vault
from desktop.sync.runner import Runner
from desktop.sync.status import Status
from desktop.sync.troubles import SignedOutError
from domain.scopes import RIGHTS, ROLE_LABELS, TRAINING
from domain.trust import read_trust_list

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from desktop.models.keys import Keyring
    from desktop.services.desk import Desk
    from desktop.sync.bundles import Outgoing
    from desktop.sync.credentials import Credentials
    from desktop.sync.exchange import Taken
    from domain.enrolment import Invitation

ROLES: Final[Mapping[str, str]] = dict(ROLE_LABELS.items())
"""What people call the roles."""
ISSUERS: Final = frozenset(role for role, rights in RIGHTS.items() if rights.get(TRAINING) == "write")
"""The roles that issue certificates, and so need numbers for them."""
STOP_SECONDS: Final = 2.0
LATE: Final = "desktop.sync.registration"
BY_STICK: Final = "desktop.sync.stick_joining"
"""Imported when somebody joins or leaves: it brings the HTTP library, which start-up can do without."""


@dataclass
class ServerLink:
    """Owns the runner. ``told`` and ``wiped`` are called in the thread of sync."""

    desk: Desk
    keyring: Keyring | None
    build: str
    told: Callable[[Status, frozenset[str]], None] = lambda _status, _touched: None
    wiped: Callable[[], None] = lambda: None
    credentials: Credentials | None = None
    ways: Mapping[str, Any] = field(default_factory=dict)
    """What the runner takes besides: ``connect`` is another way to the server."""
    _runner: Runner | None = field(default=None, init=False)
    _stuck: Status | None = field(default=None, init=False)

    @property
    def vault(self) -> Vault:
        """Where the credentials are kept."""
        return Vault(self.desk.store, self.keyring)

    @property
    def joined(self) -> bool:
        """Tell whether this workspace belongs to a server."""
        return self.credentials is not None

    def begin(self) -> Status:
        """Start to sync if a server was joined, and return how things stand."""
        self._stuck = None
        try:
            self.credentials = self.vault.read()
        except SignedOutError:
            self._stuck = Status("trouble", self._counts(), trouble="signed-out")
        if self.credentials and self._runner is None:
            self._want_numbers(self.credentials)
            self._runner = Runner(
                self.desk.store,
                self.desk.blobs,
                self.vault,
                KeyStore(self.desk.store.path.parent, self.keyring),
                build=self.build,
                on_change=self._heard,
                on_trust=self.trusted,
                own_trust=self.own_trust,
                on_wipe=self._wiped,
                now=self.desk.clock,
                **self.ways,
            )
            self._runner.start()
        return self.status()

    def end(self) -> None:
        """Stop to sync; what is under way is given up and sent again the next time."""
        if self._runner:
            self._runner.stop(STOP_SECONDS)
            self._runner = None

    def status(self) -> Status:
        """Return how sync stands at this moment, with what has come to wait since a sync last told."""
        if self._runner:
            return replace(self._runner.status(), counts=self._counts())
        return self._stuck or Status("off", self._counts())

    def poke(self) -> None:
        """Say that something was written here."""
        if self._runner:
            self._runner.poke()

    def sync_now(self) -> None:
        """Sync at once."""
        if self._runner:
            self._runner.sync_now()

    def hold(self, *, on: bool) -> None:
        """Keep off the network, or go back to it."""
        if self._runner:
            self._runner.hold(on)

    def join(self, invitation: Invitation, *, label: str, password: str, account: str = "") -> Credentials:
        """Join a server and begin to sync; what is here is sent to it.

        Raises:
            Refusal: as ``registration.register``.
        """
        made: Credentials = _registration().register(
            self.desk.store,
            self.vault,
            invitation,
            label=label,
            password=password,
            account=account,
            **self._way(),
        )
        return self._joined(made)

    def sign_in(self, *, label: str, password: str, account: str = "") -> Credentials:
        """Let this device in again after its sign-in has run out, and go on to sync.

        Raises:
            Refusal: as ``registration.sign_in``.
        """
        made: Credentials = _registration().sign_in(
            self.desk.store, self.vault, label=label, password=password, account=account, **self._way()
        )
        return self._joined(made)

    def ask_by_stick(
        self, invitation: Invitation, path: Path, *, label: str, password: str, account: str = ""
    ) -> None:
        """Write the request to join that a USB stick takes to the server.

        Raises:
            Refusal: as ``stick_joining.ask``.
        """
        importlib.import_module(BY_STICK).ask(
            self.desk.store,
            self.vault,
            invitation,
            path,
            label=label,
            password=password,
            account=account,
        )

    def join_by_stick(self, path: Path) -> Credentials:
        """Read the server's answer to that request; this workspace belongs to the server from now on.

        Raises:
            Refusal: as ``stick_joining.read_welcome``.
        """
        made: Credentials = importlib.import_module(BY_STICK).read_welcome(self.desk.store, self.vault, path)
        return self._joined(made)

    def leave(self) -> None:
        """Leave the server; everything stays here, unsent edits included.

        Raises:
            Refusal: as ``registration.leave``.
        """
        self.end()
        try:
            _registration().leave(self.vault, **self._way())
        finally:
            self.told(self.begin(), frozenset())

    def carry_out(self, path: Path) -> Outgoing:
        """Write what waits into a sealed file for a USB stick.

        Raises:
            Refusal: as ``bundles.write_out``.
        """
        return bundles.write_out(self.desk.store, self.desk.blobs, self.vault, path, build=self.build)

    def carry_in(self, path: Path) -> Taken:
        """Read the server's answer from a USB stick.

        Raises:
            Refusal: as ``bundles.read_in``.
        """
        taken = bundles.read_in(self.desk.store, self.desk.blobs, self.vault, path, build=self.build)
        self._heard(self.status(), frozenset(taken.touched))
        return taken

    def _joined(self, made: Credentials) -> Credentials:
        self.desk.user = made.name
        self.end()
        self.begin()
        return made

    def _heard(self, status: Status, touched: frozenset[str]) -> None:
        if touched:
            settle_after_sync(self.desk, touched=touched)
        self.told(status, touched)

    def _way(self) -> dict[str, Any]:
        return {name: way for name, way in self.ways.items() if name == "connect"}

    def _want_numbers(self, held: Credentials) -> None:
        """Ask for a block of this year's certificate numbers where the account may issue certificates."""
        if held.role in ISSUERS:
            with self.desk.store.write(applying=True) as connection:
                number_series.wanted(connection, self.desk.today().year)

    def trusted(self, text: str) -> None:
        """Take in the server's list of issuers, whose signature sync has checked."""
        trust.keep(self.desk, read_trust_list(text))

    def own_trust(self) -> str:
        """Return what this workspace has to tell of its own issuers."""
        return trust.published(self.desk)

    def _wiped(self) -> None:
        self.wiped()

    def _counts(self) -> outbox.Counts:
        with self.desk.store.read() as connection:
            return outbox.counts(connection)


def _registration() -> Any:
    return importlib.import_module(LATE)
