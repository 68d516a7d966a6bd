"""The scripts of all migrations together make exactly the shape that the declarations ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlcipher3 import dbapi2

from desktop.models import migrations
from desktop.models.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def connection(tmp_path) -> Iterator[sa.Connection]:
    engine = sa.create_engine(
        "sqlite://",
        module=dbapi2,
        creator=lambda: dbapi2.connect(str(tmp_path / "shape.db"), isolation_level=None),
    )
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def shape(connection: sa.Connection) -> dict[str, object]:
    """Return what SQLite itself says of every table: columns, foreign keys, indexes.

    A column that a migration added stands last; nothing asks for columns by their place.
    """
    tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'alembic%'"
    return {
        table: {
            "columns": sorted(row[1:] for row in rows(connection, f"table_info('{table}')")),
            "foreign keys": sorted(row[2:] for row in rows(connection, f"foreign_key_list('{table}')")),
            "indexes": sorted(
                (unique, origin, [row[2] for row in rows(connection, f"index_info('{name}')")])
                for _, name, unique, origin, _ in rows(connection, f"index_list('{table}')")
            ),
        }
        for (table,) in connection.exec_driver_sql(tables).all()
    }


def rows(connection: sa.Connection, pragma: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(f"PRAGMA {pragma}")]


def test_the_migrated_shape_is_the_declared_shape(connection):
    migrations.upgrade(connection)
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, METADATA) == []


def test_sqlite_sees_the_same_tables_keys_and_indexes_either_way(connection, tmp_path):
    migrations.upgrade(connection)
    derived = sa.create_engine(
        "sqlite://", module=dbapi2, creator=lambda: dbapi2.connect(str(tmp_path / "derived.db"))
    )
    with derived.connect() as other:
        METADATA.create_all(other)
        assert shape(connection) == shape(other)
    derived.dispose()


def test_the_named_head_is_the_only_head_of_the_scripts():
    scripts = ScriptDirectory.from_config(migrations.configuration())
    assert scripts.get_heads() == [migrations.HEAD]


def test_up_down_and_up_again(connection):
    migrations.upgrade(connection)
    first = shape(connection)
    command.downgrade(migrations.configuration(connection), "base")
    assert shape(connection) == {}
    migrations.upgrade(connection)
    assert shape(connection) == first


def test_a_store_in_its_newest_shape_is_left_alone(connection, monkeypatch):
    migrations.upgrade(connection)
    monkeypatch.setattr(command, "upgrade", lambda *_: pytest.fail("there was nothing to migrate"))
    migrations.upgrade(connection)
