"""The trust list lets a paper be judged where there is no network: whose keys count, and what is revoked.

It is carried from its source to whoever checks papers, by sync or as a file; a verdict is therefore always
'as of' the day of the list.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from domain.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORMAT: Final = "transfer-desk-trust"
_KEY_LENGTH: Final = 32  # bytes of an Ed25519 key


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues papers with one pair of keys.

    ``key`` is the Ed25519 key of the credentials in hexadecimal, ``fingerprints`` the SHA-256 of the
    certificates that sign files, ``revoked`` the state and day of every paper that no longer counts, by its
    number. ``ended`` is the day from which nothing more may be issued with the keys, ``as_of`` the day of
    the list the entry comes from.
    """

    name: str
    key: str
    fingerprints: tuple[str, ...]
    begun: dt.date
    as_of: dt.date
    ended: dt.date | None = None
    revoked: Mapping[str, tuple[str, dt.date]] = field(default_factory=dict)

    @property
    def key_id(self) -> bytes:
        """The six bytes by which a credential names the key."""
        return hashlib.sha256(bytes.fromhex(self.key)).digest()[:6]

    def issued_on(self, day: dt.date) -> bool:
        """Tell whether the keys were in use on ``day``."""
        return self.begun <= day and (self.ended is None or day < self.ended)


@dataclass(frozen=True, slots=True)
class TrustList:
    """The issuers known on a day."""

    as_of: dt.date
    issuers: tuple[Issuer, ...] = ()

    def by_key_id(self, key_id: bytes) -> Issuer | None:
        """Return the issuer whose credentials name ``key_id``."""
        return next((issuer for issuer in self.issuers if issuer.key_id == key_id), None)

    def by_fingerprint(self, fingerprint: str) -> Issuer | None:
        """Return the issuer who signs files with the certificate of this SHA-256."""
        return next((issuer for issuer in self.issuers if fingerprint in issuer.fingerprints), None)

    def to_json(self) -> str:
        """Return the list as a file for others."""
        body = {
            "format": FORMAT,
            "version": 1,
            "as_of": self.as_of.isoformat(),
            "issuers": [_to_json(issuer) for issuer in self.issuers],
        }
        return json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def read_trust_list(text: str) -> TrustList:
    """Return the list in a file.

    Raises:
        Refusal: the text is no trust list, or one of its entries is not complete.
    """
    try:
        body = json.loads(text)
        _demand(body["format"] == FORMAT and body["version"] == 1)
        as_of = _day(body["as_of"])
        return TrustList(as_of, tuple(_from_json(entry, as_of) for entry in body["issuers"]))
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise refuse(
            "trust", "plain", why="这不是信任名单文件，或文件不完整；请向发证单位重新索取（.json）"
        ) from error


def merged(lists: Iterable[TrustList], as_of: dt.date) -> TrustList:
    """Return one list of all issuers; of an issuer that stands in several the newest entry counts."""
    newest: dict[str, Issuer] = {}
    issuers = [issuer for trust in lists for issuer in trust.issuers]
    for issuer in sorted(issuers, key=lambda one: one.as_of):
        newest[issuer.key] = issuer
    return TrustList(as_of, tuple(newest.values()))


def _demand(condition: bool) -> None:  # noqa: FBT001 - it is all there is to say
    if not condition:
        raise ValueError("not a trust list")


def _to_json(issuer: Issuer) -> dict[str, Any]:
    return {
        "name": issuer.name,
        "key": issuer.key,
        "fingerprints": list(issuer.fingerprints),
        "begun": issuer.begun.isoformat(),
        "ended": issuer.ended and issuer.ended.isoformat(),
        "revoked": {
            number: {"state": state, "day": day.isoformat()}
            for number, (state, day) in issuer.revoked.items()
        },
    }


def _from_json(entry: dict[str, Any], as_of: dt.date) -> Issuer:
    _demand(len(bytes.fromhex(entry["key"])) == _KEY_LENGTH and bool(entry["name"]))
    return Issuer(
        name=str(entry["name"]),
        key=entry["key"].lower(),
        fingerprints=tuple(bytes.fromhex(one).hex() for one in entry["fingerprints"]),
        begun=_day(entry["begun"]),
        as_of=as_of,
        ended=_day(entry["ended"]) if entry.get("ended") else None,
        revoked={
            str(number): (str(one["state"]), _day(one["day"])) for number, one in entry["revoked"].items()
        },
    )


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
