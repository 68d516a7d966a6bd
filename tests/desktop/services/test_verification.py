"""Verdicts on papers: each outcome, from a file, a picture of its code and the code's text."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from desktop import paths
from desktop.documents.credential import issue_credential
from desktop.services import issuing_keys, trust, verification
from desktop.services.certificate_papers import make, printed
from desktop.services.certificate_states import revoke, suspend
from desktop.services.verification import Judge, Outcome, read_codes, read_strange_codes
from domain.problems import Refusal
from domain.trust import TrustList
from tests.classes import ISSUED, ISSUER, enrol, issue, issued
from tests.signers import signed_sheet, signer_of

TODAY = dt.date(2026, 7, 1)


@pytest.fixture
def row(desk):
    """Return the record of an issued certificate with its paper."""
    enrolments, _ = enrol(desk, ["买买提江·阿卜杜热合曼"])
    issue(desk, enrolments, valid_to=dt.date(2029, 3, 19))
    make(desk, [issued(desk)[0]["id"]])
    return issued(desk)[0]


@pytest.fixture
def paper(desk, row):
    return printed(desk, [row["id"]])


@pytest.fixture
def judge(desk, row):
    return judge_of(desk)


def judge_of(desk, *, known=None, today=TODAY):
    return Judge(known or trust.known(desk), paths.code_book(), today)


def judged(judge, content):
    return judge.content(content, read_strange_codes)


def picture_of(paper, scale=2.0):
    """Return the page as a scanner gives it."""
    document = pypdfium2.PdfDocument(paper)
    image = document[0].render(scale=scale).to_pil()
    document.close()
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def test_a_genuine_paper_says_what_it_is(judge, paper, row):
    verdict = judged(judge, paper)
    assert verdict.outcome is Outcome.GENUINE
    assert dict(verdict.facts) == {
        "证书编号": row["certificate_no"],
        "持证人": "买买提江·阿卜杜热合曼",
        "等级": "初级技术经纪人",
        "学时": "40",
        "发证日期": "2026-03-20",
        "有效期至": "2029-03-19",
        "发证单位": ISSUER,
        "签名单位": ISSUER,
        "签名日期": "2026-03-20",
    }
    assert verdict.as_of == dt.date(2026, 3, 2)


def test_text_and_scan_of_the_code_are_genuine_too(judge, paper, row):
    assert judge.text(f"\ufeff{row['credential']}\r\n").outcome is Outcome.GENUINE
    assert judged(judge, row["credential"].encode()).outcome is Outcome.GENUINE
    assert judged(judge, picture_of(paper)).outcome is Outcome.GENUINE


def test_one_altered_byte_of_the_file_is_found(judge, paper):
    places = {*range(0, len(paper), len(paper) // 60), paper.index(b"TD1:") + 30, len(paper) - 1}
    for place in places:
        altered = paper[:place] + bytes([paper[place] ^ 1]) + paper[place + 1 :]
        if b"%PDF-" in altered[:1024]:
            assert judged(judge, altered).outcome is Outcome.ALTERED, place


def test_a_file_whose_first_bytes_are_altered_is_not_genuine(judge, paper):
    with pytest.raises(Refusal):
        judged(judge, b"%QDF-" + paper[5:])


def test_each_altered_character_of_the_text_is_found(judge, row):
    text = row["credential"]
    for place, char in enumerate(text):
        for other in "0Z" if char not in "0Z" else "A":
            verdict = judge.text(text[:place] + other + text[place + 1 :])
            assert verdict.outcome in {Outcome.ALTERED, Outcome.UNKNOWN_ISSUER, Outcome.NO_PROOF}
            assert verdict.facts == ()


def test_a_revoked_or_suspended_paper_says_so(desk, paper, row):
    suspend(desk, ids=[row["id"]])
    verdict = judged(judge_of(desk), paper)
    assert verdict.outcome is Outcome.REVOKED
    assert "2026-03-02 暂停" in verdict.why
    revoke(desk, ids=[row["id"]])
    assert "2026-03-02 撤销" in judge_of(desk).text(row["credential"]).why


def test_a_paper_past_its_day_says_so(desk, paper):
    last, after = (judged(judge_of(desk, today=dt.date(2029, 3, day)), paper) for day in (19, 20))
    assert last.outcome is Outcome.GENUINE
    assert after.outcome is Outcome.EXPIRED
    assert "2029-03-19" in after.why


def test_an_issuer_that_is_not_on_the_list_is_unknown(desk, paper, row):
    empty = judge_of(desk, known=TrustList(TODAY))
    assert judged(empty, paper).outcome is Outcome.UNKNOWN_ISSUER
    assert empty.text(row["credential"]).outcome is Outcome.UNKNOWN_ISSUER
    assert ISSUER in judged(empty, paper).why


def test_keys_do_not_count_outside_their_time(desk, paper, row):
    (issuer,) = trust.known(desk).issuers
    for changed in (replace(issuer, begun=ISSUED + dt.timedelta(days=1)), replace(issuer, ended=ISSUED)):
        judge = judge_of(desk, known=TrustList(TODAY, (changed,)))
        assert judged(judge, paper).outcome is Outcome.UNKNOWN_ISSUER
        assert judge.text(row["credential"]).outcome is Outcome.UNKNOWN_ISSUER


def known_beside(desk, **changes):
    """Return the trust list with another issuer who signs files with the key of the tests."""
    (own,) = trust.known(desk).issuers
    other = replace(own, name="另一基地", key="ab" * 32, fingerprints=(signer_of().fingerprint,), **changes)
    return TrustList(TODAY, (own, other))


def test_a_code_lifted_into_another_issuers_file_is_found(desk, row):
    judge = judge_of(desk, known=known_beside(desk))
    lifted = signed_sheet(signer_of(), keywords=row["credential"])
    assert judged(judge, lifted).outcome is Outcome.UNKNOWN_ISSUER
    assert "不一致" in judged(judge, lifted).why


def test_a_signed_file_that_is_no_certificate_is_judged_by_its_signature(desk, row):
    verdict = judged(judge_of(desk, known=known_beside(desk)), signed_sheet(signer_of()))
    assert verdict.outcome is Outcome.GENUINE
    assert "另一基地" in verdict.why
    ended = judge_of(desk, known=known_beside(desk, ended=ISSUED))
    assert judged(ended, signed_sheet(signer_of())).outcome is Outcome.UNKNOWN_ISSUER


def test_an_unsigned_file_proves_nothing(desk, judge):
    assert judged(judge, signed_sheet(None)).outcome is Outcome.NO_PROOF


def test_a_forged_credential_signed_with_another_key_is_found(desk, row):
    with desk.store.write() as connection:
        other = issuing_keys.provide(connection, "冒名基地", TODAY)
    claims = judge_of(desk).text(row["credential"]).claims
    assert claims
    (own, _) = trust.own(desk).issuers
    forged = issue_credential(replace(claims, holder="李鬼"), other.credential)
    known = TrustList(TODAY, (own,))
    assert judge_of(desk, known=known).text(forged).outcome is Outcome.UNKNOWN_ISSUER
    body = replace(own, key=other.credential.public_key().public_bytes_raw().hex())
    assert judge_of(desk, known=TrustList(TODAY, (body,))).text(row["credential"]).outcome is (
        Outcome.UNKNOWN_ISSUER
    )


@pytest.mark.parametrize("text", ["", "https://example.cn", "一张便条", "TD1"])
def test_other_texts_prove_nothing(judge, text):
    assert judge.text(text).outcome is Outcome.NO_PROOF


def code(text):
    image = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=6)
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()


def test_a_picture_without_our_code_proves_nothing(judge):
    assert judged(judge, code("https://example.cn")).outcome is Outcome.NO_PROOF


def test_a_picture_of_a_code_is_read_upside_down_and_on_its_side(judge, row):
    for angle in (90, 180, 7):
        with Image.open(io.BytesIO(code(row["credential"]))) as image:
            out = io.BytesIO()
            image.convert("L").rotate(angle, expand=True, fillcolor=255).save(out, "PNG")
        assert judged(judge, out.getvalue()).outcome is Outcome.GENUINE


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"\x89PNG\r\n\x1a\nbroken"])
def test_what_is_neither_paper_nor_picture_nor_text_is_refused(judge, content):
    with pytest.raises(Refusal, match="不能验证"):
        judged(judge, content)
    with pytest.raises(Refusal):
        read_codes(content)


def test_too_much_is_refused_before_it_is_opened(judge, monkeypatch):
    monkeypatch.setattr(verification, "BYTES_AT_MOST", 10)
    with pytest.raises(Refusal, match="200 MB"):
        judged(judge, bytes(11))
    monkeypatch.setattr(verification, "PIXELS_AT_MOST", 10)
    with pytest.raises(Refusal, match="太大"):
        read_codes(code("x"))
