"""PostgreSQL reads our arrays as it reads the driver's own."""

from __future__ import annotations

import struct
import uuid

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.postgres.arrays import Blobs, Ids, Int2s, Int4s, Int8s, Texts


@pytest.fixture(scope="module")
def connection(postgres):
    with psycopg.connect(postgres) as opened:
        yield opened


def integers(bits):
    return st.lists(st.none() | st.integers(-(1 << bits - 1), (1 << bits - 1) - 1), max_size=20)


@given(two=integers(16), four=integers(32), eight=integers(64))
def test_integers_arrive_as_they_are(connection, two, four, eight):
    told = (Int2s(two), Int4s(four), Int8s(eight))
    row = connection.execute("SELECT %s::smallint[], %s::integer[], %s::bigint[]", told).fetchone()
    assert row == (two, four, eight)


@given(ids=st.lists(st.none() | st.binary(min_size=16, max_size=16)), blobs=st.lists(st.none() | st.binary()))
def test_ids_and_bytes_arrive_as_they_are(connection, ids, blobs):
    row = connection.execute("SELECT %s::uuid[], %s::bytea[]", (Ids(ids), Blobs(blobs))).fetchone()
    assert row == ([one and uuid.UUID(bytes=one) for one in ids], blobs)


@given(texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
def test_texts_arrive_as_they_are(connection, texts):
    assert connection.execute("SELECT %s::text[]", (Texts(texts),)).fetchone() == (texts,)


@pytest.mark.parametrize(("kind", "value"), [(Int2s, 1 << 15), (Int4s, 1 << 31), (Int8s, 1 << 63)])
def test_a_number_that_has_no_room_is_not_cut(kind, value):
    with pytest.raises(struct.error):
        kind([value])
