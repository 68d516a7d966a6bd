"""Plausible records of an imaginary agency, for screenshots and for trying the program out."""

from __future__ import annotations

from tools import sample_service, sample_trade
from tools.sample_trade import TODAY, Record, key

__all__ = ["TODAY", "Record", "key", "records"]


def records() -> list[Record]:
    """Return every sample record, those that others refer to first."""
    makers = (
        sample_trade.parties,
        sample_trade.contacts,
        sample_trade.achievements,
        sample_trade.rights,
        sample_trade.demands,
        sample_trade.brokers,
        sample_trade.deals,
        sample_trade.payments,
        sample_service.experts,
        sample_service.training,
        sample_service.certificates,
        sample_service.events,
        sample_service.visits,
        sample_service.tasks,
        sample_service.library,
        sample_service.agency,
    )
    return [made for maker in makers for made in maker()]
