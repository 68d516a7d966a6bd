"""How devices come in: invitations once, passwords with patience, lost answers repeated."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from domain.enrolment import Registered, Registration
from domain.problems import Refusal
from server.accounts import (
    accounts,
    devices,
    invitations,
    limits,
    organisations,
    passwords,
    registration,
    server_keys,
)
from server.accounts.invitations import Door
from server.denials import Denied

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.scopes import Role
    from server.accounts.accounts import Account
    from server.accounts.server_keys import ServerKeys
    from server.postgres.database import Database

NOON = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"
DOOR = Door("http://127.0.0.1:8440", "00" * 32)


@dataclass
class House:
    """One organisation and the way in."""

    database: Database
    keys: ServerKeys

    def account(self, login: str, role: Role = "broker") -> Account:
        with self.database.connection() as connection:
            known = organisations.listed(connection)
            home = known[0] if known else organisations.add(connection, "某大学", "agency", now=NOON)
            return accounts.add(connection, home.id, login=login, name="张伟", role=role, now=NOON)

    def code(self, account: Account) -> str:
        with self.database.connection() as connection:
            return invitations.invite(connection, account, DOOR, now=NOON).code

    def register(self, asked: Registration, now: dt.datetime = NOON) -> Registered:
        return registration.register(self.database, self.keys, asked, address="192.0.2.1", now=now)

    def denied(self, asked: Registration, now: dt.datetime = NOON) -> tuple[int, str]:
        with pytest.raises(Denied) as denied:
            self.register(asked, now)
        return denied.value.status, denied.value.trouble.code


@pytest.fixture
def house(database: Database) -> House:
    with database.connection() as connection:
        return House(database, server_keys.ensure(connection))


def device(number: int, **words: str) -> Registration:
    return Registration(sign_key=f"{number:064x}", seal_key="11" * 32, label="笔记本", **words)


def test_an_invitation_lets_one_device_in_and_sets_the_password(house: House) -> None:
    account = house.account("zhang.wei")
    code = house.code(account)
    first = house.register(device(1, code=code, password=PASSWORD))
    assert (first.account, first.role, first.organisation_name) == (str(account.id), "broker", "某大学")
    assert first.server_key == house.keys.public_sign
    assert house.denied(device(2, code=code, password=PASSWORD)) == (401, "invitation")
    second = house.register(device(2, account="zhang.wei", password=PASSWORD))
    assert second.device != first.device
    assert second.account == first.account


def test_a_lost_answer_gives_the_same_device_and_tokens_again(house: House) -> None:
    asked = device(1, code=house.code(house.account("zhang.wei")), password=PASSWORD)
    first, again = house.register(asked), house.register(asked, NOON + dt.timedelta(hours=1))
    assert again.device == first.device
    assert again.refresh == first.refresh
    other = device(1, code=asked.code, password="another password")
    assert house.denied(other) == (401, "invitation")


def test_of_two_devices_with_one_invitation_one_comes_in(house: House) -> None:
    code = house.code(house.account("zhang.wei"))

    def come(number: int) -> int:
        try:
            return house.register(device(number, code=code, password=PASSWORD)).device
        except Denied as denied:
            return -denied.status

    with ThreadPoolExecutor(4) as together:
        numbers = sorted(together.map(come, (1, 2, 3, 4)))
    assert numbers[:3] == [-401] * 3
    assert numbers[3] > 0
    with house.database.reading() as connection:
        assert [one.number for one in devices.listed(connection)] == numbers[3:]


def test_guesses_from_one_address_are_slowed_down_whoever_they_aim_at(house: House) -> None:
    with house.database.connection() as connection:
        for _ in range(limits.ADDRESS.size):
            limits.take(connection, house.keys, limits.ADDRESS, "192.0.2.1", now=NOON)
    asked = device(1, account="nobody", password=PASSWORD)
    assert house.denied(asked) == (429, "slow-down")
    invited = device(1, code=house.code(house.account("zhang.wei")), password=PASSWORD)
    assert house.register(invited).device > 0  # an invitation cannot be guessed, so it need not wait


def test_a_code_is_read_as_people_type_it(house: House) -> None:
    code = house.code(house.account("zhang.wei")).lower()
    typed = f" {code[:6]}-{code[6:]} "
    assert house.register(device(1, code=typed, password=PASSWORD)).device > 0


def test_an_invitation_expires_and_a_newer_one_replaces_it(house: House) -> None:
    account = house.account("zhang.wei")
    old = house.code(account)
    new = house.code(account)
    assert house.denied(device(1, code=old, password=PASSWORD)) == (401, "invitation")
    late = NOON + dt.timedelta(days=invitations.DAYS)
    assert house.denied(device(1, code=new, password=PASSWORD), late) == (401, "invitation")


def test_a_weak_password_does_not_use_the_invitation_up(house: House) -> None:
    code = house.code(house.account("zhang.wei"))
    assert house.denied(device(1, code=code, password="short")) == (400, "weak-password")
    assert house.register(device(1, code=code, password=PASSWORD)).device > 0


def test_unknown_login_wrong_password_and_disabled_account_get_one_answer(house: House) -> None:
    account = house.account("zhang.wei")
    house.register(device(1, code=house.code(account), password=PASSWORD))
    answers = {
        house.denied(device(2, account="nobody", password=PASSWORD)),
        house.denied(device(2, account="zhang.wei", password="wrong password")),
    }
    with house.database.connection() as connection:
        accounts.disable(connection, account, now=NOON)
    answers.add(house.denied(device(2, account="zhang.wei", password=PASSWORD)))
    assert answers == {(401, "wrong-login")}


def test_guessing_is_slowed_down_for_the_login_and_nobody_else(house: House) -> None:
    house.account("zhang.wei")
    other = house.account("li.na")
    guesses = [house.denied(device(2, account="zhang.wei", password=f"guess number {n}")) for n in range(12)]
    assert guesses == [(401, "wrong-login")] * limits.LOGIN.size + [(429, "slow-down")] * 2
    house.register(device(3, code=house.code(other), password=PASSWORD))
    later = NOON + dt.timedelta(seconds=limits.LOGIN.seconds)
    assert house.denied(device(2, account="zhang.wei", password="one more guess"), later)[0] == 401


def test_the_wait_told_is_the_wait_there_is(house: House) -> None:
    bucket = limits.Bucket("test", 2, 30)

    def take(now: dt.datetime) -> int:
        with house.database.connection() as connection:
            try:
                limits.take(connection, house.keys, bucket, "x", now=now)
            except Denied as denied:
                return denied.trouble.retry_after
        return 0

    assert [take(NOON), take(NOON), take(NOON)] == [0, 0, 30]
    assert take(NOON + dt.timedelta(seconds=12)) == 18
    assert take(NOON + dt.timedelta(seconds=30)) == 0
    assert take(NOON + dt.timedelta(days=9)) == 0


def test_administrators_have_no_desk(house: House) -> None:
    code = house.code(house.account("root", "administrator"))
    assert house.denied(device(1, code=code, password=PASSWORD)) == (403, "no-desk")


def test_a_revoked_device_does_not_come_back_by_logging_in(house: House) -> None:
    asked = device(1, code=house.code(house.account("zhang.wei")), password=PASSWORD)
    number = house.register(asked).device
    with house.database.connection() as connection:
        devices.revoke(connection, number, now=NOON)
    again = device(1, account="zhang.wei", password=PASSWORD)
    assert house.denied(again) == (403, "revoked")
    assert house.denied(asked) == (403, "revoked")
    assert house.register(device(2, account="zhang.wei", password=PASSWORD)).device != number


def test_a_known_device_that_logs_in_again_keeps_its_number(house: House) -> None:
    asked = device(1, code=house.code(house.account("zhang.wei")), password=PASSWORD)
    number = house.register(asked).device
    assert house.register(device(1, account="ZHANG.WEI", password=PASSWORD)).device == number


@pytest.mark.parametrize("key", ["", "11" * 31, "zz" * 32, "é"])
def test_keys_of_another_form_are_refused(house: House, key: str) -> None:
    asked = Registration(sign_key=key, seal_key="11" * 32, label="", account="a", password="b")
    assert house.denied(asked) == (400, "malformed")


@pytest.mark.parametrize("login", ["", "a", "张伟", "a b", "a/b", "-ab", "x" * 65])
def test_logins_of_another_form_are_refused(house: House, login: str) -> None:
    with pytest.raises(Refusal):
        house.account(login)


def test_a_login_belongs_to_one_person(house: House) -> None:
    house.account("zhang.wei")
    with pytest.raises(Refusal, match="已有人使用"):
        house.account("Zhang.Wei")


@pytest.mark.dear_passwords
def test_what_an_unknown_login_is_compared_with_costs_as_much_as_any() -> None:
    assert not passwords.dated(passwords.NOBODY)
    assert not passwords.matches(None, PASSWORD)
    assert passwords.matches(passwords.hashed(PASSWORD), PASSWORD)


@pytest.mark.parametrize("weak", ["", "123456789", "aaaaaaaaaaaa", "zhang.wei.1", "x" * 300])
def test_weak_passwords(weak: str) -> None:
    with pytest.raises(Refusal):
        passwords.demand_strong(weak, "Zhang.Wei.1")


def test_deeds_are_in_the_audit_trail(house: House, actions: Callable[[], list[str]]) -> None:
    house.register(device(1, code=house.code(house.account("zhang.wei")), password=PASSWORD))
    assert actions() == ["organisation-add", "account-add", "invite", "register"]


@pytest.fixture
def actions(database: Database) -> Callable[[], list[str]]:
    def read() -> list[str]:
        with database.reading() as connection:
            return [action for (action,) in connection.execute("SELECT action FROM audit ORDER BY id")]

    return read
