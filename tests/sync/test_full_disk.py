"""A disk fills at the worst moments: the user is told, nothing saved is lost, and with room all goes on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from desktop import paths
from desktop.models import file_copies
from desktop.models.work import new_id
from desktop.services import attachments, records
from desktop.services import desk as services
from desktop.sync.troubles import BusyError
from domain.problems import Refusal
from server.app import build
from server.settings import Settings
from tests import offices
from tests.desktop.sync.test_runner import Watch, idle
from tests.offices import Desk, Office, now
from tests.small_disk import MIB, SmallDisk, small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG: Final = "拜访记录" * 240
FILE: Final = bytes(range(256)) * (12 * MIB // 256)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


@pytest.fixture
def desk(office: Office, disk: SmallDisk) -> Iterator[Desk]:
    """Return a desk on the small disk that has joined and seen what there is."""
    folder = disk.folder / "desk"
    shutil.copytree(office.template, folder)
    made = Desk(office, folder)
    made.join(office.invite())
    made.sync()
    yield made
    disk.empty()  # the store folds its log into its file when it is closed


def user_of(desk: Desk) -> services.Desk:
    """Return the desk as its user has it before him."""
    return services.Desk(
        store=desk.store,
        blobs=desk.blobs,
        codes=paths.code_book(),
        policies=paths.policy_book(),
        schemes=paths.schemes(),
        checklist=paths.dossier_checklist(),
        clock=now,
        user="高璟",
        device="small",
    )


def save(desk: Desk, number: int) -> bytes:
    party = new_id()
    values = {"name": f"公司{number}", "kind": "organisation", "remark": LONG}
    records.save(user_of(desk), record_type="party", record_id=party, values=values)
    return party.bytes


def assert_agreed(desk: Desk, other: Desk, saved: list[bytes]) -> None:
    """Sync both and compare."""
    for one in (desk, other, desk):
        one.sync()
    assert desk.rows() == other.rows()
    assert {row_id.bytes for kind, row_id in desk.rows() if kind == "party"} == set(saved)
    assert desk.store.integrity_problems() == []


def test_while_working(office: Office, desk: Desk, disk: SmallDisk) -> None:
    saved = [save(desk, 0)]
    disk.fill(leaving=MIB)
    with pytest.raises(Refusal, match="磁盘空间不足"):
        saved.extend(save(desk, number) for number in range(1, 1_000))
    assert len(saved) > 1, "there was room for some"
    with pytest.raises(Refusal, match="磁盘空间不足"):
        records.keep_draft(user_of(desk), record_type="party", record_id=new_id(), body={"name": LONG * 99})
    assert {row_id.bytes for kind, row_id in desk.rows() if kind == "party"} == set(saved)
    disk.empty()
    saved.append(save(desk, 1_000))
    assert_agreed(desk, office.desk(), saved)


def sync_on_a_full_disk(desk: Desk, disk: SmallDisk, leaving: int = 0) -> None:
    """Let the background sync meet a full disk, tell of it, and go on by itself when there is room."""
    before = desk.rows()
    disk.fill(leaving)
    with Watch(desk) as watch:
        watch.until(lambda status: status.trouble == "disk-full")
        assert desk.rows() == before
        disk.empty()
        watch.runner.sync_now()
        watch.until(idle)


def test_while_a_batch_is_frozen(office: Office, desk: Desk, disk: SmallDisk) -> None:
    saved = [save(desk, number) for number in range(20)]
    desk.store.close()  # the log is folded into the file: whatever is written now needs room
    sync_on_a_full_disk(desk, disk)
    assert_agreed(desk, office.desk(), saved)


def test_while_pages_are_taken(office: Office, desk: Desk, disk: SmallDisk) -> None:
    other = office.desk()
    saved = [save(other, number) for number in range(60)]
    other.sync()
    sync_on_a_full_disk(desk, disk, MIB // 16)
    assert_agreed(desk, other, saved)


def test_while_a_file_comes(office: Office, desk: Desk, disk: SmallDisk) -> None:
    other = office.desk()
    name = other.blobs.put(FILE)
    other.put("attachment", name="合同.pdf", sha256=name, size=len(FILE))
    other.sync()
    other.carry_files()
    desk.sync()
    with desk.store.write(applying=True) as connection:
        file_copies.want(connection, desk.blobs, name, "2026-03-02T09:00:00+08:00")
    sync_on_a_full_disk(desk, disk, len(FILE) // 2)
    desk.carry_files()
    assert desk.blobs.get(name) == FILE


def test_while_a_file_is_added(desk: Desk, disk: SmallDisk, tmp_path: Path) -> None:
    party = new_id()
    records.save(user_of(desk), record_type="party", record_id=party, values={"name": "甲", "kind": "person"})
    chosen = tmp_path / "合同.bin"
    chosen.write_bytes(FILE)
    before = set(desk.folder.rglob("*"))
    disk.fill(leaving=len(FILE) // 2)
    with pytest.raises(Refusal, match="磁盘空间不足"):
        attachments.attach(user_of(desk), record_type="party", record_id=party, files=[chosen])
    assert {path for path in desk.folder.rglob("*") if path.is_file()} <= before, "no part is left"
    disk.empty()
    attachments.attach(user_of(desk), record_type="party", record_id=party, files=[chosen])
    assert len([path for path in (desk.folder / "blobs").rglob("*") if path.is_file()]) == 1


@pytest.mark.expects_warning("the store of attachments takes nothing")
def test_while_the_server_keeps_a_file(
    database_url: str, disk: SmallDisk, tmp_path: Path, store_template: Path
) -> None:
    app = build(Settings(data_dir=disk.folder / "server", database=database_url, pool=6))
    with offices.lively(app):
        office = Office(app, tmp_path, store_template)
        desk, other = office.desk(), office.desk()
        name = desk.blobs.put(FILE)
        desk.put("attachment", name="合同.pdf", sha256=name, size=len(FILE))
        desk.sync()
        disk.fill(leaving=MIB // 2)
        with pytest.raises(BusyError) as told:
            desk.carry_files()
        assert "存储空间" in told.value.words
        disk.empty()
        desk.carry_files()
        other.sync()
        with other.store.write(applying=True) as connection:
            file_copies.want(connection, other.blobs, name, "2026-03-02T09:00:00+08:00")
        other.carry_files()
        assert other.blobs.get(name) == FILE
        for one in (desk, other):
            one.close()
