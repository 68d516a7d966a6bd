"""Checking a paper: a PDF, a picture of its code or the code's text, judged by the trust list at hand.

Nothing is sent anywhere. A verdict says what was found and as of which day the list is.
"""

from __future__ import annotations

import enum
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from PIL import Image

from desktop.documents.credential import (
    PREFIX,
    AlteredError,
    Claims,
    CredentialError,
    read_credential,
    signing_key_id,
)
from desktop.documents.inspection import INSPECTOR, UnfitFileError
from desktop.documents.signature_check import Integrity, SignatureReport, check_signature
from domain.problems import refuse

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from domain.codes import CodeBook
    from domain.trust import Issuer, TrustList

BYTES_AT_MOST: Final = 200 * 1024 * 1024
PIXELS_AT_MOST: Final = 60_000_000
TEXT_AT_MOST: Final = 4096
CODE_PIXELS: Final = 4000
"""Along the longer side of a picture: a code of 25 mm on a photographed A4 sheet keeps 6 pixels a module."""
_QR: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


class Outcome(enum.Enum):
    """What can be said of a paper; the value is the word the user reads."""

    GENUINE = "真实有效"
    EXPIRED = "真实，已过有效期"
    REVOKED = "真实，但已不再有效"
    ALTERED = "内容被改动"
    UNKNOWN_ISSUER = "签发单位不在信任名单中"
    NO_PROOF = "没有可验证的签名或验证码"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, why, what the paper says (label, value), and the day of the trust list."""

    outcome: Outcome
    why: str
    facts: tuple[tuple[str, str], ...]
    as_of: dt.date
    issuer: Issuer | None = None
    claims: Claims | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges by one trust list on one day."""

    trust: TrustList
    codes: CodeBook
    today: dt.date

    def content(self, content: bytes, read_codes: Callable[[bytes], list[str]]) -> Verdict:
        """Judge a file by what it is: a PDF, a picture with a code, or a text.

        ``read_codes`` finds the texts of the QR codes in a picture.

        Raises:
            Refusal: the file is too large, or nothing that could be checked.
        """
        if len(content) > BYTES_AT_MOST:
            raise refuse("file", "plain", why="文件超过 200 MB，不是本软件签发的文件")
        if content.lstrip()[:5] == b"%PDF-" or b"%PDF-" in content[:1024]:
            return self.document(content)
        text = _as_text(content)
        if text is not None:
            return self.text(text)
        found = [text for text in read_codes(content) if text.startswith(PREFIX)]
        if not found:
            return self._verdict(Outcome.NO_PROOF, "图片中没有找到证书的二维码；请拍得更近、更正、更清楚些")
        return self.text(found[0])

    def text(self, text: str) -> Verdict:
        """Judge the text of a QR code, as a scanner gives it."""
        text = text.strip("\r\n\t \ufeff")
        try:
            issuer = self.trust.by_key_id(signing_key_id(text))
            if issuer is None:
                return self._verdict(
                    Outcome.UNKNOWN_ISSUER, "验证码完整，但签发者的公钥不在信任名单中；请先取得其信任名单"
                )
            return self._issued(issuer, read_credential(text, lambda _: _public_key(issuer)))
        except AlteredError as error:
            return self._verdict(Outcome.ALTERED, str(error))
        except CredentialError as error:
            return self._verdict(Outcome.NO_PROOF, str(error))

    def document(self, content: bytes) -> Verdict:
        """Judge a PDF by its signature, and by the credential in it where it is a certificate."""
        report = check_signature(content)
        if report.integrity is not Integrity.INTACT:
            return self._verdict(*_UNPROVEN[report.integrity])
        facts = _signature_facts(report)
        issuer = self.trust.by_fingerprint(report.fingerprint)
        if issuer is None:
            why = f"文件自签名后没有改动，但签名证书（{report.signer}）不在信任名单中，不能证明是谁签的"
            return self._verdict(Outcome.UNKNOWN_ISSUER, why, facts)
        credential = _credential_in(content)
        if not credential:
            if report.day and not issuer.issued_on(report.day):
                return self._verdict(Outcome.UNKNOWN_ISSUER, "签名日期不在该单位密钥的使用期内", facts)
            return self._verdict(Outcome.GENUINE, f"由{issuer.name}签名，签名后没有改动", facts, issuer)
        verdict = self.text(credential)
        if verdict.issuer != issuer:
            return self._verdict(Outcome.UNKNOWN_ISSUER, "文件的签名单位与验证码的签发单位不一致", facts)
        return replace(verdict, facts=(*verdict.facts, *facts))

    def _issued(self, issuer: Issuer, claims: Claims) -> Verdict:
        """Judge a credential whose signature holds: was it in the issuer's time, is it still valid."""
        facts = _claim_facts(claims, issuer, self.codes)
        outcome, why = Outcome.GENUINE, f"由{issuer.name}签发，内容没有改动"
        if not issuer.issued_on(claims.issued):
            outcome, why = Outcome.UNKNOWN_ISSUER, "发证日期不在该单位密钥的使用期内"
        elif claims.number in issuer.revoked:
            state, day = issuer.revoked[claims.number]
            label = self.codes["certificate-state"].label_of(state) or "撤销"
            outcome, why = Outcome.REVOKED, f"该证书已于 {day.isoformat()} {label}"
        elif claims.valid_to and claims.valid_to < self.today:
            outcome, why = Outcome.EXPIRED, f"有效期至 {claims.valid_to.isoformat()}"
        return Verdict(outcome, why, facts, issuer.as_of, issuer, claims)

    def _verdict(
        self,
        outcome: Outcome,
        why: str,
        facts: tuple[tuple[str, str], ...] = (),
        issuer: Issuer | None = None,
    ) -> Verdict:
        return Verdict(outcome, why, facts, issuer.as_of if issuer else self.trust.as_of, issuer)


