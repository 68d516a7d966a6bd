"""The line: its failures have few names, it trusts one key only, and it can be closed from outside."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from desktop.sync.transport import CORK, Transport, trouble
from desktop.sync.troubles import (
    BrokenError,
    BusyError,
    CopiedError,
    ExpiredError,
    MissingError,
    OfflineError,
    RevokedError,
    SignedOutError,
    TooOldError,
    WrongServerError,
)
from domain.protocol import WipeOrder


class Server(ThreadingHTTPServer):
    """Tells when it was asked, and is told when the test is over."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked, self.end = threading.Event(), threading.Event()
        self.daemon_threads = True


class Answering(BaseHTTPRequestHandler):
    """Answers with what it was asked; ``/silent`` never answers."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._say(json.dumps({"body": body.decode(), "headers": dict(self.headers)}).encode())

    def do_GET(self):
        if self.path == "/silent":
            self.server.asked.set()
            self.server.end.wait(20)
            self.close_connection = True
        elif self.path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"only this")
            self.close_connection = True
        else:
            self._say(b"0123456789")

    def _say(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def answering(tmp_path):
    """Return a server's URL with the means to turn it into TLS."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.end.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def certificate(tmp_path):
    """Return the file of a self-signed certificate with its key, and its pin."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "some name")])
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day + dt.timedelta(days=30))
        .sign(key, SHA256())
    )
    path = tmp_path / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return path, hashlib.sha256(spki).hexdigest()


@pytest.fixture
def secure(answering, certificate):
    """Return the URL of a server with a self-signed certificate, and its pin."""
    path, pin = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    answering.socket = context.wrap_socket(answering.socket, server_side=True)
    return f"https://127.0.0.1:{answering.server_port}", pin


@pytest.mark.loopback
def test_a_self_signed_server_is_trusted_by_its_pin(secure):
    url, pin = secure
    line = Transport.to(url, pin)
    assert line.ask("POST", "/", b"hello").json()["body"] == "hello"
    line.close()


@pytest.mark.loopback
@pytest.mark.parametrize("pin", ["00" * 32, ""])
def test_another_key_never_gets_a_request(secure, pin, answering):
    seen = []
    answering.RequestHandlerClass = type(
        "Seeing", (Answering,), {"do_POST": lambda self: seen.append(self.path)}
    )
    answering.handle_error = lambda *_arguments: None  # the handshake that breaks is the point
    line = Transport.to(secure[0], pin)
    with pytest.raises(WrongServerError):
        line.ask("POST", "/", b"secret")
    line.close()
    assert seen == []


@pytest.mark.parametrize("server", ["http://desk.example.cn", "ftp://127.0.0.1", "desk.example.cn"])
def test_plain_text_stays_on_this_machine(server):
    with pytest.raises(WrongServerError):
        Transport.to(server, "")


@pytest.mark.loopback
def test_a_request_carries_no_idle_words(answering):
    line = Transport.to(f"http://127.0.0.1:{answering.server_port}", "")
    told = line.ask("POST", "/", b"hello", headers={"Authorization": "Bearer x"}).json()["headers"]
    line.close()
    assert set(told) == {"Host", "Content-Length", "Authorization"}


@pytest.mark.loopback
def test_head_and_body_of_a_request_leave_together_where_the_system_can():
    pieces = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hear():
            line, _ = listening.accept()
            with line:
                for _ in range(2):
                    heard = [line.recv(1 << 16)]
                    while not heard[-1].endswith(b"four"):
                        heard.append(line.recv(1 << 16))
                    pieces.append(len(heard))
                    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

        hearing = threading.Thread(target=hear)
        hearing.start()
        transport = Transport.to(f"http://127.0.0.1:{listening.getsockname()[1]}", "")
        for _ in range(2):
            assert transport.ask("POST", "/x", b"four").content == b"ok"
        transport.close()
        hearing.join(20)
    assert pieces == [1, 1] or CORK is None


@pytest.mark.loopback
def test_a_file_is_taken_from_where_it_broke(answering):
    line = Transport.to(f"http://127.0.0.1:{answering.server_port}", "")
    # this server does not know ranges: what is here already is left out on this side
    assert b"".join(line.pieces("/file", headers={}, start=4)) == b"456789"
    assert b"".join(line.pieces("/file", headers={}, start=10)) == b""
    with pytest.raises(OfflineError):
        list(line.pieces("/short", headers={}, start=0))
    line.close()


@pytest.mark.loopback
def test_nobody_there_is_offline(answering):
    port = answering.server_port
    answering.shutdown()
    answering.server_close()
    line = Transport.to(f"http://127.0.0.1:{port}", "")
    with pytest.raises(OfflineError):
        line.ask("GET", "/")
    line.close()


@pytest.mark.loopback
def test_closing_wakes_whoever_waits(answering):
    line = Transport.to(f"http://127.0.0.1:{answering.server_port}", "")
    met = []

    def wait():
        try:
            line.ask("GET", "/silent")
        except OfflineError as error:
            met.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert answering.asked.wait(5)
    line.close()
    waiting.join(5)
    assert len(met) == 1
    with pytest.raises(OfflineError):
        line.ask("GET", "/")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"code": "expired"}, ExpiredError),
        (401, {"code": "signed-out"}, SignedOutError),
        (401, None, SignedOutError),
        (403, {"code": "revoked"}, RevokedError),
        (403, {"code": "no-desk", "text": "不使用工作台"}, SignedOutError),
        (404, {"code": "unknown-blob"}, MissingError),
        (409, {"code": "copied"}, CopiedError),
        (413, None, BrokenError),
        (400, {"code": "malformed"}, BrokenError),
        (426, {"code": "too-old"}, TooOldError),
        (429, {"code": "slow", "retry_after": 7}, BusyError),
        (503, None, BusyError),
        (502, None, OfflineError),
        (504, None, OfflineError),
        (500, None, OfflineError),
    ],
)
def test_every_no_has_one_of_few_names(status, body, kind):
    content = json.dumps(body).encode() if body else b"<html>a proxy speaks</html>"
    found = trouble(httpx.Response(status, content=content))
    assert type(found) is kind
    assert found.words == (body or {}).get("text", "")


def patience(answer):
    told = trouble(answer)
    assert isinstance(told, BusyError)
    return told.retry_after


def test_patience_is_as_long_as_the_server_asks():
    assert patience(httpx.Response(429, json={"code": "slow", "retry_after": 7})) == 7
    assert patience(httpx.Response(503, headers={"Retry-After": "3"})) == 3
    assert patience(httpx.Response(503, headers={"Retry-After": "later"})) > 0


def test_an_order_to_wipe_comes_through():
    order = {"device": 7, "at": 1, "signature": "00"}
    told = trouble(httpx.Response(403, json={"code": "revoked", "wipe": order}))
    assert isinstance(told, RevokedError)
    assert told.wipe == WipeOrder(7, 1, "00")
