"""Names for the moments at which a loss of power is worst, so that tests can cause one there.

In ordinary use nothing happens: without the environment variable each call is one comparison.
"""

from __future__ import annotations

import os
import signal
from typing import Final

VARIABLE: Final = "TRANSFER_DESK_FAILPOINT"
"""``name`` or ``name:n``: the process kills itself when it passes the point for the nth time."""

NAMES: Final = (
    "frozen",  # a batch is in flight, nothing of it was sent
    "sent",  # the request has left, its answer has not come
    "answered",  # the answer is here, nothing of it was kept
    "settled",  # one batch's verdicts are kept
    "granted",  # the scopes are kept
    "staged",  # one page is kept
    "applied",  # a state of a scope is shown
    "successor-chosen",  # a copied store has chosen its new life, the server does not know
    "successor-kept",  # it is another device now, numbered as before
    "renumbered",  # flights went back, the next number is set
    "compared",  # a scope's cursor went back for repair
    "snapshot-page",  # a page of a prepared copy is applied, its transaction is still open
    "snapshot-part",  # the pages of a prepared copy that were here are kept
    "refresh-sent",  # the refresh token was used, its successor is not known
    "refresh-kept",  # its successor is kept and was not used
    "registered",  # the server knows the device, the device does not
    "upload-chunk",  # one piece of a file is on the server
    "upload-noted",  # the whole file is noted as there
    "download-chunk",  # one piece of a file is here
    "download-joined",  # the file is whole, its pieces are still there
    "download-noted",  # the whole file is noted as here
    "bundle-frozen",  # batches are in flight, the bundle is not written
    "bundle-written",  # the bundle is whole
    "bundle-read",  # the bundle's answer is kept
    "wipe-key",  # the key is destroyed, the credentials are not
    "wipe-credentials",  # both are destroyed
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
