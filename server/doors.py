"""All doors but those of sync: accounts, attachments, figures and the administrators' pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.accounts import accounts_api
from server.admin import pages
from server.attachments import blobs_api
from server.operations import metrics

if TYPE_CHECKING:
    from starlette.routing import Route


def routes() -> list[Route]:
    """Return the doors."""
    return [*accounts_api.routes(), *blobs_api.routes(), *metrics.routes(), *pages.routes()]
