"""What every use case needs at hand: the store, the lists, the clock, and who is at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from desktop.models.blobs import Blobs
    from desktop.models.store import Store
    from domain.codes import CodeBook
    from domain.dossier import Checklist
    from domain.policies import PolicyBook
    from domain.schemes import Scheme


@dataclass(eq=False)
class Desk:
    """One user's open workspace; services take it first, screens hold it.

    Only ``user`` changes while it is open: whoever joins a server is named as the server names him.
    """

    store: Store
    blobs: Blobs
    codes: CodeBook
    policies: PolicyBook
    schemes: Mapping[str, Scheme]
    checklist: Checklist
    clock: Callable[[], dt.datetime]
    user: str
    device: str

    def today(self) -> dt.date:
        """Return the day at the desk, in local time."""
        return self.clock().astimezone().date()
