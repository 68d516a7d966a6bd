"""A store of an older shape is opened in the newest one with everything in it, and still finds it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command

from desktop.models import migrations, queries
from desktop.models import store as store_module
from desktop.models.outgoing import freezing, outbox
from desktop.models.queries import Query
from desktop.models.store import Store
from desktop.models.work import new_id
from domain.protocol import New, decode_batch

KEY = b"k" * 32
NOW = "2026-03-02T01:00:00.000000+00:00"


def old_store(folder, revision):
    """Return the engine of a store as the program of that revision made it, with a search of its time."""
    engine = store_module._engine(folder / store_module.FILE, KEY)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        command.upgrade(migrations.configuration(connection), revision)
        for table in ("broker", "certificate"):
            connection.exec_driver_sql(f"CREATE VIRTUAL TABLE search_{table} USING fts5(grams, content='')")
            connection.exec_driver_sql(
                f"CREATE TRIGGER search_{table}_ai AFTER INSERT ON {table} BEGIN"
                f" INSERT INTO search_{table}(rowid, grams) VALUES (new.row, 'x'); END"
            )
    return engine


def add(connection, table, **values):
    values = {"id": new_id().bytes, "created_at": NOW, "updated_at": NOW, **values}
    columns = ", ".join(f'"{name}"' for name in values)
    blanks = ", ".join(f":{name}" for name in values)
    connection.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({blanks})"), values)
    return values


def test_certificates_of_the_first_shape_are_kept_and_found(tmp_path):
    engine = old_store(tmp_path, "0001")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        columns = {row[1] for row in connection.exec_driver_sql("PRAGMA table_info(certificate)")}
        assert "credential" not in columns
        broker = add(connection, "broker", name="王䶮")
        paper = add(
            connection,
            "certificate",
            certificate_no="JJ2025-0CB3A1F2-00007",
            holder=broker["id"],
            holder_name="王䶮",
            level="junior",
            issuer="示例基地",
            state="issued",
        )
    engine.dispose()

    store = Store.open(tmp_path, KEY)
    assert store.integrity_problems() == []
    with store.read() as connection:
        (row,) = queries.rows(connection, Query("certificate"))
        assert row["id"].bytes == paper["id"]
        assert (row["certificate_no"], row["holder_name"], row["state"]) == (
            "JJ2025-0CB3A1F2-00007",
            "王䶮",
            "issued",
        )
        added = (
            "valid_to",
            "replaces",
            "template",
            "state_on",
            "state_reason",
            "credential",
            "made_with",
        )
        assert {row[name] for name in added} == {None}
        for words in ("00007", "王䶮", "wy"):
            hits = queries.find_everywhere(connection, words)
            assert row["id"] in [hit.record_id for hit in hits if hit.record_type == "certificate"]
    store.close()


def test_a_store_of_the_first_shape_is_upgraded_once(tmp_path):
    old_store(tmp_path, "0001").dispose()
    Store.open(tmp_path, KEY).close()
    store = Store.open(tmp_path, KEY)
    with store.read() as connection:
        here = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    assert here == migrations.HEAD
    store.close()


def test_what_was_written_before_there_was_sync_waits_to_be_sent(tmp_path):
    engine = old_store(tmp_path, "0002")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        parties = [add(connection, "party", name=f"单位{number}") for number in range(3)]
        add(connection, "party", name="已删除", deleted_at=NOW)
        add(connection, "deal", title="转让", seller=parties[0]["id"])
    engine.dispose()

    store = Store.open(tmp_path, KEY)
    with store.write(applying=True) as connection:
        assert outbox.counts(connection).waiting == 4
        flight = freezing.freeze(connection)
    assert flight is not None
    names = [
        op.body[0] for group in decode_batch(flight.body).groups for op in group.ops if isinstance(op, New)
    ]
    assert sorted(names) == ["单位0", "单位1", "单位2", "转让"]
    store.close()
