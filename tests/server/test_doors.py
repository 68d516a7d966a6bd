"""The doors of accounts, tokens, trust and attachments over HTTP, through the whole application."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from starlette.testclient import TestClient

from domain.enrolment import Registered, Tokens
from domain.protocol import CHUNK, BlobAnswer, BlobOffer, Trouble
from server import app
from server.accounts import accounts, devices, invitations, organisations
from server.accounts.invitations import Door
from server.accounts.requests import now
from server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from domain.scopes import Role
    from server.postgres.database import Database

PASSWORD = "correct horse battery"
CONTENT = hashlib.shake_128(b"an attachment").digest(CHUNK + 1000)
HASH = hashlib.sha256(CONTENT).digest()


@dataclass
class Desk:
    """A registered device."""

    key: Ed25519PrivateKey
    registered: Registered

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.registered.access}"}


@dataclass
class Site:
    """A running server with a way to register devices."""

    client: TestClient
    database: Database

    def desk(self, login: str, role: Role = "broker", organisation: str = "某大学") -> Desk:
        with self.database.connection() as connection:
            known = {one.name: one for one in organisations.listed(connection)}
            home = known.get(organisation) or organisations.add(
                connection, organisation, "authority" if role == "authority" else "agency", now=now()
            )
            account = accounts.add(connection, home.id, login=login, name=login, role=role, now=now())
            code = invitations.invite(connection, account, Door("http://x", ""), now=now()).code
        key = Ed25519PrivateKey.generate()
        asked = {
            "sign_key": key.public_key().public_bytes_raw().hex(),
            "seal_key": "11" * 32,
            "label": "笔记本",
            "code": code,
            "password": PASSWORD,
        }
        answer = self.client.post("/v1/devices", json=asked)
        assert answer.status_code == 201, answer.text
        return Desk(key, msgspec.json.decode(answer.content, type=Registered))

    def trouble(self, answer: Any) -> tuple[int, str]:
        status, content = answer.status_code, answer.content
        return status, msgspec.json.decode(content, type=Trouble).code


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Site]:
    application = app.build(Settings(data_dir=tmp_path, database=database.url))
    with TestClient(application, base_url="http://127.0.0.1", client=("127.0.0.1", 5000)) as client:
        yield Site(client, database)


def test_a_login_that_no_column_can_hold_is_turned_away(site: Site) -> None:
    asked = {"sign_key": "11" * 32, "seal_key": "11" * 32, "account": "zhang\0wei", "password": PASSWORD}
    assert site.trouble(site.client.post("/v1/devices", json=asked | {"label": "a"})) == (400, "malformed")


def test_a_label_that_no_column_can_hold_is_turned_away(site: Site) -> None:
    site.desk("zhang.wei")
    asked = {"sign_key": "22" * 32, "seal_key": "11" * 32, "account": "zhang.wei", "password": PASSWORD}
    assert site.trouble(site.client.post("/v1/devices", json=asked | {"label": "a\0"})) == (400, "malformed")


def test_a_device_registers_refreshes_and_leaves(site: Site) -> None:
    desk = site.desk("zhang.wei")
    number, refresh = desk.registered.device, desk.registered.refresh
    asked = {"device": number, "refresh": refresh, "now": 12}
    asked["signature"] = desk.key.sign(f"{number} {refresh} 12".encode()).hex()
    answer = site.client.post("/v1/token", json=asked)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    headers = {"Authorization": f"Bearer {msgspec.json.decode(answer.content, type=Tokens).access}"}
    assert site.client.delete("/v1/devices", headers=headers).status_code == 204
    assert site.trouble(site.client.delete("/v1/devices", headers=headers)) == (401, "signed-out")
    assert site.trouble(site.client.post("/v1/token", json=asked)) == (401, "signed-out")


def test_a_stolen_token_ends_the_sign_in_for_good(site: Site) -> None:
    desk = site.desk("zhang.wei")
    number, refresh = desk.registered.device, desk.registered.refresh

    def ask(refresh: str) -> tuple[int, str]:
        asked = {"device": number, "refresh": refresh, "now": 0}
        asked["signature"] = desk.key.sign(f"{number} {refresh} 0".encode()).hex()
        answer = site.client.post("/v1/token", json=asked)
        return answer.status_code, answer.json().get("refresh", "")

    second = ask(refresh)[1]
    third = ask(second)[1]
    assert ask(refresh) == (401, "")
    assert ask(third) == (401, "")


def test_a_copied_store_becomes_a_device_of_its_own_once(site: Site) -> None:
    desk = site.desk("zhang.wei")

    def succeed(headers: dict[str, str], incarnation: int = 77) -> Registered:
        answer = site.client.post("/v1/devices/successor", json={"incarnation": incarnation}, headers=headers)
        assert answer.status_code == 201, answer.text
        return msgspec.json.decode(answer.content, type=Registered)

    first = succeed(desk.headers)
    assert first.device != desk.registered.device
    assert (first.account, first.organisation) == (desk.registered.account, desk.registered.organisation)
    assert succeed(desk.headers).refresh == first.refresh
    successor = Desk(desk.key, first)
    assert site.client.get("/v1/trust", headers=successor.headers).status_code == 200
    late = succeed(desk.headers)  # a request that came twice, the second time late
    assert (late.device, late.refresh) == (first.device, first.refresh)
    assert site.client.get("/v1/trust", headers=desk.headers).status_code == 200  # the other life goes on
    again = succeed(successor.headers)  # copied once more, in the same life
    assert again.device not in {first.device, desk.registered.device}
    assert succeed(desk.headers, 78).device not in {first.device, again.device}
    for bad in (0, -1, 1 << 63):
        answer = site.client.post("/v1/devices/successor", json={"incarnation": bad}, headers=desk.headers)
        assert answer.status_code == 400


def test_a_revoked_device_has_no_successor(site: Site) -> None:
    desk = site.desk("zhang.wei")
    with site.database.connection() as connection:
        devices.revoke(connection, desk.registered.device, now=now())
    answer = site.client.post("/v1/devices/successor", json={"incarnation": 1}, headers=desk.headers)
    assert site.trouble(answer) == (403, "revoked")


def test_a_revoked_device_hears_the_order_once_noted(site: Site) -> None:
    desk = site.desk("zhang.wei")
    with site.database.connection() as connection:
        devices.revoke(connection, desk.registered.device, wipe=True, now=now())
        assert devices.listed(connection)[0].wipe_told_at is None
    answer = site.client.get("/v1/trust", headers=desk.headers)
    told = msgspec.json.decode(answer.content, type=Trouble)
    assert (answer.status_code, told.code) == (403, "revoked")
    assert told.wipe is not None
    server = Ed25519PublicKey.from_public_bytes(bytes.fromhex(desk.registered.server_key))
    text = f"wipe {desk.registered.device} {told.wipe.at}"
    server.verify(bytes.fromhex(told.wipe.signature), text.encode())
    with site.database.connection() as connection:
        assert devices.listed(connection)[0].wipe_told_at is not None


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"{", b'{"device": "x"}', b"\xff\xfe", b"[" * 5000])
@pytest.mark.parametrize("path", ["/v1/devices", "/v1/token"])
def test_any_body_gets_a_plain_answer(site: Site, path: str, body: bytes) -> None:
    assert site.trouble(site.client.post(path, content=body)) == (400, "malformed")


def test_too_long_a_body_is_not_read(site: Site) -> None:
    assert site.client.post("/v1/devices", content=bytes(1 << 20)).status_code == 413


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v1/devices"),
        ("GET", "/v1/trust"),
        ("PUT", "/v1/trust"),
        ("GET", f"/v1/blobs/{HASH.hex()}"),
        ("PUT", f"/v1/blobs/{HASH.hex()}/0"),
    ],
)
def test_every_door_asks_who_is_there(site: Site, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer AAAA"}):
        assert site.trouble(site.client.request(method, path, headers=headers)) == (401, "signed-out")


def test_guessing_is_answered_with_when_to_come_again(site: Site) -> None:
    asked = {"sign_key": "22" * 32, "seal_key": "11" * 32, "label": "", "account": "x", "password": "y" * 12}
    answers = [site.client.post("/v1/devices", json=asked) for _ in range(11)]
    assert {answer.status_code for answer in answers[:10]} == {401}
    assert answers[10].status_code == 429
    assert int(answers[10].headers["retry-after"]) == answers[10].json()["retry_after"] > 0


def test_a_file_goes_up_in_chunks_and_down_in_ranges(site: Site) -> None:
    desk = site.desk("zhang.wei")
    offered = msgspec.msgpack.encode(BlobOffer(HASH, len(CONTENT)))
    answer = site.client.post("/v1/blobs", content=offered, headers=desk.headers)
    assert msgspec.msgpack.decode(answer.content, type=BlobAnswer).missing == [0, 1]
    path = f"/v1/blobs/{HASH.hex()}"
    for number in (1, 0):
        chunk = CONTENT[number * CHUNK : (number + 1) * CHUNK]
        assert site.client.put(f"{path}/{number}", content=chunk, headers=desk.headers).status_code == 204
    assert site.trouble(site.client.get(path, headers=desk.headers)) == (404, "unknown-blob")
    name(site, desk)
    whole = site.client.get(path, headers=desk.headers)
    assert (whole.status_code, whole.content) == (200, CONTENT)
    part = site.client.get(path, headers={**desk.headers, "Range": f"bytes={CHUNK - 10}-{CHUNK + 9}"})
    assert (part.status_code, part.content) == (206, CONTENT[CHUNK - 10 : CHUNK + 10])
    assert part.headers["content-range"] == f"bytes {CHUNK - 10}-{CHUNK + 9}/{len(CONTENT)}"
    beyond = site.client.get(path, headers={**desk.headers, "Range": f"bytes={len(CONTENT)}-"})
    assert beyond.status_code == 416
    stranger = site.desk("li.na", organisation="另一机构")
    assert site.trouble(site.client.get(path, headers=stranger.headers)) == (404, "unknown-blob")


def name(site: Site, desk: Desk) -> None:
    with site.database.connection() as connection:
        key = f"a:{desk.registered.organisation}"
        connection.execute("INSERT INTO scope (key) VALUES (%s) ON CONFLICT DO NOTHING", (key,))
        connection.execute(
            "INSERT INTO blob_ref (scope, sha256, type, pk, organisation)"
            " SELECT number, %s, 1, %s, %s FROM scope WHERE key = %s",
            (HASH, uuid.uuid4(), desk.registered.organisation, key),
        )


def trust(name: str, key: str, fingerprint: str = "ab" * 32, as_of: str = "2026-03-01") -> str:
    issuer = {"name": name, "key": key, "fingerprints": [fingerprint], "begun": "2025-01-01", "revoked": {}}
    body = {"format": "transfer-desk-trust", "version": 1, "as_of": as_of, "issuers": [issuer]}
    return json.dumps(body, ensure_ascii=False)


def test_an_organisation_tells_its_keys_and_everybody_can_check_the_list(site: Site) -> None:
    head, reader = site.desk("head", "head"), site.desk("reader", organisation="另一机构")
    first = site.client.put("/v1/trust", content=trust("某大学", "cd" * 32).encode(), headers=head.headers)
    again = site.client.put("/v1/trust", content=trust("某大学", "cd" * 32).encode(), headers=head.headers)
    assert first.json() == again.json() == {"version": 1}
    answer = site.client.get("/v1/trust", headers=reader.headers)
    server = Ed25519PublicKey.from_public_bytes(bytes.fromhex(reader.registered.server_key))
    server.verify(bytes.fromhex(answer.headers["signature"]), answer.content)
    assert [issuer["key"] for issuer in answer.json()["issuers"]] == ["cd" * 32]


def test_nobody_speaks_for_another_organisations_keys(site: Site) -> None:
    head, thief = site.desk("head", "head"), site.desk("thief", "head", "另一机构")
    site.client.put("/v1/trust", content=trust("某大学", "cd" * 32).encode(), headers=head.headers)
    for told in (
        trust("某大学", "cd" * 32, "12" * 32),
        trust("某大学", "ef" * 32),
    ):  # its key, its fingerprint
        answer = site.client.put("/v1/trust", content=told.encode(), headers=thief.headers)
        assert site.trouble(answer) == (409, "key-taken")
    own = trust("某大学", "ef" * 32, "12" * 32)
    assert site.client.put("/v1/trust", content=own.encode(), headers=thief.headers).status_code == 200
    names = [one["name"] for one in site.client.get("/v1/trust", headers=head.headers).json()["issuers"]]
    assert sorted(names) == ["某大学", "某大学（另一机构）"]


def test_only_who_issues_may_publish_and_only_a_list(site: Site) -> None:
    broker, head = site.desk("broker"), site.desk("head", "head")
    good = trust("某大学", "cd" * 32).encode()
    refused = site.client.put("/v1/trust", content=good, headers=broker.headers)
    assert site.trouble(refused) == (403, "not-permitted")
    for bad in (b"", b"{}", b"\xff", trust("某大学", "cd" * 32, as_of="2999-01-01").encode()):
        answer = site.client.put("/v1/trust", content=bad, headers=head.headers)
        assert site.trouble(answer) == (400, "malformed")


def test_figures_are_for_this_machine_only(site: Site) -> None:
    site.desk("zhang.wei")
    told = site.client.get("/metrics").text
    assert 'transfer_desk_requests_total{door="/v1/devices",method="POST",status="201"}' in told
    assert "transfer_desk_devices 1.0" in told
    assert "zhang.wei" not in told
    away = TestClient(site.client.app, client=("192.0.2.7", 5000))
    assert away.get("/metrics").status_code == 404
