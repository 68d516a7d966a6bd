"""Laws of tokens: lost answers and repeated requests lock nobody out; a stolen token ends the sign-in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.enrolment import TokenRequest, Tokens
from server.accounts import accounts, devices, server_keys, tokens
from server.denials import Denied

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.accounts.server_keys import ServerKeys
    from server.caller import Caller
    from server.postgres.database import Database

NOON = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
LATER = dt.timedelta(minutes=16)


@dataclass
class Desk:
    """A device with its private key, as the server sees it."""

    database: Database
    keys: ServerKeys
    caller: Caller
    key: Ed25519PrivateKey

    def begin(self, now: dt.datetime = NOON) -> Tokens:
        with self.database.connection() as connection:
            return tokens.begin(connection, self.keys, self.caller.device, now=now)

    def refresh(self, refresh: str, now: dt.datetime = NOON, clock: int = 0) -> Tokens | None:
        message = f"{self.caller.device} {refresh} {clock}".encode()
        asked = TokenRequest(self.caller.device, refresh, clock, self.key.sign(message).hex())
        with self.database.connection() as connection:
            return tokens.refresh(connection, self.keys, asked, now=now)

    def ask(self, access: str, now: dt.datetime = NOON) -> Caller:
        with self.database.reading() as connection:
            return tokens.authenticate(connection, self.keys, f"Bearer {access}", now)


@pytest.fixture
def desk(database: Database, callers: Callable[..., Caller]) -> Desk:
    caller, key = callers("broker"), Ed25519PrivateKey.generate()
    with database.connection() as connection:
        connection.execute(
            "UPDATE device SET sign_key = %s WHERE number = %s",
            (key.public_key().public_bytes_raw(), caller.device),
        )
        keys = server_keys.ensure(connection)
    return Desk(database, keys, caller, key)


def denial(deed: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Denied) as denied:
        deed()
    return denied.value.status, denied.value.trouble.code


def test_an_access_token_says_who_asks_and_is_short(desk: Desk) -> None:
    given = desk.begin()
    assert desk.ask(given.access) == desk.caller
    assert len(given.access) <= 40


def test_an_access_token_lasts_a_quarter_of_an_hour(desk: Desk) -> None:
    given = desk.begin()
    desk.ask(given.access, NOON + dt.timedelta(seconds=tokens.ACCESS_SECONDS - 1))
    late = NOON + dt.timedelta(seconds=tokens.ACCESS_SECONDS)
    assert denial(lambda: desk.ask(given.access, late)) == (401, "expired")


def test_a_changed_token_is_nobodys(desk: Desk) -> None:
    access = desk.begin().access
    for place in range(len(access)):
        other = "A" if access[place] != "A" else "B"
        forged = access[:place] + other + access[place + 1 :]
        assert denial(partial(desk.ask, forged)) == (401, "signed-out")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer é", "Bearer " + "A" * 5000])
def test_headers_that_are_none(desk: Desk, header: str) -> None:
    with desk.database.reading() as connection, pytest.raises(Denied) as denied:
        tokens.authenticate(connection, desk.keys, header, NOON)
    assert denied.value.status == 401


def test_a_chain_of_refreshes_lasts_as_long_as_it_is_used(desk: Desk) -> None:
    given, now = desk.begin(), NOON
    for _ in range(40):
        now += dt.timedelta(days=29)
        following = desk.refresh(given.refresh, now)
        assert following is not None
        assert following.refresh != given.refresh
        desk.ask(following.access, now)
        given = following


def test_a_sign_in_ends_after_thirty_days_unused(desk: Desk) -> None:
    given = desk.begin()
    late = NOON + dt.timedelta(days=tokens.SIGN_IN_DAYS)
    assert denial(lambda: desk.refresh(given.refresh, late)) == (401, "signed-out")


def test_a_lost_answer_is_given_again_even_weeks_later(desk: Desk) -> None:
    first = desk.begin()
    lost = desk.refresh(first.refresh)
    again = desk.refresh(first.refresh, NOON + dt.timedelta(days=20))
    assert lost is not None
    assert again is not None
    assert again.refresh == lost.refresh
    assert desk.refresh(again.refresh, NOON + dt.timedelta(days=20)) is not None


def test_a_request_that_comes_twice_is_harmless_in_any_order(desk: Desk) -> None:
    first = desk.begin()
    second = desk.refresh(first.refresh)
    assert second is not None
    desk.ask(second.access)
    duplicate = desk.refresh(first.refresh, NOON + dt.timedelta(seconds=5))
    assert duplicate is not None
    assert duplicate.refresh == second.refresh
    assert desk.refresh(second.refresh, NOON + dt.timedelta(seconds=6)) is not None


def test_an_old_token_ends_the_sign_in_for_thief_and_owner(desk: Desk) -> None:
    first = desk.begin()
    second = desk.refresh(first.refresh)
    assert second is not None
    desk.ask(second.access)  # the owner has the second one
    assert desk.refresh(first.refresh, NOON + LATER) is None
    assert denial(lambda: desk.refresh(second.refresh, NOON + LATER)) == (401, "signed-out")
    assert denial(lambda: desk.ask(second.access)) == (401, "signed-out")


def test_a_token_two_generations_old_is_never_a_repetition(desk: Desk) -> None:
    first = desk.begin()
    second = desk.refresh(first.refresh)
    assert second is not None
    assert desk.refresh(second.refresh) is not None
    assert desk.refresh(first.refresh) is None


def test_tokens_of_an_earlier_sign_in_do_no_harm_to_a_new_one(desk: Desk) -> None:
    old = desk.begin()
    desk.ask(old.access)
    new = desk.begin()
    assert denial(lambda: desk.refresh(old.refresh)) == (401, "signed-out")
    assert denial(lambda: desk.ask(old.access)) == (401, "expired")
    assert desk.refresh(new.refresh) is not None


def test_a_registration_whose_answer_was_lost_gives_the_same_tokens(desk: Desk) -> None:
    assert desk.begin().refresh == desk.begin(NOON + LATER).refresh


@pytest.mark.parametrize("clock", [0, 1, 4_102_444_800, -5_000_000_000])
def test_no_clock_is_wrong(desk: Desk, clock: int) -> None:
    assert desk.refresh(desk.begin().refresh, clock=clock) is not None


def test_a_refresh_needs_the_devices_key(desk: Desk) -> None:
    given = desk.begin()
    thief = Desk(desk.database, desk.keys, desk.caller, Ed25519PrivateKey.generate())
    assert denial(lambda: thief.refresh(given.refresh)) == (401, "signed-out")
    assert desk.refresh(given.refresh) is not None  # the attempt has not used it up


def test_a_revoked_device_is_stopped_at_once_and_hears_the_signed_order(desk: Desk) -> None:
    given = desk.begin()
    with desk.database.connection() as connection:
        devices.revoke(connection, desk.caller.device, wipe=True, now=NOON)
    for deed in (lambda: desk.ask(given.access), lambda: desk.refresh(given.refresh)):
        with pytest.raises(Denied) as denied:
            deed()
        assert (denied.value.status, denied.value.trouble.code) == (403, "revoked")
        order = denied.value.trouble.wipe
        assert order is not None
        text = f"wipe {order.device} {order.at}".encode()
        server = Ed25519PublicKey.from_public_bytes(bytes.fromhex(desk.keys.public_sign))
        server.verify(bytes.fromhex(order.signature), text)
        assert order.device == desk.caller.device


def test_a_revocation_without_wiping_carries_no_order(desk: Desk) -> None:
    given = desk.begin()
    with desk.database.connection() as connection:
        devices.revoke(connection, desk.caller.device, now=NOON)
    with pytest.raises(Denied) as denied:
        desk.ask(given.access)
    assert denied.value.trouble.wipe is None


def test_a_disabled_account_is_out_and_in_again(desk: Desk) -> None:
    given = desk.begin()
    with desk.database.connection() as connection:
        account = next(one for one in accounts.listed(connection) if str(one.id) == desk.caller.account)
        accounts.disable(connection, account, now=NOON)
    assert denial(lambda: desk.ask(given.access)) == (401, "signed-out")
    assert denial(lambda: desk.refresh(given.refresh)) == (401, "signed-out")
    with desk.database.connection() as connection:
        accounts.disable(connection, account, disabled=False, now=NOON)
    assert desk.ask(given.access) == desk.caller


def test_all_workers_have_the_same_keys(database: Database) -> None:
    with database.connection() as connection:
        assert server_keys.ensure(connection) == server_keys.ensure(connection)
