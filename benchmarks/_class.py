"""A class of five hundred, end to end in a process of its own.

For each person a credential and a signed certificate in a file, for all a ZIP and a manifest with digests.

Usage: python -m benchmarks._class COUNT FOLDER
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import hashlib
import io
import json
import time
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from PIL import Image

from benchmarks._memory import peak_megabytes
from desktop.documents.certificate import CertificateData, default_template, draw_certificate
from desktop.documents.credential import Claims, identity_hash, issue_credential, photo_hash
from desktop.documents.fonts import prepare
from desktop.documents.signature import KeySigner

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
GIVEN: Final = "建国志强秀英文博雨桐子涵欣怡浩然梓萱宇轩诗琪俊杰雅婷鹏飞丽娜䶮喆堃祎玥昇旻甯瑀翀㛃"
FAMILY: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
LONG_NAMES: Final = ("阿卜杜热合曼·买买提依明江", "热比亚古丽·阿卜力克木", "扎西多吉次仁")
DAY: Final = dt.date(2026, 4, 12)


def signer() -> KeySigner:
    """Return a signer with a certificate of its own making."""
    key = ec.derive_private_key(int.from_bytes(bytes(range(31))), ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "大连市技术转移促进中心")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2036, 1, 1, tzinfo=dt.UTC))
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return KeySigner(key, [certificate.public_bytes(serialization.Encoding.DER)])


def photos(count: int) -> list[bytes]:
    """Return portraits of about ten kilobytes, as they are kept after import."""
    found = []
    for number in range(count):
        noise = Image.effect_noise((42, 54), 30 + number % 9).resize((315, 405), Image.Resampling.BICUBIC)
        buffer = io.BytesIO()
        noise.convert("RGB").save(buffer, "JPEG", quality=60)
        found.append(buffer.getvalue())
    return found


def roster(count: int) -> Iterator[CertificateData]:
    """Yield the certificates of a class, each with its credential; every thirtieth has a long name."""
    pictures = photos(50)
    for number in range(count):
        given = GIVEN[number % len(GIVEN)] + GIVEN[number * 7 % len(GIVEN)]
        name = FAMILY[number % len(FAMILY)] + given[: 1 + number % 2]
        if number % 30 == 29:
            name = LONG_NAMES[number // 30 % len(LONG_NAMES)]
        identity = f"21020319{60 + number % 40}0101{number:04d}"
        data = CertificateData(
            title="技术经纪人（中级）培训合格证书",
            number=f"DLJZ-2026-{number:05d}",
            holder=name,
            sex="男女"[number % 2],
            id_number=f"{identity[:6]}********{identity[-4:]}",
            programme="2026年度第三期技术经纪人能力等级培训班",
            level="中级",
            started=dt.date(2026, 3, 2),
            ended=dt.date(2026, 3, 13),
            hours=Decimal(80),
            result="合格",
            issuer="大连市技术转移促进中心",
            issued=DAY,
            filing_number=f"国科火备2026-{number:04d}",
            photo=pictures[number % len(pictures)],
            valid_to=dt.date(2029, 4, 11),
            validity="期满前六十日内办理续期登记。",
            statement="本证书为技术转移专业人员培训合格证明，不是国家职业资格证书。",
        )
        yield replace(data, verification=credential(data, identity))


def credential(data: CertificateData, identity: str) -> str:
    claims = Claims(
        number=data.number,
        holder=data.holder,
        level="middle",
        issued=data.issued,
        valid_to=data.valid_to,
        hours=str(data.hours),
        identity=identity_hash(identity, hashlib.sha256(data.number.encode()).digest()),
        photo=photo_hash(data.photo or b""),
    )
    return issue_credential(claims, KEY)


def issue(count: int, folder: Path) -> int:
    """Write the files, a manifest with their digests and a ZIP of all; return the size of the largest."""
    own, template = signer(), default_template()
    prepare(*dict.fromkeys(style.font for style in template.styles))
    rows = [("证书编号", "姓名", "文件", "SHA-256")]
    largest = 0
    with zipfile.ZipFile(folder / "class.zip", "w", zipfile.ZIP_STORED) as archive:
        for data in roster(count):
            content = draw_certificate(data, template, own).content
            name = f"{data.number}_{data.holder}.pdf"
            (folder / name).write_bytes(content)
            archive.writestr(zipfile.ZipInfo(name, (2026, 4, 12, 0, 0, 0)), content)
            rows.append((data.number, data.holder, name, hashlib.sha256(content).hexdigest()))
            largest = max(largest, len(content))
        with (folder / "manifest.csv").open("w", encoding="utf-8-sig", newline="") as manifest:
            csv.writer(manifest).writerows(rows)
        archive.write(folder / "manifest.csv", "manifest.csv")
    return largest


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("count", type=int)
    asked.add_argument("folder", type=Path)
    options = asked.parse_args()
    started = time.perf_counter()
    largest = issue(options.count, options.folder)
    seconds = time.perf_counter() - started
    peak = peak_megabytes()
    print(json.dumps({"seconds": seconds, "peak": peak, "size": largest}))


if __name__ == "__main__":
    main()
