"""A workspace that speaks with a server over the network, as a class and as a program that may be killed.

Usage: python -m tests.sync.syncer FOLDER ACTIONS     prints "ready", then "saved <id>" for every action that
is in the store, and syncs after each fourth.
"""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from desktop.models.blobs import Blobs
from desktop.models.outgoing import outbox
from desktop.models.store import Store
from desktop.models.tables import RECORD_TABLES
from desktop.models.work import Work, new_id
from desktop.sync import registration
from desktop.sync.conversation import Conversation
from desktop.sync.credentials import Vault
from desktop.sync.transport import Transport

if TYPE_CHECKING:
    import uuid

    from domain.enrolment import Invitation

KEY: Final = b"k" * 32
PASSWORD: Final = "four unrelated Chinese words"
TITLE: Final = "无氯氟发泡剂"


class Workspace:
    """One desk without a keyring: everything it needs to go on after a kill is in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store.open(folder, KEY)
        self.vault = Vault(self.store, None)

    def join(self, invitation: Invitation, account: str = "") -> None:
        registration.register(
            self.store,
            self.vault,
            invitation,
            label=self.folder.name,
            password=PASSWORD,
            account=account,
        )

    def talk(self, address: str = "") -> Conversation:
        """Begin a conversation, with ``address`` instead of the server's own."""
        credentials = self.vault.read()
        assert credentials is not None
        return Conversation.open(
            self.store,
            Blobs.open(self.folder, KEY),
            self.vault,
            replace(credentials, access=""),  # each conversation trades its tokens, which may be killed too
            build="test",
            on_taken=lambda _taken: None,
            on_trust=lambda _text: None,
            stopped=lambda: False,
            rows_wait=lambda: False,
            now=_now,
            connect=lambda server, pin: Transport.to(address or server, pin),
        )

    def sync(self, address: str = "") -> None:
        conversation = self.talk(address)
        try:
            conversation.engine.run()
        finally:
            conversation.close()

    def save(self, number: int) -> uuid.UUID:
        """One user action: a new deal, and another amount for one of those before."""
        with self.store.write() as connection:
            work = Work(connection, _now(), "高璟", "device", "测试")
            deal = new_id()
            amount = Decimal(number)
            work.put("deal", deal, {"title": f"{TITLE}{number}", "stage": "lead", "deal_amount": amount})
            found = connection.exec_driver_sql("SELECT id FROM deal ORDER BY id LIMIT 3").scalars().all()
            connection.exec_driver_sql(
                "UPDATE deal SET remark = ? WHERE id = ?", (f"{number}", found[number % len(found)])
            )
            work.finish()
        return deal

    def rows(self) -> dict[tuple[str, bytes], dict[str, Any]]:
        """Return the live records, without what each store notes for itself."""
        own = {"row", "created_at", "updated_at", "sync_scope"}
        found = {}
        with self.store.read() as connection:
            for name in RECORD_TABLES:
                asked = f"SELECT * FROM {name} WHERE deleted_at IS NULL"
                for row in connection.exec_driver_sql(asked).mappings():
                    kept = {column: value for column, value in row.items() if column not in own}
                    found[name, bytes(row["id"])] = kept
        return found

    def counts(self) -> outbox.Counts:
        with self.store.read() as connection:
            return outbox.counts(connection)

    def close(self) -> None:
        self.store.close()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def main() -> None:
    workspace = Workspace(Path(sys.argv[1]))
    conversation = workspace.talk()  # one for all, as the program has it: tokens are not for each sync
    print("ready", flush=True)
    for number in range(1, int(sys.argv[2]) + 1):
        print(f"saved {workspace.save(number)}", flush=True)
        if number % 4 == 0:
            conversation.engine.run()
    conversation.close()
    workspace.close()


if __name__ == "__main__":
    main()