_UNPROVEN: Final = {
    Integrity.ALTERED: (Outcome.ALTERED, "文件与签名不符：签名之后有内容被改动或追加"),
    Integrity.UNSIGNED: (Outcome.NO_PROOF, "文件没有数字签名：可能是草稿、打印件的扫描件，或不是本软件签发"),
    Integrity.FOREIGN: (Outcome.NO_PROOF, "文件由其他软件签名，请用该签章软件验证"),
}


def read_codes(picture: bytes) -> list[str]:
    """Return the texts of the QR codes in a picture; meant for pictures of one's own camera or screen.

    Raises:
        Refusal: the file is no picture, or a much too large one.
    """
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            if opened.width * opened.height > PIXELS_AT_MOST:
                raise refuse("file", "plain", why="图片太大，请截取二维码部分再试")
            grey = opened.convert("L")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise refuse("file", "plain", why="这个文件既不是 PDF，也不是能读取的图片或验证码文本") from error
    return [found.text for found in zxingcpp.read_barcodes(grey, formats=_QR)]


def read_strange_codes(picture: bytes) -> list[str]:
    """Return the texts of the QR codes in a stranger's picture, which is opened in a process of its own.

    Raises:
        Refusal: the file is no picture, or one that does harm.
    """
    try:
        sheets = INSPECTOR.sheets(picture, longest=CODE_PIXELS)
    except UnfitFileError as error:
        raise refuse("file", "plain", why=f"这个文件不能验证：{error}") from error
    return [text for sheet in sheets for text in read_codes(sheet)]


def _public_key(issuer: Issuer) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(issuer.key))


def _as_text(content: bytes) -> str | None:
    """Return a short text file's text, None for anything else."""
    if len(content) > TEXT_AT_MOST:
        return None
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() or text.strip().isprintable() else None


def _credential_in(content: bytes) -> str:
    """Return the credential among the keywords of a signed file, nothing where there is none."""
    start = content.find(b"<pdf:Keywords>" + PREFIX.encode())
    stop = content.find(b"</pdf:Keywords>", start)
    return content[start + len(b"<pdf:Keywords>") : stop].decode() if 0 <= start < stop else ""


def _claim_facts(claims: Claims, issuer: Issuer, codes: CodeBook) -> tuple[tuple[str, str], ...]:
    facts = (
        ("证书编号", claims.number),
        ("持证人", claims.holder),
        ("等级", codes["broker-level"].label_of(claims.level) or claims.level),
        ("学时", claims.hours),
        ("发证日期", claims.issued.isoformat()),
        ("有效期至", claims.valid_to.isoformat() if claims.valid_to else "长期"),
        ("发证单位", issuer.name),
    )
    return tuple(fact for fact in facts if fact[1])


def _signature_facts(report: SignatureReport) -> tuple[tuple[str, str], ...]:
    day = report.day.isoformat() if report.day else ""
    return tuple(fact for fact in (("签名单位", report.signer), ("签名日期", day)) if fact[1])
