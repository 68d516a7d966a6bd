"""All doors but those of sync: accounts, attachments, figures and the administrators' pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import accounts_api, blobs_api, metrics
from server.admin import pages

if TYPE_CHECKING:
    from starlette.routing import Route


def routes() -> list[Route]:
    """Return the doors."""
    return [*accounts_api.routes(), *blobs_api.routes(), *metrics.routes(), *pages.routes()]
