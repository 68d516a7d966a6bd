"""Statements whose answers nobody needs go as one: each alone costs a round trip and work on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg


class Together:
    """Statements that write, gathered to be carried out at once.

    They see the database as it was before all of them, and their order is PostgreSQL's choice: no two of them
    may write the same row.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self._statements: list[str] = []
        self._values: list[Any] = []

    def add(self, statement: str, values: list[Any]) -> None:
        """Gather one more; its placeholders are all ``%s``."""
        self._statements.append(statement)
        self._values += values

    def run(self) -> None:
        """Carry out what was gathered, if anything was."""
        if self._statements:
            parts = (f"s{number} AS ({text})" for number, text in enumerate(self._statements))
            self.connection.execute(f"WITH {', '.join(parts)} SELECT".encode(), self._values)
