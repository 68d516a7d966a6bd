"""The messages by which a device comes to belong to somebody and proves it ever after.

They are JSON, because a person may read an invitation and an administrator the doors of the server.
What is said once a device is known stands in domain/protocol.py; docs/protocol.md tells the whole.
"""

from __future__ import annotations

from msgspec import Struct


class Invitation(Struct):
    """The file an administrator hands to a new user. JSON, extension .tdinvite.

    ``pin`` is the SHA-256 of the server certificate's public key, in hexadecimal; empty on loopback.
    ``server_key`` signs what the server says, ``seal_key`` seals what only it may read.
    """

    server: str
    organisation: str
    code: str
    name: str
    expires: str
    pin: str = ""
    server_key: str = ""
    seal_key: str = ""


class Registration(Struct):
    """A device's first words: an invitation's code and a new password, or an account and its password.

    ``sign_key`` (Ed25519) and ``seal_key`` (X25519) are the device's public keys. JSON.
    """

    sign_key: str
    seal_key: str
    label: str
    code: str = ""
    account: str = ""
    password: str = ""


class Succession(Struct):
    """A copied or restored store asks to be a device of its own in its new life. JSON."""

    incarnation: int


class Registered(Struct):
    """The server's answer: who the device is from now on. JSON."""

    device: int
    account: str
    name: str
    role: str
    organisation: str
    organisation_name: str
    refresh: str
    access: str
    access_seconds: int
    server_key: str
    seal_key: str
    login: str = ""


class TokenRequest(Struct):
    """Asks for a new access token; ``signature`` of the device key over ``device refresh now``. JSON."""

    device: int
    refresh: str
    now: int
    signature: str


class Tokens(Struct):
    """A short-lived access token and the next refresh token. JSON."""

    refresh: str
    access: str
    access_seconds: int
