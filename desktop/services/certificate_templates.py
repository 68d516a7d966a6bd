"""The designs a certificate may have: those that come with the program, and a training base's own."""

from __future__ import annotations

import decimal
import functools
from typing import TYPE_CHECKING, Final

from desktop import paths
from desktop.documents.certificate import (
    CertificateData,
    default_template,
    draw_certificate,
    sample_templates,
)
from desktop.documents.template_file import read_templates

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from desktop.documents.template import Template, Templates
    from desktop.services.desk import Desk

FOLDER: Final = "templates"
"""Where in the workspace a base keeps designs of its own."""


def templates(desk: Desk) -> Templates:
    """Return all designs at hand; a design file that was changed since is read again.

    Raises:
        Refusal: with everything that is wrong in a design of one's own.
    """
    folder = desk.store.path.parent / FOLDER
    stamps = tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.toml")))
    return _read(folder, stamps) if stamps else sample_templates()


def usual_key() -> str:
    """Return the key of the design that is used when none is chosen."""
    return default_template().key


def template_of(desk: Desk, key: str | None) -> Template:
    """Return the design of a key such as ``classic@1``; for none the one that is used when none is chosen.

    Raises:
        Refusal: it is not at hand any more.
    """
    return templates(desk).find(key) if key else default_template()


@functools.lru_cache(maxsize=4)
def _read(folder: Path, _stamps: tuple[tuple[str, int], ...]) -> Templates:
    """Return the designs of a folder beside the program's; kept, since to compile one takes longer."""
    return read_templates(paths.resources() / FOLDER, folder)


def sample_sheet(template: Template, day: dt.date) -> bytes:
    """Return a sheet of a design with an invented holder, to choose it by."""
    sample = CertificateData(
        title="技术经纪人（初级）培训合格证书",
        number="JJ2026-00000000-00001",
        holder="王小明",
        sex="男",
        id_number="110***********002X",
        programme="国家技术转移专业人员能力等级培训",
        level="初级技术经纪人",
        started=day,
        ended=day,
        hours=decimal.Decimal(40),
        result="合格",
        issuer="示例技术转移人才培养基地",
        issued=day,
        draft=True,
    )
    return draw_certificate(sample, template).content
