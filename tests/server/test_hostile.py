"""Whatever comes in at the doors of sync: no error of the server, and nothing done to others."""

from __future__ import annotations

import re
import uuid

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.protocol import New, Set, SyncRequest, Want, decode_answer, encode
from domain.registry import wire_types
from server import frames
from server.app import build
from server.settings import Settings
from tests.server.talking import NOW, PARTY, new

FIXTURES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
NUMBERS = st.one_of(st.integers(-3, 60), st.integers(-(1 << 63), (1 << 64) - 1))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.floats(), st.text(max_size=6), st.binary(max_size=20)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(0, 40), inner, max_size=3),
    max_leaves=6,
)
"""What any place of any message may hold."""


@st.composite
def edits(draw, ids):
    """Return an edit of any form: sound in its outline, with anything inside."""
    kind = draw(st.integers(1, 6))
    head = [kind, draw(st.integers(-1, 33)), draw(st.sampled_from([*ids, b"", b"x" * 16]))]
    units = st.dictionaries(NUMBERS, st.dictionaries(NUMBERS, VALUES, max_size=2), max_size=2)
    rest = {
        1: st.tuples(st.lists(VALUES, max_size=12), st.sampled_from(["", "p", "\0", "a:x"])),
        2: st.tuples(NUMBERS, units, st.dictionaries(NUMBERS, VALUES, max_size=2)),
        3: st.tuples(NUMBERS, st.dictionaries(NUMBERS, NUMBERS, max_size=2)),
        4: st.tuples(NUMBERS),
        5: st.tuples(NUMBERS, st.text(max_size=3)),
        6: st.tuples(st.booleans()),
    }[kind]
    return [*head, *draw(rest)]


@pytest.fixture
def speaking(server, devices):
    """Return a device that sends anything, and the ids of a stranger's record and its own."""
    me, stranger = devices(), devices()
    mine, _ = me.born("party", PARTY)
    theirs, _ = stranger.born("party", PARTY)
    return server, me, stranger, [mine, theirs]


@FIXTURES
@given(data=st.data())
def test_edits_of_any_form_are_judged_one_by_one(speaking, data):
    server, me, stranger, ids = speaking
    groups = data.draw(st.lists(st.tuples(NUMBERS, st.lists(edits(ids), max_size=3)), max_size=3))
    me.number += 1
    request = SyncRequest(1, "x", 1, NOW, [encode([me.number, groups])], [Want(me.agency, 0)], sent=me.number)
    answer = server.post(
        "/v1/sync",
        content=frames.pack(encode(request)),
        headers={"Authorization": f"Bearer {me.caller.device}"},
    )
    if answer.status_code == 400:
        me.number -= 1
    else:
        assert answer.status_code == 200, answer.text
        decode_answer(frames.unpack(answer.content))
    (row,) = stranger.rows()
    assert (row.version, msgspec.msgpack.decode(row.body)) == (1, new("party", PARTY).body)


@FIXTURES
@given(members=st.lists(VALUES, max_size=12))
def test_requests_of_any_form_are_answered(speaking, members):
    server, me, _stranger, _ids = speaking
    answer = server.post(
        "/v1/sync",
        content=frames.pack(encode([1, "x\0", 1, NOW, *members])),
        headers={"Authorization": f"Bearer {me.caller.device}"},
    )
    assert answer.status_code in {200, 400, 409}


@FIXTURES
@given(
    wants=st.lists(st.tuples(st.sampled_from(["a", "u", "p", "x\0"]), *[NUMBERS] * 5), max_size=4),
    rows=NUMBERS,
)
def test_wants_of_any_size_are_answered(speaking, wants, rows):
    server, me, _stranger, _ids = speaking
    keys = {"a": me.agency, "u": f"u:{me.caller.account}"}
    told = [[keys.get(key, key), *numbers] for key, *numbers in wants]
    body = encode([1, "x", 1, NOW, [], told, 0, 0, rows, [], me.number])
    headers = {"Authorization": f"Bearer {me.caller.device}"}
    assert server.post("/v1/sync", content=frames.pack(body), headers=headers).status_code == 200


def test_text_that_is_no_text_is_refused(devices):
    me = devices()
    party = wire_types()["party"].number
    bad = encode([1, [[0, [[1, party, uuid.uuid4().bytes, ["AB", "enterprise"], ""]]]]]).replace(
        b"AB", b"\xff\xfe"
    )
    (verdict,) = me.again(bad).verdicts
    assert verdict.code == "invalid::malformed"


def test_a_wide_edit_is_refused_before_it_takes_room(devices):
    me = devices()
    pk, version = me.born("party", PARTY)
    answer = me.send(
        [Set(new("party", PARTY).type, pk, version, {1000: {1 << 40: 1}})],
        [New(999, uuid.uuid4().bytes, [1] * 2000)],
    )
    assert [verdict.code.rpartition(":")[2] for verdict in answer.verdicts] == ["unit", "not-plain"]


@pytest.fixture
def whole(database_url, tmp_path, client_of):
    with client_of(build(Settings(data_dir=tmp_path, database=database_url))) as client:
        yield client


def test_the_whole_server_describes_all_its_doors(whole):
    told = whole.get("/v1/openapi.json").json()
    assert {"/v1/sync", "/v1/devices", "/v1/blobs/{sha256}/{number}", "/v1/heads"} <= told["paths"].keys()
    assert told["paths"]["/v1/token"]["post"]["security"] == []
    assert whole.get("/readyz").text == "ready"
    for path, operations in told["paths"].items():
        for method in operations.keys() - {"parameters"}:
            where = re.sub(r"\{\w+\}", "1", path)
            answer = whole.request(method, where, content=b"\xff")
            assert answer.status_code < 500, (method, where)
