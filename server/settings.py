"""Where the server keeps its data and listens: all that differs between two installations, in one value."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX: Final = "TRANSFER_DESK_SERVER_"


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation of the server.

    ``database`` is a PostgreSQL URL; empty means the PostgreSQL that comes with the server, with its files
    under ``data_dir``. ``blobs`` is the URL of an object store, empty for a folder under ``data_dir``.
    ``pool`` is how many connections to the database one worker may use. Without ``tls_cert`` and ``tls_key``
    the server speaks HTTP, for this machine or, with ``behind_proxy``, for the proxy whose word on the
    caller's address it takes.
    """

    data_dir: Path = Path("transfer-desk-server")
    database: str = ""
    blobs: str = ""
    host: str = "127.0.0.1"
    port: int = 8440
    workers: int = 1
    pool: int = 8
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings from variables named ``TRANSFER_DESK_SERVER_<NAME>``.

        Raises:
            ValueError: a number is none.
        """
        told = {
            known.name: _READERS[known.type](environment[PREFIX + known.name.upper()])
            for known in fields(cls)
            if environment.get(PREFIX + known.name.upper())
        }
        return cls(**told)

    def to_environment(self) -> dict[str, str]:
        """Return the variables that make the same settings in another process."""
        values = {known.name: getattr(self, known.name) for known in fields(self)}
        return {
            PREFIX + name.upper(): str(int(value) if isinstance(value, bool) else value)
            for name, value in values.items()
            if value
        }

    @property
    def postgres_dir(self) -> Path:
        """Return where the PostgreSQL that comes with the server keeps its files."""
        return self.data_dir / "postgres"

    @property
    def snapshot_dir(self) -> Path:
        """Return where prepared copies for new devices are kept; they can be made again at any time."""
        return self.data_dir / "snapshots"


_READERS: Final[dict[Any, Callable[[str], Any]]] = {
    "str": str,
    "int": int,
    "bool": lambda text: text == "1",
    "Path": Path,
    "Path | None": Path,
}
"""How each kind of setting is read, by its annotation."""
