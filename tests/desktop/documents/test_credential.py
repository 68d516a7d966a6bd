"""The credential: it says what was put in, is the same each time, and no altered character goes unseen."""

from __future__ import annotations

import datetime as dt

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from desktop.documents.credential import (
    LONGEST,
    PREFIX,
    AlteredError,
    Claims,
    CredentialError,
    from_base45,
    identity_hash,
    issue_credential,
    key_id,
    photo_hash,
    read_credential,
    signing_key_id,
    to_base45,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
CLAIMS = Claims(
    number="JJ2026-0CB3A1F2-00001",
    holder="买买提江·阿卜杜热合曼",
    level="junior",
    issued=dt.date(2026, 3, 20),
    valid_to=dt.date(2029, 3, 19),
    hours="40",
    identity=identity_hash("11010519491231002X", b"salt"),
    photo=photo_hash(b"a picture"),
)
days = st.dates(dt.date(1970, 1, 1), dt.date(2999, 12, 31))
words = st.text(st.characters(codec="utf-8"), max_size=60)
all_claims = st.builds(
    Claims,
    number=words.filter(bool),
    holder=words.filter(bool),
    level=words.filter(bool),
    issued=days,
    valid_to=st.none() | days,
    hours=words,
    identity=st.binary(max_size=7),
    photo=st.binary(max_size=6),
)


def read(text, key=KEY):
    return read_credential(text, lambda _: key.public_key())


@pytest.mark.parametrize(
    ("plain", "coded"),
    [  # RFC 9285, 4.3 and 4.4
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
        (b"", ""),
    ],
)
def test_base45_is_that_of_the_standard(plain, coded):
    assert to_base45(plain) == coded
    assert from_base45(coded) == plain


@pytest.mark.parametrize("text", ["A", "ABCD", "::", ":::", "GGW", "ab", "A\n", "ÄÄÄ"])
def test_what_is_no_base45_is_refused(text):
    with pytest.raises(ValueError):
        from_base45(text)


@given(st.binary(max_size=300))
def test_base45_goes_both_ways(data):
    assert from_base45(to_base45(data)) == data


@given(all_claims)
def test_claims_go_both_ways(claims):
    text = issue_credential(claims, KEY)
    assert read(text) == claims
    assert signing_key_id(text) == key_id(KEY.public_key())
    assert text == issue_credential(claims, KEY)


@given(
    st.text(
        st.characters(min_codepoint=0x3400, max_codepoint=0x3134F, categories=["Lo"]), min_size=2, max_size=5
    ),
    st.integers(1, 99_999),
    st.integers(1, 999),
)
def test_usual_claims_fit_the_code_that_is_planned_for(holder, count, hours):
    longest = Claims(
        number=f"JJ2026-0CB3A1F2-{count:05d}-R1",
        holder=holder,
        level="junior",
        issued=CLAIMS.issued,
        valid_to=CLAIMS.valid_to,
        hours=f"{hours}.5",
        identity=CLAIMS.identity,
        photo=CLAIMS.photo,
    )
    assert len(issue_credential(longest, KEY)) <= LONGEST
    assert len(issue_credential(CLAIMS, KEY)) <= LONGEST


def test_the_message_is_the_cose_of_the_standard():
    """RFC 9052, 4.2 and 4.4, written out with the library alone."""
    protected, header, payload, signature = cbor2.loads(
        from_base45(issue_credential(CLAIMS, KEY).removeprefix(PREFIX))
    )
    assert header == {}
    assert cbor2.loads(protected) == {1: -8, 4: key_id(KEY.public_key())}
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    KEY.public_key().verify(signature, signed)


def test_a_card_that_somebody_shows_is_matched():
    assert CLAIMS.matches_identity("11010519491231002X")
    assert CLAIMS.matches_identity(" 11010519491231002x ")
    assert not CLAIMS.matches_identity("110105194912310038")
    without = Claims(number="1", holder="王喆", level="junior", issued=CLAIMS.issued)
    assert not without.matches_identity("")


def test_each_altered_character_is_found():
    text = issue_credential(CLAIMS, KEY)
    for place, char in enumerate(text):
        for other in {"0", "Z", " ", ":", "a", "王"} - {char}:
            with pytest.raises(CredentialError):
                read(text[:place] + other + text[place + 1 :])


def test_a_missing_doubled_or_added_character_is_found():
    text = issue_credential(CLAIMS, KEY)
    for place in range(len(text)):
        for other in (text[:place] + text[place + 1 :], text[:place] + text[place] + text[place:]):
            with pytest.raises(CredentialError):
                read(other)


def test_another_key_is_found():
    with pytest.raises(AlteredError):
        read(issue_credential(CLAIMS, KEY), Ed25519PrivateKey.from_private_bytes(b"o" * 32))


P, H, C, S = cbor2.loads(from_base45(issue_credential(CLAIMS, KEY).removeprefix(PREFIX)))


@pytest.mark.parametrize(
    "message",
    [
        [P, {4: b"other"}, C, S],  # something unsigned beside the signed
        [P, H, C],
        [P, H, C, S, b""],
        {"protected": P},
        [b"", H, C, S],
        [cbor2.dumps({4: "text"}), H, C, S],
        [P, H, C.decode("latin-1"), S],
        7,
    ],
)
def test_a_message_of_another_shape_is_refused(message):
    with pytest.raises(AlteredError):
        read(PREFIX + to_base45(cbor2.dumps(message)))


@pytest.mark.parametrize(
    "payload",
    [
        [1, 2],
        {},
        {1: 1, 2: "x", 3: "y", 4: 20260320},
        {1: "n", 2: "x", 3: "y", 4: 20261301},
        {1: "n", 2: "x", 3: "y", 4: "z"},
        {1: "n", 2: "x", 3: "y", 4: 20260320, 7: "text"},
    ],
)
def test_signed_nonsense_is_refused(payload):
    protected = cbor2.dumps({1: -8, 4: key_id(KEY.public_key())}, canonical=True)
    body = cbor2.dumps(payload)
    signature = KEY.sign(cbor2.dumps(["Signature1", protected, b"", body]))
    with pytest.raises(AlteredError):
        read(PREFIX + to_base45(cbor2.dumps([protected, {}, body, signature])))


@pytest.mark.parametrize("text", ["", "https://example.cn", "TD2:ABC", "td1:ABC"])
def test_other_texts_are_no_credentials(text):
    with pytest.raises(CredentialError) as told:
        read(text)
    assert not isinstance(told.value, AlteredError)
