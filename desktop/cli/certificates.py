"""Commands about certificates: a whole class at once, whether a paper is genuine, and trust lists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop import paths
from desktop.cli.workspace import opened, refusal, tell

if TYPE_CHECKING:
    import argparse

    from desktop.services.desk import Desk
    from desktop.services.verification import Verdict
    from domain.trust import TrustList


def batch(desk: Desk, arguments: argparse.Namespace) -> None:
    """Issue what is still to be issued of a class, make the papers, and write all files into a folder.

    After a kill the same command goes on; once all is done it changes nothing.

    Raises:
        Refusal: with everything that stands against anybody who has passed; then none is issued.
    """
    from desktop.services import certificate_delivery, certificate_papers, certificates
    from desktop.services.certificate_templates import templates

    training = _class(desk, arguments.which)
    class_id, issuer = training["id"], arguments.issuer or training["issuer"]
    if not issuer:
        raise refusal("请用 --issuer 写明发证单位，例如 --issuer 国家技术转移人才培养基地")
    passed = certificates.passed(desk, class_id)
    known = templates(desk).latest
    if arguments.template and arguments.template not in known:
        raise refusal(f"没有证书样式“{arguments.template}”，可用：{'、'.join(known)}")
    changes = certificates.issue(
        desk,
        enrolments=passed,
        issuer=issuer,
        issued_on=arguments.date or desk.today(),
        valid_to=arguments.valid_to,
        template=known[arguments.template].key if arguments.template else "",
    )
    made = certificate_papers.make(desk, certificate_papers.unmade(desk, class_id))
    issued = certificate_papers.issued(desk, class_id)
    written = certificate_delivery.deliver(
        desk,
        issued,
        arguments.out,
        name=training["name"],
        wanted=certificate_delivery.EVERYTHING,
    )
    left_out = training["enrolled"] - len(passed)
    facts = {"issued": len(changes.touched), "made": len(made), "files": len(written), "left_out": left_out}
    sentence = (
        f"新签发 {facts['issued']} 份，制作 {facts['made']} 份，共 {len(issued)} 份证书：{arguments.out}"
    )
    tell(arguments, facts, f"{sentence}（另有 {left_out} 人未登记为合格）" if left_out else sentence)


def _class(desk: Desk, name: str) -> dict[str, Any]:
    """Return the class of a name, with how many are ``enrolled``."""
    from desktop.models import queries
    from desktop.models.queries import Query

    with desk.store.read() as connection:
        key = queries.find_by_title(connection, "training_class", name)
        found = queries.get(connection, "training_class", key) if key else None
        if found is None:
            raise refusal(f"找不到培训班“{name}”")
        enrolled = queries.count(connection, Query("enrolment", where=(("training_class", key),)))
    return {**found, "enrolled": enrolled}


def verify(arguments: argparse.Namespace, passphrase: str | None) -> bool:
    """Judge a file, a picture or the text of a code, and tell whether it is genuine.

    With a trust list no workspace is opened, so this works on any machine.

    Raises:
        Refusal: there is nothing to judge, or the trust list cannot be read.
    """
    from desktop.services import trust

    if arguments.trust:
        return _judge(arguments, trust.read_file(arguments.trust))
    with opened(arguments, passphrase) as desk:
        return _judge(arguments, trust.known(desk))


def _judge(arguments: argparse.Namespace, known: TrustList) -> bool:
    from desktop import app
    from desktop.services.verification import Judge, Outcome, read_strange_codes

    judge = Judge(known, paths.code_book(), app.now().astimezone().date())
    content = _content(arguments.what)
    verdict = judge.text(content) if isinstance(content, str) else judge.content(content, read_strange_codes)
    if arguments.json:
        print(json.dumps(_facts(verdict), ensure_ascii=False))
    else:
        print(f"{verdict.outcome.value}：{verdict.why}")
        for name, value in verdict.facts:
            print(f"  {name}：{value}")
        print(f"  以信任名单 {verdict.as_of.isoformat()} 为准")
    return verdict.outcome is Outcome.GENUINE


def _content(what: str) -> bytes | str:
    """Return what is to be judged: the content of a file of that name, else the words themselves."""
    from desktop.documents.credential import PREFIX

    if what.startswith(PREFIX):
        return what
    try:
        return Path(what).read_bytes()
    except OSError as error:
        raise refusal(f"“{what}”不是能读取的文件，也不是以 {PREFIX} 开头的验证码文本") from error


def _facts(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome.name.lower().replace("_", "-"),
        "words": verdict.outcome.value,
        "why": verdict.why,
        "facts": dict(verdict.facts),
        "as_of": verdict.as_of.isoformat(),
    }


def trust(desk: Desk, arguments: argparse.Namespace) -> None:
    """Give the workspace's own trust list to others, or take in one of others."""
    from desktop.services import trust as lists

    if arguments.direction == "export":
        lists.give(desk, arguments.file)
        tell(arguments, {"file": str(arguments.file)}, f"已导出信任名单：{arguments.file}")
        return
    taken = lists.take(desk, arguments.file)
    names = [issuer.name for issuer in taken.issuers]
    tell(
        arguments,
        {"as_of": taken.as_of, "issuers": names},
        f"已导入 {taken.as_of.isoformat()} 的信任名单：{'、'.join(names)}",
    )
