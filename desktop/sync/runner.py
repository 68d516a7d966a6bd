"""Sync in the background: when to run, how long to wait after a failure, and what the screens are told.

It wakes by time, by a commit on this device (``poke``) and by a word of the server. All of it happens in
threads of its own; the store's writes are short, so the window never waits for it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import random
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from desktop.models import sync_state
from desktop.models.outgoing import outbox
from desktop.models.store_troubles import store_trouble
from desktop.models.tables import now_text
from desktop.sync import late
from desktop.sync.ears import Ears
from desktop.sync.status import TOO_OLD, Progress, Status
from desktop.sync.troubles import (
    BrokenError,
    BusyError,
    CopiedError,
    ExpiredError,
    MissingError,
    OfflineError,
    RevokedError,
    SignedOutError,
    SyncError,
    TooOldError,
    WrongServerError,
)
from desktop.sync.waking import Waking
from desktop.sync.wiping import carry_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.models.blobs import Blobs
    from desktop.models.keys import KeyStore
    from desktop.models.store import Store
    from desktop.sync.conversation import Conversation
    from desktop.sync.credentials import Vault
    from desktop.sync.exchange import Taken
    from desktop.sync.status import Activity, TroubleCode

PERIOD_S: Final = 60.0
"""Seconds between two syncs when nothing calls for one; each wait is a fifth longer or shorter by chance."""
FILES_S: Final = 60.0
"""Files are looked after this often though nothing calls for it: a line broke, or one is there by now."""
SETTLING_S: Final = 0.3
"""After a commit this much is waited for the next one, so that a burst of edits is one batch."""
LONGEST_WAIT_S: Final = 300.0
_DOUBLINGS: Final = 9
"""After so many failures the bound is the longest wait; a power without end would overflow after two days."""
OUTDATED_S: Final = 3_600.0
"""How often a program that is too old asks whether it still is."""
TROUBLES: Final[dict[type[SyncError], TroubleCode]] = {
    BusyError: "busy",
    SignedOutError: "signed-out",
    RevokedError: "revoked",
    TooOldError: "too-old",
    WrongServerError: "wrong-server",
    BrokenError: "broken",
    CopiedError: "broken",
    ExpiredError: "broken",
    MissingError: "broken",
}

logger = logging.getLogger(__name__)


class Runner:
    """Keeps one open workspace in step with its server, from ``start`` to ``stop``.

    The callbacks are called in the sync thread: ``on_change`` with the status and the record types whose
    lists must be read again, ``on_trust`` with the server's signed trust list, ``own_trust`` for the list
    this workspace has to publish ("": none), ``on_wipe`` after a lost device's key was destroyed: the
    program must close the workspace.
    """

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        vault: Vault,
        keys: KeyStore,
        *,
        build: str,
        on_change: Callable[[Status, frozenset[str]], None],
        on_trust: Callable[[str], None],
        own_trust: Callable[[], str] = lambda: "",
        on_wipe: Callable[[], None],
        now: Callable[[], dt.datetime],
        listens: bool = True,
        **options: Any,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._vault = vault
        self._keys = keys
        self._build = build
        self._on_change = on_change
        self._on_trust = on_trust
        self._own_trust = own_trust
        self._on_wipe = on_wipe
        self._now = now
        self._listens = listens
        self._options = options
        self._waking = Waking()
        self._held = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sync", daemon=True)
        self._conversation: Conversation | None = None
        self._ears: Ears | None = None
        self._files_due = True
        self._files_again = 0.0
        self._carried_up = self._carried_down = 0
        self._failures = 0
        self._rows = 0
        self._chance = random.SystemRandom()
        self._status = Status("off", outbox.Counts(0, 0, 0, 0))

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self, seconds: float = 2.0) -> bool:
        """End; tell whether everything was over within the time. What is not sent stays for the next time."""
        self._waking.stop()
        self._hang_up()
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def poke(self) -> None:
        """Say that something was committed here; cheap, from any thread."""
        self._files_due = True
        self._waking.poke()

    def sync_now(self) -> None:
        """Sync at once, whatever went wrong before; from any thread."""
        self._files_due = True
        self._waking.poke(urgent=True)

    def hold(self, held: bool) -> None:  # noqa: FBT001 - it is all there is to say
        """Stay off the network, or no longer; from any thread."""
        if held:
            self._held.set()
            self._hang_up()
        else:
            self._held.clear()
        self._waking.poke(urgent=True)

    def status(self) -> Status:
        """Return the status last told."""
        return self._status

    def _work(self) -> None:
        while not self._waking.stopped:
            wait, patient = self._turn()
            if self._waking.rest(wait, patient=patient):
                self._waking.settle(SETTLING_S)
        self._hang_up()

    def _turn(self) -> tuple[float | None, bool]:
        """Sync once; return how long to wait for the next time, and whether a commit may cut that short."""
        try:
            return self._sync()
        except RevokedError as error:
            self._revoked(error)
            return None, True
        except SyncError as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the queue must go on
            return self._stumbled(error)

    def _sync(self) -> tuple[float | None, bool]:
        if self._held.is_set():
            self._tell(phase="held", progress=None, trouble=None, retry_at=None, live=False)
            return None, True
        conversation = self._talking()
        if conversation is None:
            self._tell(phase="off", progress=None, trouble=None, retry_at=None, live=False)
            return None, True
        self._tell(phase="syncing", trouble=None, detail="", retry_at=None)
        self._rows = 0
        up, down = conversation.transport.bytes_up, conversation.transport.bytes_down
        taken = conversation.engine.run()
        if self._stopping():
            return 0.0, False  # it broke off: nothing may be called a success
        line = conversation.transport
        self._note_run("sync", taken.sent, taken.received, line.bytes_up - up, line.bytes_down - down)
        self._failures = 0
        self._files_due |= bool(taken.touched) or time.monotonic() >= self._files_again
        if self._files_due and not self._stopping():
            self._files_due, self._files_again = False, time.monotonic() + FILES_S
            self._files_due |= self._carry_files(conversation)
        outdated = any(notice.code == TOO_OLD for notice in taken.notices)
        self._tell(
            phase="trouble" if outdated else "idle",
            trouble="too-old" if outdated else None,
            last_success=self._now(),
            progress=None,
            notices=tuple(taken.notices),
            live=bool(self._ears and self._ears.live),
        )
        return (0.0 if self._files_due else self._about(PERIOD_S)), False

    def _talking(self) -> Conversation | None:
        """Return the conversation with the server, begun if need be; None where no server was joined."""
        if self._conversation is None:
            credentials = self._vault.read()
            if credentials is None:
                return None
            self._conversation = late.conversation().open(
                self._store,
                self._blobs,
                self._vault,
                credentials,
                build=self._build,
                on_taken=self._took,
                on_trust=self._on_trust,
                own_trust=self._own_trust,
                stopped=self._stopping,
                rows_wait=lambda: self._stopping() or self._waking.awake,
                now=self._now,
                **self._options,
            )
            if self._listens:
                self._ears = Ears(
                    self._conversation.notices, self._heard, lambda: self._waking.poke(urgent=True)
                )
                self._ears.start()
        return self._conversation

    def _stopping(self) -> bool:
        return self._waking.stopped or self._held.is_set()

    def _hang_up(self) -> None:
        """End the conversation, from whatever thread."""
        conversation, self._conversation = self._conversation, None
        ears, self._ears = self._ears, None
        if ears:
            ears.stop()
        if conversation:
            conversation.close()

    def _heard(self, live: bool) -> None:  # noqa: FBT001 - called by the ears alone
        """Take note that the server has news, or can no longer tell."""
        if live:
            self._waking.poke(urgent=True)
        if live != self._status.live:
            self._status = dataclasses.replace(self._status, live=live)

    def _took(self, taken: Taken) -> None:
        """Tell what one answer, or one page, has brought."""
        conversation = self._conversation
        if conversation is None:
            return
        self._rows += taken.received
        with self._store.read() as connection:
            total = sum(scope.total for scope in sync_state.scopes(connection) if not scope.loaded)
        doing: Activity = "receiving" if taken.received else "sending"
        line = conversation.transport
        progress = Progress(doing, self._rows, total, line.bytes_up, line.bytes_down)
        self._tell(frozenset(taken.touched), phase="syncing", progress=progress)

    def _failed(self, error: SyncError) -> tuple[float | None, bool]:
        """Wait after a failure, longer each time, and by chance: not all devices may come back at once."""
        if self._stopping():
            return 0.0, False
        if isinstance(error, OfflineError):
            return self._later("offline", None, str(error), self._backoff())
        self._hang_up()
        trouble = TROUBLES[type(error)]
        if isinstance(error, BusyError):
            return self._later("trouble", trouble, str(error), self._about(error.retry_after))
        if isinstance(error, SignedOutError):
            self._tell(phase="trouble", trouble=trouble, detail=str(error), progress=None, live=False)
            return None, True
        wait = OUTDATED_S if isinstance(error, TooOldError) else self._backoff()
        return self._later("trouble", trouble, str(error), wait)

    def _stumbled(self, error: Exception) -> tuple[float | None, bool]:
        if self._stopping():
            return 0.0, False
        self._hang_up()
        trouble = store_trouble(error)
        if trouble is None:
            logger.error("sync stopped by a bug", exc_info=error)
        wait = self._backoff()
        if trouble:  # this machine's own: who makes room should not wait long
            wait = min(wait, PERIOD_S)
        return self._later("trouble", trouble or "broken", type(error).__name__, wait)

    def _later(
        self, phase: Any, trouble: TroubleCode | None, detail: str, wait: float
    ) -> tuple[float | None, bool]:
        due = self._now() + dt.timedelta(seconds=wait)
        self._tell(phase=phase, trouble=trouble, detail=detail, retry_at=due, progress=None, live=False)
        return wait, True

    def _revoked(self, error: RevokedError) -> None:
        credentials = self._conversation.session.credentials if self._conversation else None
        self._hang_up()
        wiped = credentials is not None and carry_out(error.wipe, credentials, self._keys, self._vault)
        self._tell(phase="trouble", trouble="revoked", detail=str(error), progress=None, live=False)
        if wiped:
            self._on_wipe()

    def _about(self, seconds: float) -> float:
        return seconds * self._chance.uniform(0.8, 1.2)

    def _backoff(self) -> float:
        """Return a wait by chance below a bound that doubles with each failure."""
        self._failures += 1
        return self._chance.uniform(1.0, min(LONGEST_WAIT_S, 2.0 ** min(self._failures, _DOUBLINGS)))

    def _carry_files(self, conversation: Conversation) -> bool:
        """Carry files for a while; tell whether there are more. The log names those that are whole."""
        line, files = conversation.transport, conversation.files
        sent, received, up, down = files.sent, files.received, line.bytes_up, line.bytes_down
        more = files.turn()
        self._carried_up += line.bytes_up - up
        self._carried_down += line.bytes_down - down
        if files.sent > sent or files.received > received:
            self._note_run(
                "files", files.sent - sent, files.received - received, self._carried_up, self._carried_down
            )
            self._carried_up = self._carried_down = 0
        return more

    def _note_run(self, kind: str, sent: int, received: int, up: int, down: int) -> None:
        if sent or received:
            with self._store.write(applying=True) as connection:
                sync_state.log_run(
                    connection,
                    at=now_text(self._now()),
                    kind=kind,
                    sent=sent,
                    received=received,
                    bytes_up=up,
                    bytes_down=down,
                )

    def _tell(self, touched: frozenset[str] = frozenset(), **facts: Any) -> None:
        try:
            with self._store.read() as connection:
                facts["counts"] = outbox.counts(connection)
        except Exception as error:
            if store_trouble(error) is None:
                raise
        told = dataclasses.replace(self._status, **facts)
        if told != self._status or touched:
            self._status = told
            try:
                self._on_change(told, touched)
            except Exception:
                logger.exception("a listener of sync failed")
