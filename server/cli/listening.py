"""Gives each worker a socket of its own at one port, so that the kernel spreads devices evenly over them.

Of workers that wait at one socket the one that is awake takes most connections, and keeps them.
"""

from __future__ import annotations

import socket
import sys
from typing import Any, Final

import uvicorn

from server.cli.supervising import Supervisor

EVENLY: Final = sys.platform == "linux"
"""Elsewhere the kernel does not spread connections over sockets of one port; there the workers share one."""


def run(application: str, options: dict[str, Any]) -> None:
    """Run an application in as many workers as the options of uvicorn say, until it is told to stop."""
    if options["workers"] == 1:
        uvicorn.run(application, factory=True, **options)
        return
    config = uvicorn.Config(application, factory=True, **options)
    with Port(config.host, config.port) if EVENLY else config.bind_socket() as port:
        Supervisor(config, sockets=[port]).run()


class Port(socket.socket):
    """A port that nobody listens at; whichever process it is handed to gets a socket of its own there."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.bind((host, port))

    def __reduce__(self) -> tuple[type[Port], tuple[str, int]]:
        host, port = self.getsockname()[:2]
        return Port, (host, port)
