"""The rights of every role, against the tables of the shared ground, for reading and for writing."""

from __future__ import annotations

import pytest

from domain.protocol import Want
from domain.scopes import RIGHTS, ROLES, SCOPE_KINDS, scope_key
from server.records import grants
from tests.server.talking import PARTY, new


def granted(database, device):
    with database.reading() as connection:
        return grants.scopes_of(connection, device.caller)


def keys_of(device):
    caller = device.caller
    return {
        kind: scope_key(kind, organisation=caller.organisation, account=caller.account)
        for kind in SCOPE_KINDS
    }


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reads_and_writes_what_the_tables_say(devices, role):
    """Brute force: every scope there is, one's own and a stranger's, by asking and by sending."""
    owner = devices("head")
    me, stranger = devices(role, like=owner), devices("head")
    others = {kind: key for kind, key in keys_of(stranger).items() if kind != "p"}
    mine = {**keys_of(owner), **keys_of(me)}
    owner.send(*([new("party", PARTY, scope=keys_of(owner)[kind])] for kind in "ats"))
    stranger.send(*([new("party", PARTY, scope=others[kind])] for kind in "auts"))
    everywhere = {others[kind] for kind in ("t", "s")} if role == "authority" else set()
    rights = {mine[kind]: right for kind, right in RIGHTS[role].items()}
    rights |= {others[kind]: RIGHTS[role][kind] for kind in ("t", "s") if others[kind] in everywhere}
    for key in {*mine.values(), *others.values(), keys_of(owner)["u"]}:
        pages, mended = me.pages(Want(key, 0, staged=0))
        assert [page.scope for page in pages] + mended in ([], [key])
        assert not pages or key in rights
        refused = bool(me.send([new("party", PARTY, scope=key)]).verdicts)
        assert refused == (rights.get(key) != "write")
    expected = {key for key in rights if key.startswith(("a", "t", "s")) or key in everywhere}
    assert {key for key in expected if me.page(key)} == expected


def test_scopes_are_told_with_labels_and_rights(database, devices):
    me = devices("staff")
    labels = {scope.key[0]: (scope.label, scope.writes) for scope in granted(database, me)}
    assert labels == {
        "a": ("本机构", True), "u": ("仅本人", True), "t": ("培训登记", True),
        "s": ("报送主管部门", True), "p": ("公共目录", False),
    }  # fmt: skip
    authority = devices("authority")
    told = [scope for scope in granted(database, authority) if scope.key[0] == "s"]
    assert [(scope.label, scope.writes) for scope in told] == [
        ("报送主管部门 机构1", True),
        ("报送主管部门", True),
    ]


def test_an_authority_files_in_its_own_scope_though_nobody_else_has_asked(devices):
    me = devices("authority")
    assert not me.send(
        [new("submission", {"title": "统计汇总", "kind": "statistics", "state": "draft"})]
    ).verdicts
    assert me.page(keys_of(me)["s"])


def test_administrators_and_auditors_see_no_record(database, devices):
    for role in ("administrator", "auditor"):
        assert granted(database, devices(role)) == []


def test_the_version_of_grants_changes_with_them_only(database, devices):
    me = devices("authority")
    before = grants.version(granted(database, me))
    assert before == grants.version(granted(database, me)) > 0
    me.send([new("party", PARTY, scope=f"u:{me.caller.account}")])
    assert grants.version(granted(database, me)) == before
    granted(database, devices("staff"))
    assert grants.version(granted(database, me)) != before
    assert grants.version([]) == 1
