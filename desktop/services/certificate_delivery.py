"""Handing certificates on as files: one each, one for the printer, an archive, a manifest, a receipt list.

Every file is written whole or not at all, and one that is already there with the same bytes is left alone.
An interrupted delivery is therefore simply asked for again, and a finished one changes nothing. The same
papers make the same files on every machine and day.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from desktop.documents.receipt_list import ReceiptList, Recipient, draw_receipt_list
from desktop.models import queries
from desktop.services.certificate_papers import Press, paper_of
from desktop.services.certificates import UNISSUED, no_progress
from desktop.services.printing import refusing_unprintable
from desktop.services.saving import NAME_AT_MOST, file_name, replace_file, write_file
from domain.problems import refuse

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from desktop.services.desk import Desk

PAPER: Final = "证书"
MANIFEST: Final = "清单"
HEADINGS: Final = {
    "number": "证书编号",
    "name": "姓名",
    "file": "文件",
    "sha256": "SHA-256",
    "size": "字节数",
    "template": "证书样式",
    "issued": "发证日期",
}
"""What the manifest says of each paper: its name in JSON, and at the head of the CSV's column."""
LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive: what is made again is then the same file."""
Row = dict[str, Any]
Entry = dict[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which files are asked for."""

    apart: bool = False
    together: bool = False
    archive: bool = False
    manifest: bool = False
    receipts: bool = False

    @property
    def nothing(self) -> bool:
        """Whether no file is asked for."""
        return not any(getattr(self, field.name) for field in fields(self))

    @property
    def each(self) -> bool:
        """Whether the papers are needed one by one."""
        return self.apart or self.archive or self.manifest


EVERYTHING: Final = Wanted(apart=True, together=True, archive=True, manifest=True, receipts=True)


def deliver(
    desk: Desk,
    ids: Sequence[uuid.UUID],
    folder: Path,
    *,
    name: str,
    wanted: Wanted,
    progress: Callable[[int, int], None] = no_progress,
) -> list[Path]:
    """Write the files asked for into a folder and return them; those of the whole class are called ``name``.

    A paper is called after number and holder. What ``progress`` raises leaves the files written so far.

    Raises:
        Refusal: nothing is asked for, the folder cannot be written to, or a paper cannot be had.
    """
    if wanted.nothing:
        raise refuse("wanted", "plain", why="请至少选择一种要生成的文件")
    with desk.store.read() as connection:
        rows = [row for key in ids if (row := queries.get(connection, "certificate", key))]
    if not rows:
        raise refuse("certificate", "plain", why="还没有证书可保存")
    rows.sort(key=lambda row: row["certificate_no"])
    parcel = _Parcel(desk, rows, folder, file_name(name, PAPER), Press(desk))
    written = parcel.write_each(wanted, progress) if wanted.each else []
    if wanted.together:
        written.append(parcel.write("合订.pdf", parcel.press.draw_together(rows)))
    if wanted.receipts:
        written.append(parcel.write("领取签字表.pdf", receipt_list(desk, rows, name)))
    progress(len(rows), len(rows))
    return written


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What goes into one folder; ``stem`` begins the names of the files of the whole class."""

    desk: Desk
    rows: Sequence[Row]
    folder: Path
    stem: str
    press: Press

    def write(self, ending: str, content: bytes) -> Path:
        return write_file(self.folder / f"{self.stem}_{ending}", content)

    def write_each(self, wanted: Wanted, progress: Callable[[int, int], None]) -> list[Path]:
        """Write what is made of the papers one by one; only one of them is held in memory."""
        written: list[Path] = []
        entries: list[Entry] = []
        archive = self.folder / f"{self.stem}.zip"
        with (
            replace_file(archive, wanted=wanted.archive) as out,
            zipfile.ZipFile(out or io.BytesIO(), "w") as packed,
        ):
            for place, (row, called) in enumerate(zip(self.rows, file_names(self.rows), strict=True)):
                progress(place, len(self.rows))
                paper = paper_of(self.desk, row, self.press)
                entries.append(_entry(row, called, paper))
                if wanted.apart:
                    written.append(write_file(self.folder / called, paper))
                if wanted.archive:
                    _pack(packed, called, paper)
            lists = {f"{MANIFEST}.csv": as_csv(entries), f"{MANIFEST}.json": as_json(entries)}
            for ending, content in lists.items():
                _pack(packed, f"{self.stem}_{ending}", content)
        written += [archive] if wanted.archive else []
        written += [self.write(ending, content) for ending, content in lists.items() if wanted.manifest]
        return written


def file_names(rows: Sequence[Row]) -> list[str]:
    """Return what the papers' files are called: fit for every system, no two alike in any case of letters."""
    taken: set[str] = set()
    names = []
    for row in rows:
        mark = "_草稿" if row["state"] == UNISSUED else ""
        number, holder = (file_name(row[part] or "", PAPER) for part in ("certificate_no", "holder_name"))
        stem = f"{number}_{shortened(holder)}{mark}"
        called, count = stem, 1
        while called.casefold() in taken:
            count += 1
            called = f"{stem}_{count}"
        taken.add(called.casefold())
        names.append(f"{called}.pdf")
    return names


def shortened(name: str) -> str:
    """Return a name in no more bytes than a file's name has to spare for it, whole characters only."""
    return name.encode()[:NAME_AT_MOST].decode(errors="ignore").rstrip(" .")


def _entry(row: Row, called: str, paper: bytes) -> Entry:
    return {
        "number": row["certificate_no"],
        "name": row["holder_name"],
        "file": called,
        "sha256": hashlib.sha256(paper).hexdigest(),
        "size": len(paper),
        "template": row["template"] or "",
        "issued": row["issued_on"].isoformat() if row["issued_on"] else "",
    }


def as_csv(entries: Sequence[Entry]) -> bytes:
    """Return the manifest as CSV that spreadsheets open as it is: UTF-8 with its mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADINGS.values())
    writer.writerows(entry.values() for entry in entries)
    return out.getvalue().encode("utf-8-sig")


def as_json(entries: Sequence[Entry]) -> bytes:
    """Return the manifest for programs."""
    body = {"format": "transfer-desk-manifest", "version": 1, "certificates": entries}
    return (json.dumps(body, ensure_ascii=False, indent=2) + "\n").encode()


def _pack(archive: zipfile.ZipFile, called: str, content: bytes) -> None:
    """Put a file into an archive with nothing of this machine or day beside it; papers do not compress."""
    entry = zipfile.ZipInfo(called, LONG_AGO)
    entry.create_system = 0
    archive.writestr(entry, content, zipfile.ZIP_STORED)


def receipt_list(desk: Desk, rows: Sequence[Row], training: str) -> bytes:
    """Return the list on which everybody signs for the paper, as a PDF.

    Raises:
        Refusal: a character of it is in no font.
    """
    with desk.store.read() as connection:
        people = [queries.get(connection, "broker", row["holder"]) or {} for row in rows]
    recipients = tuple(
        Recipient(number=row["certificate_no"], name=row["holder_name"], unit=person.get("unit_name") or "")
        for row, person in zip(rows, people, strict=True)
    )
    data = ReceiptList(
        training=training,
        issuer=rows[0]["issuer"] or "",
        issued=max(row["issued_on"] for row in rows if row["issued_on"]),
        recipients=recipients,
    )
    with refusing_unprintable():
        return draw_receipt_list(data)
