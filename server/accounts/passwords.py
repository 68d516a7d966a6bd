"""Passwords are kept as Argon2id and compared in the same time whether or not there is such an account."""

from __future__ import annotations

import threading
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from domain.problems import refuse

SHORTEST: Final = 10
LONGEST: Final = 256
_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Each comparison takes 64 MiB and tens of milliseconds: more at a time would starve everything else."""

_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4, type=Type.ID)  # RFC 9106, 4
NOBODY: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$l+a8sFbrIDPfciep8rJXpQ$moYWVHJjN+2Q8Br3n+IwONVFJdfIFtTwzX5fCZgnNUQ"
)
"""The hash of no password, with the same costs: what an unknown login is compared with."""


def demand_strong(password: str, login: str) -> None:
    """Demand a password worth the name: length is what counts (NIST SP 800-63B, 3.1.1).

    Raises:
        Refusal: it is too short, too long, or the login itself.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise refuse("password", "plain", why=f"密码应为 {SHORTEST} 至 {LONGEST} 个字符，可以用一句话")
    if password.casefold() == login.casefold() or len(set(password)) == 1:
        raise refuse("password", "plain", why="密码太容易猜到，不能与登录名相同，也不能是同一个字符")


def hashed(password: str) -> str:
    """Return the Argon2id hash, with its salt and costs in it."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Tell whether the password is the one of the hash; without a hash the answer, no, takes as long."""
    with _AT_ONCE:
        try:
            _HASHER.verify(stored or NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def dated(stored: str) -> bool:
    """Tell whether the hash was made with other costs than today's, so that it should be made again."""
    return _HASHER.check_needs_rehash(stored)
