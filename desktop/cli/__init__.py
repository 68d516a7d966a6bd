"""The commands without a screen: the same services as the window, for scripts and for the deadline night."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop import paths
from desktop.cli import calculations, certificates, ledgers, papers, sync
from desktop.cli.workspace import complain, opened
from domain.problems import Refusal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from desktop.services.desk import Desk

DONE, REFUSED = 0, 1

COMMANDS: dict[str, Callable[[Desk, argparse.Namespace], None]] = {
    "import": ledgers.take,
    "export": ledgers.give,
    "search": ledgers.search,
    "check": ledgers.check,
    "certificate": papers.certificate,
    "certificates": certificates.batch,
    "trust": certificates.trust,
    "evaluation": papers.evaluation,
    "dossier": papers.dossier,
    "join": sync.join,
    "sync": sync.sync,
    "leave": sync.leave,
    "bundle": sync.bundle,
}


def run(arguments: argparse.Namespace, passphrase: str | None) -> int:
    """Carry out one command of the command line; 0 is done, 1 refused with the reasons on stderr."""
    try:
        if arguments.command == "calc":
            return DONE if calculations.answer(arguments.kind) else REFUSED
        if arguments.command == "demo":
            from desktop import demo

            demo.run(paths.data_dir(arguments.data_dir), arguments.out, passphrase)
            return DONE
        if arguments.command == "verify":
            return DONE if certificates.verify(arguments, passphrase) else REFUSED
        with opened(arguments, passphrase) as desk:
            COMMANDS[arguments.command](desk, arguments)
    except Refusal as refused:
        for line in refused.messages():
            complain(line)
        return REFUSED
    return DONE
