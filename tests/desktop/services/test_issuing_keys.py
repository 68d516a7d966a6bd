"""The keys of an issuer: made once, kept in the store, and exchanged for those of an authority."""

from __future__ import annotations

import datetime as dt

import pytest

from desktop.documents.signature_check import Integrity, check_signature
from desktop.models import settings
from desktop.models.store import Store
from desktop.services import issuing_keys, trust
from desktop.services.certificate_papers import make, printed
from domain.problems import Refusal
from tests.classes import ISSUER, enrol, issue, issued
from tests.signers import ISSUER as AUTHORISED
from tests.signers import PASSWORD, certificate_of, key_of, pkcs12_of, serialized, signed_sheet, signer_of

DAY = dt.date(2026, 3, 2)


def provide(desk, day=DAY, issuer=ISSUER):
    with desk.store.write() as connection:
        return issuing_keys.provide(connection, issuer, day)


def keys_of(desk, issuer=ISSUER):
    with desk.store.read() as connection:
        return issuing_keys.keys_of(connection, issuer)


def test_an_issuer_has_no_keys_before_its_first_paper(desk):
    assert keys_of(desk) is None
    assert trust.own(desk).issuers == ()


def test_keys_are_made_once_and_found_again(desk):
    made = provide(desk)
    for again in (provide(desk), keys_of(desk)):
        assert again.credential.private_bytes_raw() == made.credential.private_bytes_raw()
        assert again.signer.fingerprint == made.signer.fingerprint
        assert again.salt_key == made.salt_key


def test_each_issuer_has_its_own(desk):
    one, other = provide(desk), provide(desk, issuer="另一基地")
    assert one.signer.fingerprint != other.signer.fingerprint
    assert one.salt_key != other.salt_key
    assert {issuer.name for issuer in trust.own(desk).issuers} == {ISSUER, "另一基地"}


def test_their_time_begins_with_the_oldest_paper(desk):
    provide(desk)
    earlier = DAY - dt.timedelta(days=30)
    assert provide(desk, earlier).begun == earlier
    assert keys_of(desk).begun == earlier
    assert provide(desk, DAY).begun == earlier


def test_the_signature_of_the_made_key_is_intact_and_bears_the_issuer(desk):
    report = check_signature(signed_sheet(provide(desk).signer))
    assert (report.integrity, report.signer) == (Integrity.INTACT, ISSUER)


def test_a_name_longer_than_a_certificate_holds_is_cut_there(desk):
    assert provide(desk, issuer="某" * 100).signer.name == "某" * 64


def test_keys_do_not_lie_open_in_the_file_of_the_store(desk):
    secret = provide(desk).credential.private_bytes_raw()
    path = desk.store.path
    desk.store.close()
    held = path.read_bytes()
    assert secret not in held
    assert secret.hex().encode() not in held
    assert issuing_keys.KEYS.encode() not in held
    assert isinstance(desk.store, Store)


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa"])
def test_the_key_of_an_authority_signs_from_then_on_and_old_papers_stay_known(desk, kind):
    enrolments, _ = enrol(desk, ["王喆", "李明"])
    issue(desk, enrolments[:1])
    make(desk, [issued(desk)[0]["id"]])
    own = keys_of(desk).signer.fingerprint
    data = pkcs12_of(kind)
    assert issuing_keys.use_pkcs12(desk, issuer=ISSUER, data=data, password=PASSWORD) == AUTHORISED
    issue(desk, enrolments[1:])
    ids = [row["id"] for row in issued(desk)]
    make(desk, ids)
    reports = [check_signature(printed(desk, [key])) for key in ids]
    assert [report.fingerprint for report in reports] == [own, signer_of(kind).fingerprint]
    (issuer,) = trust.own(desk).issuers
    assert set(issuer.fingerprints) == {own, signer_of(kind).fingerprint}


def test_a_key_may_come_before_the_first_paper(desk):
    issuing_keys.use_pkcs12(desk, issuer=ISSUER, data=pkcs12_of("p256"), password=PASSWORD)
    assert keys_of(desk).signer.fingerprint == signer_of("p256").fingerprint


@pytest.mark.parametrize(
    ("data", "password", "words"),
    [
        (pkcs12_of("p256"), "wrong", "口令不对"),
        (b"no such file", PASSWORD, "PKCS#12"),
        (serialized(None, certificate_of("p256"), PASSWORD), PASSWORD, "没有可用的私钥"),
    ],
)
def test_a_file_that_cannot_sign_is_refused_and_the_keys_stay(desk, data, password, words):
    own = provide(desk).signer.fingerprint
    with pytest.raises(Refusal, match=words):
        issuing_keys.use_pkcs12(desk, issuer=ISSUER, data=data, password=password)
    assert keys_of(desk).signer.fingerprint == own


def test_the_kept_key_needs_no_password(desk):
    issuing_keys.use_pkcs12(desk, issuer=ISSUER, data=pkcs12_of("p256"), password=PASSWORD)
    with desk.store.read() as connection:
        assert PASSWORD not in str(settings.read(connection, issuing_keys.KEYS))
    assert keys_of(desk).signer.sign(bytes(32)) == signer_of("p256").sign(bytes(32))
    assert key_of("p256")
