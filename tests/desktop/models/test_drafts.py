"""Drafts and settings: small facts beside the records, kept in the same encrypted file."""

from __future__ import annotations

from desktop.models import drafts, settings
from desktop.models.store import Store
from desktop.models.work import new_id


def test_a_draft_is_kept_replaced_found_and_dropped(store, clock):
    first, second, whole = new_id(), new_id(), {"title": "半截", "year": "20x"}
    with store.write() as connection:
        for record, body in (
            (first, {"title": "半"}),
            (second, {}),
            (first, {"title": "半截", "year": "20x"}),
        ):
            drafts.keep(connection, record=record, record_type="achievement", body=body, at=clock())
    with store.read() as connection:
        found = drafts.find(connection, first)
        assert found is not None
        assert (found.record_type, found.body) == ("achievement", whole)
        assert [draft.record for draft in drafts.every(connection)] == [first, second]
        assert drafts.find(connection, new_id()) is None
    with store.write() as connection:
        drafts.drop(connection, first)
        drafts.drop(connection, first)
    with store.read() as connection:
        assert [draft.record for draft in drafts.every(connection)] == [second]


def test_a_draft_outlives_the_program(store, clock):
    record = new_id()
    with store.write() as connection:
        drafts.keep(connection, record=record, record_type="deal", body={"title": "未完"}, at=clock())
    store.close()
    again = Store.open(store.path.parent, b"k" * 32)
    with again.read() as connection:
        assert [draft.record for draft in drafts.every(connection)] == [record]
    again.close()


def test_settings_keep_any_json_value_under_a_name(store):
    for value in ("高璟", {"列": [1, 2, None]}, False, 0):
        with store.write() as connection:
            settings.write(connection, "某项", value)
        with store.read() as connection:
            assert settings.read(connection, "某项") == value
            assert settings.read(connection, "另一项", "默认") == "默认"
