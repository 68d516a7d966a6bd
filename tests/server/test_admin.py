"""The administrators' pages: who gets in, what a foreign form can do (nothing), and what the buttons do."""

from __future__ import annotations

import functools
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from starlette.testclient import TestClient

from domain.enrolment import Invitation
from server import app
from server.accounts import accounts, audit, blocks, devices, invitations, organisations, passwords
from server.accounts.requests import now
from server.admin import views
from server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from domain.scopes import Role
    from server.caller import Caller
    from server.postgres.database import Database

PASSWORD = "correct horse battery"
PAGES = ("/admin", "/admin/accounts", "/admin/devices", "/admin/blocks", "/admin/audit")
HOSTILE = '<script>alert(1)</script>"&'


@functools.cache
def stored() -> str:
    """Return the hash of everybody's password, which takes long to make."""
    return passwords.hashed(PASSWORD)


@pytest.fixture
def browser(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    with database.connection() as connection:
        home = organisations.add(connection, "某大学", "agency", now=now())
        people: tuple[tuple[str, Role], ...] = (
            ("root", "administrator"),
            ("eye", "auditor"),
            ("head", "head"),
        )
        for login, role in people:
            account = accounts.add(connection, home.id, login=login, name=login, role=role, now=now())
            accounts.set_password(connection, account.id, stored())
        invitations.remember_door(connection, "https://sync.example.cn/", "ab" * 32)
    application = app.build(Settings(data_dir=tmp_path, database=database.url))
    with TestClient(application, base_url="http://127.0.0.1", follow_redirects=False) as client:
        yield client


def token(answer: Any) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
    assert found
    return found[1]


def enter(browser: TestClient, login: str, password: str = PASSWORD) -> Any:
    csrf = token(browser.get("/admin/login"))
    return browser.post("/admin/login", data={"csrf": csrf, "login": login, "password": password})


def press(browser: TestClient, path: str, **fields: str) -> Any:
    csrf = token(browser.get("/admin/accounts"))
    return browser.post(path, data={"csrf": csrf, **fields})


def deeds(database: Database) -> list[str]:
    with database.reading() as connection:
        return [deed.action for deed in audit.newest(connection)]


def test_nothing_is_shown_before_somebody_has_logged_in(browser: TestClient) -> None:
    for page in PAGES:
        answer = browser.get(page)
        assert (answer.status_code, answer.headers["location"]) == (303, "/admin/login")


def test_an_administrator_sees_every_page_and_leaves(browser: TestClient) -> None:
    assert enter(browser, "root").headers["location"] == "/admin"
    for page in PAGES:
        answer = browser.get(page)
        assert answer.status_code == 200
        assert answer.text.count("aria-current") == 1
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"
    session = browser.cookies["transfer_desk_admin"]
    browser.post("/admin/logout", data={"csrf": token(browser.get("/admin"))})
    browser.cookies.set("transfer_desk_admin", session, path="/admin")
    assert browser.get("/admin").status_code == 303


@pytest.mark.parametrize(("login", "password"), [("root", "wrong password"), ("head", PASSWORD), ("x", "y")])
def test_others_do_not_get_in(browser: TestClient, login: str, password: str) -> None:
    answer = enter(browser, login, password)
    assert answer.status_code == 403
    assert "transfer_desk_admin" not in browser.cookies


def test_cookies_are_read_by_no_script_and_sent_from_no_other_site(browser: TestClient) -> None:
    told = enter(browser, "root").headers["set-cookie"].lower()
    assert "httponly" in told
    assert "samesite=strict" in told
    assert "path=/admin" in told
    assert "secure" not in told  # loopback without TLS
    browser.base_url = "https://127.0.0.1"
    assert "secure" in browser.get("/admin/login").headers["set-cookie"].lower()


def test_a_login_form_of_another_site_is_refused(browser: TestClient) -> None:
    browser.get("/admin/login")
    for csrf in ("", "guessed"):
        fields = {"csrf": csrf, "login": "root", "password": PASSWORD}
        assert browser.post("/admin/login", data=fields).status_code == 403
    fields = {"csrf": token(browser.get("/admin/login")), "login": "root", "password": PASSWORD}
    for origin in ("https://evil.example", "null"):
        assert browser.post("/admin/login", data=fields, headers={"Origin": origin}).status_code == 403


def test_browsers_say_where_our_own_forms_come_from(browser: TestClient) -> None:
    told = browser.get("/admin/login").headers["referrer-policy"]
    assert told == "same-origin"  # with "no-referrer" they would say "null"
    csrf = token(browser.get("/admin/login"))
    fields = {"csrf": csrf, "login": "root", "password": PASSWORD}
    answer = browser.post("/admin/login", data=fields, headers={"Origin": "http://127.0.0.1"})
    assert answer.headers["location"] == "/admin"


@pytest.mark.parametrize(
    "path",
    [
        "/admin/accounts",
        "/admin/accounts/head/disable",
        "/admin/accounts/head/invite",
        "/admin/devices/1/wipe",
    ],
)
def test_buttons_need_the_token_of_this_session(browser: TestClient, database: Database, path: str) -> None:
    enter(browser, "root")
    before = deeds(database)
    for fields in ({}, {"csrf": ""}, {"csrf": "x" * 32}):
        assert browser.post(path, data=fields).status_code == 403
    foreign = {"Origin": "https://evil.example"}
    told = {"csrf": token(browser.get("/admin"))}
    assert browser.post(path, data=told, headers=foreign).status_code == 403
    assert deeds(database) == before


def test_an_auditor_looks_and_changes_nothing(browser: TestClient, database: Database) -> None:
    enter(browser, "eye")
    before = deeds(database)
    for page in PAGES:
        assert browser.get(page).status_code == 200
    assert "/disable" not in browser.get("/admin/accounts").text
    assert press(browser, "/admin/accounts/head/disable").status_code == 403
    assert deeds(database) == before


def test_accounts_are_added_invited_disabled_and_let_in_again(
    browser: TestClient, database: Database
) -> None:
    enter(browser, "root")
    fields = {"organisation": "新机构", "kind": "agency", "name": "李娜", "login": "li.na", "role": "broker"}
    assert press(browser, "/admin/accounts", **fields).status_code == 303
    answer = press(browser, "/admin/accounts/li.na/invite")
    assert answer.headers["content-disposition"] == 'attachment; filename="li.na.tdinvite"'
    invitation = msgspec.json.decode(answer.content, type=Invitation)
    assert (invitation.server, invitation.organisation) == ("https://sync.example.cn", "新机构")
    assert (invitation.name, invitation.pin) == ("李娜", "ab" * 32)
    press(browser, "/admin/accounts/li.na/disable")
    assert "已停用" in browser.get("/admin/accounts").text
    press(browser, "/admin/accounts/li.na/enable")
    assert "已停用" not in browser.get("/admin/accounts").text
    assert deeds(database)[:5] == ["enable", "disable", "invite", "account-add", "organisation-add"]


@pytest.mark.parametrize(
    "fields",
    [
        {"organisation": "某大学", "name": "李娜", "login": "root", "role": "broker"},
        {"organisation": "某大学", "name": "李娜", "login": "Li Na", "role": "broker"},
        {"organisation": "某大学", "name": "李娜", "login": "li.na", "role": "king"},
        {"organisation": "", "name": "李娜", "login": "li.na", "role": "broker"},
        {},
    ],
)
def test_a_refused_form_says_why_and_leaves_nothing(
    browser: TestClient, database: Database, fields: dict[str, str]
) -> None:
    enter(browser, "root")
    before = deeds(database)
    answer = press(browser, "/admin/accounts", **fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert deeds(database) == before


def test_a_device_is_wiped_only_when_its_number_was_typed(
    browser: TestClient, database: Database, callers: Callable[..., Caller]
) -> None:
    number = callers("broker").device
    enter(browser, "root")
    for typed in ("", str(number + 1)):
        assert press(browser, f"/admin/devices/{number}/wipe", confirm=typed).status_code == 400
    with database.reading() as connection:
        assert devices.listed(connection)[0].revoked_at is None
    assert press(browser, f"/admin/devices/{number}/wipe", confirm=str(number)).status_code == 303
    with database.reading() as connection:
        assert devices.listed(connection)[0].wipe_at is not None
    assert "待擦除" in browser.get("/admin/devices").text


def test_a_revoked_device_can_still_be_ordered_to_wipe(
    browser: TestClient, callers: Callable[..., Caller]
) -> None:
    number = callers("broker").device
    enter(browser, "root")
    press(browser, f"/admin/devices/{number}/revoke")
    page = browser.get("/admin/devices").text
    assert f"/admin/devices/{number}/revoke" not in page
    assert f"/admin/devices/{number}/wipe" in page


def test_what_people_typed_is_text_and_never_markup(
    browser: TestClient, database: Database, callers: Callable[..., Caller]
) -> None:
    caller = callers("certifier")
    with database.connection() as connection:
        connection.execute("UPDATE device SET label = %s, build = %s", (HOSTILE, HOSTILE))
        connection.execute("UPDATE account SET name = %s WHERE login <> 'root'", (HOSTILE,))
        connection.execute("UPDATE organisation SET name = %s WHERE name = '某大学'", (HOSTILE,))
        blocks.give(connection, caller.organisation, caller.device, HOSTILE, now=now())
        audit.note(connection, "revoke", HOSTILE, now=now())
    enter(browser, "root")
    for page in PAGES[1:]:
        text = browser.get(page).text
        assert "<script" not in text
        assert "&lt;script&gt;" in text


def test_pages_are_whole_documents(browser: TestClient, callers: Callable[..., Caller]) -> None:
    callers("broker")
    enter(browser, "root")
    for page in ("/admin/login", *PAGES):
        checker = Balance()
        checker.feed(browser.get(page).text)
        assert checker.open == []
        assert checker.unlabelled == 0


class Balance(HTMLParser):
    """Follows opening and closing tags, and finds fields outside a label."""

    VOID = frozenset({"meta", "link", "input", "option"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.unlabelled = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"input", "select"} and ("type", "hidden") not in attrs and "label" not in self.open:
            self.unlabelled += 1
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_every_deed_has_a_name_in_chinese(browser: TestClient, database: Database) -> None:
    house = Path(audit.__file__).parents[1]
    noted = {
        action
        for path in house.rglob("*.py")
        for call in re.findall(r"audit\.note\((.*?)now=", path.read_text("utf-8"), re.DOTALL)
        for action in re.findall(r'"([a-z-]+)"', call)
    }
    assert noted == set(views.DEEDS)
    with database.connection() as connection:
        for action in views.DEEDS:
            audit.note(connection, action, now=now())
    enter(browser, "root")
    text = browser.get("/admin/audit").text
    assert all(name in text for name in views.DEEDS.values())


def test_the_first_page_says_sizes_as_the_program_does(browser: TestClient, database: Database) -> None:
    with database.connection() as connection:
        connection.execute(
            "INSERT INTO blob (organisation, sha256, size, place, created_at, complete_at)"
            " SELECT id, %s, 3500000, gen_random_uuid(), now(), now() FROM organisation",
            (b"x" * 32,),
        )
        (version,) = connection.execute("SELECT max(number) FROM schema_version").fetchone() or (0,)
    enter(browser, "root")
    shown = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", browser.get("/admin").text))
    assert shown["附件大小"] == "3.3 MB"
    assert re.fullmatch(r"[\d.]+ MB", shown["数据库大小"])
    assert shown["数据库结构"] == f"第 {version} 版"


def test_the_style_sheet_is_served_and_loads_nothing(browser: TestClient) -> None:
    answer = browser.get("/admin/style.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "prefers-color-scheme: dark" in answer.text
    assert "url(" not in answer.text
    assert "@import" not in answer.text
