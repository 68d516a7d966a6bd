"""In the end the server finishes its answers, but not those without an end: it would be gone too late.

Every desktop that is open holds a stream of notices. It opens another one as soon as a server is there again.
"""

from __future__ import annotations

from domain.protocol import HEADS_PATH
from server.cli.gathering import GatheringProtocol


class EndingProtocol(GatheringProtocol):
    """HTTP whose streams of notices are over when the worker is told to end."""

    def shutdown(self) -> None:
        """Be told that the worker ends."""
        super().shutdown()
        if self.cycle and self.cycle.response_started and self.cycle.scope["path"] == HEADS_PATH:
            self.transport.close()
