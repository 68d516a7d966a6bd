"""Signing and sealing: only the right key, only the unaltered words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.sync import frames, sealing
from desktop.sync.troubles import BrokenError


@given(content=st.binary(max_size=300), about=st.binary(max_size=40))
def test_the_holder_of_the_key_opens_what_was_sealed_for_him(content, about):
    private = sealing.new_seal_key()
    sealed = sealing.seal(sealing.public_seal_key(private), content, about)
    assert sealing.opened(private, sealed, about) == content
    assert sealing.opened(sealing.new_seal_key(), sealed, about) is None
    assert sealing.opened(private, sealed, about + b"!") is None


@given(st.data())
def test_one_altered_byte_is_enough(data):
    private = sealing.new_seal_key()
    sealed = bytearray(sealing.seal(sealing.public_seal_key(private), b"content", b"about"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    assert sealing.opened(private, bytes(sealed), b"about") is None


def test_a_signature_is_that_of_one_key_and_one_text():
    private = sealing.new_sign_key()
    signature = sealing.sign(private, b"words")
    assert sealing.is_signed(sealing.public_sign_key(private), b"words", signature)
    assert not sealing.is_signed(sealing.public_sign_key(private), b"word", signature)
    assert not sealing.is_signed(sealing.public_sign_key(sealing.new_sign_key()), b"words", signature)
    assert not sealing.is_signed("no key", b"words", signature)


@given(st.binary(max_size=2_000))
def test_a_frame_holds_its_message(message):
    assert frames.unpack(frames.pack(message)) == message


@given(st.binary(max_size=200))
def test_noise_is_no_frame(noise):
    with pytest.raises(BrokenError):
        frames.unpack(b"\x00" + noise)


def test_a_frame_that_would_become_too_long_is_not_opened():
    frame = frames.pack(bytes(200_000))
    assert len(frame) < 100
    with pytest.raises(BrokenError):
        frames.unpack(frame, limit=100_000)
