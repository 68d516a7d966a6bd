"""Tokens against the real server: renewed when they run out, and no lost answer locks a device out."""

from __future__ import annotations

import time

import pytest
from msgspec.structs import replace

from desktop.sync.session import Session
from desktop.sync.transport import Transport
from desktop.sync.troubles import OfflineError, SignedOutError
from domain.protocol import TOKEN_PATH, TRUST_PATH


class Losing(Transport):
    """Loses the answers to the next requests for a path."""

    lost = ""
    times = 0

    def ask(self, method, path, content=b"", *, headers=None):
        answer = super().ask(method, path, content, headers=headers)
        if path == self.lost and self.times:
            self.times -= 1
            raise OfflineError("lost")
        return answer


@pytest.fixture
def desk(office):
    return office.desk()


def session(desk, kind=Transport):
    """Return a session that has no access token yet."""
    return Session(kind(desk.office.line()), desk.vault, replace(desk.vault.read(), access=""))


@pytest.mark.parametrize(("later", "kept"), [(0, True), (15 * 60, False), (-7_200, False)])
def test_a_program_that_is_started_again_goes_on_with_its_access_token(desk, later, kept):
    first = desk.mine.access
    again = Session(Transport(desk.office.line()), desk.vault, desk.mine, seconds=lambda: time.time() + later)
    assert (again.access() == first) is kept
    assert desk.mine.access == again.access()
    assert again.ask("GET", TRUST_PATH).status_code == 200


def test_an_access_token_is_fetched_once(desk):
    talk = session(desk)
    token = talk.access()
    assert talk.access() == token
    assert token not in desk.mine.refresh
    assert talk.ask("GET", TRUST_PATH).status_code == 200


def test_an_expired_token_is_replaced_and_the_request_repeated(desk):
    talk = session(desk)
    talk._access, talk._until = "expired-token", float("inf")
    expired = talk.access()
    asked = []
    ask = talk.transport.ask

    def once_expired(method, path, content=b"", *, headers=None):
        from desktop.sync.troubles import ExpiredError

        asked.append(path)
        if headers and headers.get("Authorization") == f"Bearer {expired}":
            raise ExpiredError("expired")
        return ask(method, path, content, headers=headers)

    talk.transport.ask = once_expired
    assert talk.ask("GET", TRUST_PATH).status_code == 200
    assert asked == [TRUST_PATH, TOKEN_PATH, TRUST_PATH]


def test_the_next_refresh_token_is_kept_before_it_is_used(desk):
    talk = session(desk)
    before = desk.mine.refresh
    talk.access()
    after = desk.mine
    assert after.refresh != before
    assert after.previous == before


@pytest.mark.parametrize("times", [1, 3])
def test_lost_answers_lock_nobody_out(desk, times):
    talk = session(desk, Losing)
    talk.transport.lost, talk.transport.times = TOKEN_PATH, times
    for _ in range(times):
        with pytest.raises(OfflineError):
            talk.access()
    assert talk.ask("GET", TRUST_PATH).status_code == 200
    again = session(desk)  # the program was started anew
    assert again.ask("GET", TRUST_PATH).status_code == 200


def test_a_kill_before_the_successor_was_kept_locks_nobody_out(desk, monkeypatch):
    from desktop.sync.credentials import Vault

    class KilledError(Exception):
        pass

    def killed(*_arguments, **_options):
        raise KilledError

    talk = session(desk)
    monkeypatch.setattr(Vault, "write", killed)
    with pytest.raises(KilledError):
        talk.access()
    monkeypatch.undo()
    assert session(desk).ask("GET", TRUST_PATH).status_code == 200


def test_two_programs_of_one_workspace_do_not_lock_each_other_out(desk):
    window, command = session(desk), session(desk)
    for _ in range(3):
        for talk in (window, command):
            talk.access(instead_of=talk._access)
            assert talk.ask("GET", TRUST_PATH).status_code == 200


def test_one_who_left_is_signed_out(desk):
    talk = session(desk)
    talk.access()
    other = session(desk)
    other.ask("DELETE", "/v1/devices")
    with pytest.raises(SignedOutError):
        talk.ask("GET", TRUST_PATH)
