"""Makes the next release of the program, one field and one record type richer, in a tree of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from desktop.models.migrations import HEAD

ROOT: Final = Path(__file__).resolve().parents[2]
COPIED: Final = ("domain", "desktop", "server")
LINKED: Final = ("resources", "tests", "tools", "pyproject.toml")
NEXT: Final = f"{int(HEAD) + 1:04}"
LAST_FIELD: Final = '    source: str | None = text("来源"'
FIELD: Final = '    motto: str | None = text("口号", max=60, heading="其他")\n'
RECORD: Final = '''"""荣誉: what a client was praised for."""

from __future__ import annotations

import uuid

from domain.fields import record, text


@record("praise", "荣誉", group="parts", title="name", identity=("name",))
class Praise:
    """One praise."""

    id: uuid.UUID
    name: str = text("名称", required=True, max=60, searched=True)
    given_by: str | None = text("授予单位", max=60)
'''
MIGRATION: Final = f'''"""A field and a record type more."""

import sqlalchemy as sa
from alembic import op

from desktop.models.tables import RECORD_TABLES

revision = "{NEXT}"
down_revision = "{HEAD}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("party", sa.Column("motto", sa.Text(), nullable=True))
    RECORD_TABLES["praise"].create(op.get_bind())
'''


def make(tree: Path) -> Path:
    """Build the tree in a new folder, with all that a release goes through: numbers and a migration."""
    for name in COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in LINKED:
        (tree / name).symlink_to(ROOT / name)
    _replace(tree / "domain/records/party.py", LAST_FIELD, FIELD + LAST_FIELD)
    (tree / "domain/records/praise.py").write_text(RECORD, "utf-8")
    _replace(tree / "domain/records/__init__.py", "    payment,\n", "    payment,\n    praise,\n")
    _replace(tree / "domain/records/__init__.py", '    "payment",\n', '    "payment",\n    "praise",\n')
    _replace(tree / "desktop/models/migrations/__init__.py", f'"{HEAD}"', f'"{NEXT}"')
    (tree / f"desktop/models/migrations/versions/{NEXT}_more.py").write_text(MIGRATION, "utf-8")
    subprocess.run([sys.executable, "-m", "tools.new_numbers"], cwd=tree, check=True)
    return tree


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{path.name} has another form by now"
    path.write_text(text.replace(old, new), "utf-8")
