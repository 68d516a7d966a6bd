"""Names for the moments at which the death of a worker is worst, so that tests can cause one there.

In ordinary use nothing happens: without the environment variable each call is one comparison.
"""

from __future__ import annotations

import os
import signal
from typing import Final

VARIABLE: Final = "TRANSFER_DESK_SERVER_FAILPOINT"
"""``name`` or ``name:n``: the process kills itself when it passes the point for the nth time."""

NAMES: Final = (
    "push-read",  # device and records are locked, nothing is judged
    "push-judged",  # everything is judged, no version is taken
    "push-counted",  # versions are taken under the scopes' locks; of very many new records, they are written
    "push-written",  # records, heads, history and the answer are written, nothing is committed
    "push-committed",  # it is committed, nobody has been told
    "blocks-given",  # numbers are given, not committed
    "answered",  # the whole answer to a sync is made, not sent
    "registering",  # a device and its tokens are written, not committed
    "registered",  # they are committed, the device does not know
    "succeeding",  # a copied store's own device is written, not committed
    "succeeded",  # it is committed, the device does not know
    "refreshing",  # the next tokens are written, not committed
    "refreshed",  # they are committed, the device does not know
    "chunk-stored",  # a chunk is in the object store, not noted
    "chunk-noted",  # it is noted, the device does not know
    "blob-checked",  # the whole attachment was checked, not noted
    "blob-noted",  # it is noted, the device does not know
    "snapshot-written",  # a copy for new devices is written, not yet under its name
)

_ARMED, _, _TIMES = os.environ.get(VARIABLE, "").partition(":")
_PASSED = [0]


def failpoint(name: str) -> None:
    """Pass a point; the process dies here if the environment says so."""
    if name == _ARMED:
        _PASSED[0] += 1
        if _PASSED[0] >= int(_TIMES or 1):
            _die()


def _die() -> None:
    """End at once: no handler runs, no buffer is written, as when the power fails."""
    if hasattr(signal, "SIGKILL"):
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(137)
