"""Commands that print: certificates, the performance form, a deal's dossier."""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING, Any

from desktop.cli.workspace import refusal, tell

if TYPE_CHECKING:
    import argparse

    from desktop.services.desk import Desk


def certificate(desk: Desk, arguments: argparse.Namespace) -> None:
    from desktop.models.queries import Query
    from desktop.services import certificate_papers

    ids = _matching(desk, "certificate", arguments.which, ("certificate_no", "holder_name"))
    if arguments.which is None:
        ids = _ids(
            desk, Query("certificate", where=(("state", ("issued", "registered")),), order="certificate_no")
        )
    if not ids:
        raise refusal("还没有已签发的证书")
    arguments.out.write_bytes(certificate_papers.printed(desk, ids))
    tell(
        arguments,
        {"pages": len(ids), "file": str(arguments.out)},
        f"已生成证书 {len(ids)} 份：{arguments.out}",
    )


def evaluation(desk: Desk, arguments: argparse.Namespace) -> None:
    from desktop.services import evaluation_papers

    agency = _one(desk, "agency", arguments.which, ("name",))
    evaluation_papers.write(desk, agency, arguments.paper, arguments.out)
    name = evaluation_papers.PAPERS[arguments.paper]
    tell(arguments, {"file": str(arguments.out)}, f"已生成{name}：{arguments.out}")


def dossier(desk: Desk, arguments: argparse.Namespace) -> None:
    from desktop.services import dossiers

    deal = _one(desk, "deal", arguments.which, ("title", "contract_no", "registration_no"))
    dossiers.write(desk, deal, arguments.out)
    tell(arguments, {"file": str(arguments.out)}, f"已生成交易案卷：{arguments.out}")


def _one(desk: Desk, record_type: str, which: str | None, names: tuple[str, ...]) -> uuid.UUID:
    """Return the one record meant; the only one there is when nothing is said."""
    from desktop.models.queries import Query
    from domain.records import RECORD_TYPES

    label = RECORD_TYPES[record_type].label
    found = _matching(desk, record_type, which, names) if which else _ids(desk, Query(record_type))
    if not found:
        raise refusal(f"找不到{label}“{which}”" if which else f"还没有{label}")
    if len(found) > 1:
        raise refusal(f"有 {len(found)} 条{label}，请写明是哪一条（名称或编号）")
    return found[0]


def _matching(desk: Desk, record_type: str, which: str | None, names: tuple[str, ...]) -> list[uuid.UUID]:
    """Return the records whose id or one of whose named fields is exactly the words given."""
    from desktop.models.queries import Query

    if which is None:
        return []
    with contextlib.suppress(ValueError):
        return [uuid.UUID(which)]
    for name in names:
        found = _ids(desk, Query(record_type, where=((name, which),)))
        if found:
            return found
    raise refusal(f"找不到“{which}”")


def _ids(desk: Desk, query: Any) -> list[uuid.UUID]:
    from desktop.models import queries

    with desk.store.read() as connection:
        return [row["id"] for row in queries.rows(connection, query)]
