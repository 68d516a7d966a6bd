"""The dossier's record exists so that a machine reads what the sheets say without reading the sheets."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from desktop.documents.binding import Enclosure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.documents.attachments import Attachment
    from desktop.documents.dossier_data import DossierData

ABOUT = Enclosure("案卷数据.json", "application/json", "Data", "本案卷的结构化数据")
_FETCHERS = frozenset(("read", "prepared"))


def dossier_record(data: DossierData, bound: Sequence[Attachment], starts: Sequence[int]) -> bytes:
    """Return ``data`` as JSON (UTF-8), with what became of each file; ``starts`` are their first 页号.

    ``bound`` are the files in the order of ``data``. Amounts and names are as printed, dates as ISO 8601.
    """
    files = iter([_file(*held) for held in zip(bound, starts, strict=True)])
    sections = [{**_plain(s), "files": list(islice(files, len(s.files)))} for s in data.sections]
    return json.dumps(
        {"format": "transfer-desk/dossier", "version": 1, **_plain(data), "sections": sections},
        ensure_ascii=False,
        indent=1,
        default=_plain,
    ).encode()


def _file(attachment: Attachment, start: int) -> dict[str, Any]:
    filed = {name: value for name, value in _plain(attachment.file).items() if name not in _FETCHERS}
    return {
        **filed,
        "sha256": attachment.sha256,
        "size": attachment.size,
        "first_page": start,
        "pages": len(attachment.pages),
        "problem": attachment.problem,
        "rendered_pages": attachment.treated.rendered,
        "scripts_removed": attachment.treated.scripted,
        "enclosed": attachment.enclosed,
    }


def _plain(value: object) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no place in JSON")
