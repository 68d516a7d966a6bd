"""What follows from a pull: figures are counted again, and what waited for a conflict goes its way.

Two devices may each have written a figure for the half of its records they knew. Whoever has both halves sets
it right, by a command that changes nothing where the figure already is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop.models import queries
from desktop.models.outgoing import refused
from desktop.models.recounting import miscounted_deals
from desktop.services.commands import command
from desktop.services.conflicts import CONFLICT, DECIDED
from desktop.services.writable import may_write

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from desktop.models.work import Work
    from desktop.services.desk import Desk

COUNTED: Final = frozenset({"deal", "payment"})


@command("同步后核算")
def settle_after_sync(work: Work, desk: Desk, *, touched: AbstractSet[str]) -> None:  # noqa: ARG001 - the shape of a command
    """Bring what depends on the pulled record types up to date; nobody's step of undo."""
    work.kind = "final"
    if touched & COUNTED:
        for deal, right in miscounted_deals(work.connection).items():
            if may_write(work.connection, "deal", deal):
                work.change("deal", deal, paid_amount=right)
    if CONFLICT in touched:
        _settle_waiting(work)


def _settle_waiting(work: Work) -> None:
    """Let go of the new records that waited for a conflict which somebody else has decided.

    Kept ones come back with the pull; those put away leave this device too.
    """
    for held in refused.listed(work.connection):
        conflict = work.get(CONFLICT, held.conflict) if held.conflict else None
        if conflict is None or conflict["state"] != DECIDED:
            continue
        refused.forget(work.connection, held.id)
        row = queries.get(work.connection, held.record_type, held.record_id)
        if row and row["row_ver"] == 0 and row["deleted_at"] is None:
            work.remove(held.record_type, held.record_id)
