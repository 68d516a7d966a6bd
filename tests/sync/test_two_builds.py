"""This program and its next release work in one agency: neither harms what only the other knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sync import newer_tree
from tests.sync.errands import Errands
from tests.sync.serving import Serving, installed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.loopback, pytest.mark.unmeasured]

AMOUNTS = ("100.00", "200.00", "300.00")


def test_on_a_server_of_this_release(tmp_path: Path) -> None:
    tree = newer_tree.make(tmp_path / "newer")
    with installed() as serving:
        work_together(serving, tree, tmp_path)


def work_together(serving: Serving, tree: Path, folder: Path) -> None:
    """Let both write, edit each other's records and meet in a conflict; then the older one is upgraded."""
    with Errands(newer_tree.ROOT, folder / "old") as old, Errands(tree, folder / "new") as new:
        for desk, login in ((old, "head"), (new, "broker")):
            desk.do("join", str(serving.folder / "invitations" / f"{login}.tdinvite"))
            desk.do("sync")
        keep_each_others(old, new)
        meet_in_a_conflict(old, new)
        assert [desk.do("problems") for desk in (old, new)] == [[], []]
        kept = new.do("rows")
    with Errands(tree, folder / "old") as upgraded:
        assert upgraded.do("rows") == kept, "nothing had to be fetched again"
        upgraded.do("put", "praise", None, {"name": "科技进步奖"})
        upgraded.do("sync")
        assert upgraded.do("counts")[:3] == [0, 0, 0]


def keep_each_others(old: Errands, new: Errands) -> None:
    """What the older one edits keeps the newer one's field; a type of the newer one passes through it."""
    party = new.do("put", "party", None, {"name": "甲公司", "kind": "organisation", "motto": "先行"})
    praise = new.do("put", "praise", None, {"name": "先进集体", "given_by": "省科技厅"})
    other = old.do("put", "party", None, {"name": "乙公司", "kind": "organisation"})
    sync(new, old, new)
    old.do("put", "party", party, {"name": "甲股份公司", "remark": "改过"})
    new.do("put", "party", party, {"motto": "敢为人先", "address": "杭州"})
    new.do("put", "party", other, {"motto": "后来"})
    new.do("put", "praise", praise, {"given_by": "市科技局"})
    sync(old, new, old)
    old.do("put", "party", other, {"address": "宁波"})
    sync(old, new, old)
    seen = new.do("rows")
    shown = {name: values(seen[f"party {party}"], name) for name in ("name", "remark", "motto", "address")}
    assert shown == {"name": "甲股份公司", "remark": "改过", "motto": "敢为人先", "address": "杭州"}
    assert values(seen[f"party {other}"], "motto", "address") == ["后来", "宁波"]
    assert values(seen[f"praise {praise}"], "name", "given_by") == ["先进集体", "市科技局"]
    theirs = old.do("rows")
    assert theirs.keys() == {key for key in seen if not key.startswith("praise ")}
    for key, row in theirs.items():
        assert {**row, "extra": None} == {name: seen[key][name] for name in row}, key
    assert [desk.do("counts") for desk in (old, new)] == [[0, 0, 0, 0]] * 2


def meet_in_a_conflict(old: Errands, new: Errands) -> None:
    """An amount that both know is never replaced unseen, whoever comes second."""
    for first, second in ((old, new), (new, old)):
        deal = first.do(
            "put", "deal", None, {"title": "专利转让", "stage": "lead", "deal_amount": AMOUNTS[0]}
        )
        sync(first, second)
        first.do("put", "deal", deal, {"deal_amount": AMOUNTS[1]})
        second.do("put", "deal", deal, {"deal_amount": AMOUNTS[2]})
        before = second.do("counts")[3]
        sync(first, second, first)
        for desk in (first, second):
            assert desk.do("rows")[f"deal {deal}"]["deal_amount"] == int(AMOUNTS[1].replace(".", ""))
            assert desk.do("counts") == [0, 0, 0, before + 1]


def sync(*desks: Errands) -> None:
    for desk in desks:
        desk.do("sync")


def values(row: dict[str, Any], *names: str) -> Any:
    found = [row[name] for name in names]
    return found if len(found) > 1 else found[0]
