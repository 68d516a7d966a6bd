"""Fills a workspace with plausible achievements and their owners, so that lists and searches can be measured.

Usage: TRANSFER_DESK_PASSPHRASE=... python -m tools.generate --data-dir DIR --achievements 100000

The same seed makes the same records. They are written through ``Work``, as the program writes them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import decimal
import itertools
import operator
import os
import random
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from desktop import paths
from desktop.models.keys import KeyStore
from desktop.models.store import Store
from desktop.models.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH: Final = 2_000
ACHIEVEMENTS_A_PARTY: Final = 40
FIRST_MOMENT: Final = dt.datetime(2024, 1, 2, 9, 0, tzinfo=dt.UTC)

PLACES: Final = tuple("浙苏鲁粤鄂湘皖闽豫川陕辽津沪京渝")
BODIES: Final = ("工业大学", "理工大学", "科技大学", "农业大学", "医科大学", "交通大学", "海洋大学")
MAKERS: Final = ("新材料", "生物科技", "智能装备", "环保科技", "新能源", "电子科技", "精密仪器", "医药")
TRAITS: Final = (
    *("高性能", "低成本", "无氯氟", "纳米", "柔性", "智能化", "可降解"),
    *("耐高温", "低温", "宽温域", "绿色", "微型", "分布式", "全固态"),
)
MATTERS: Final = (
    *("聚氨酯", "石墨烯", "锂离子电池", "氢燃料电池", "碳纤维", "催化剂", "水性涂料", "传感器"),
    *("工业机器人", "数控机床", "水稻育种", "疫苗", "抗体药物", "光伏组件", "储能系统", "污水处理"),
    *("土壤修复", "遥感图像", "语音识别", "稀土永磁", "特种陶瓷", "铝合金", "膜分离", "发泡剂"),
)
FORMS: Final = (
    *("制备方法", "关键技术", "成套装备", "检测系统", "控制系统"),
    *("生产工艺", "应用示范", "产业化技术", "核心部件", "软件平台"),
)
CLAIMS: Final = (
    "解决了{matter}在{place}地区产业化中的瓶颈",
    "与现有技术相比，能耗降低{number}%，成本下降{other}%",
    "已在{place}的{count}家企业中试应用，运行稳定",
    "获授权发明专利{count}项，形成企业标准{count}项",
    "产品性能达到国内领先水平，替代进口{matter}",
    "适用于汽车、家电、建筑节能和冷链物流等领域",
    "主要指标：强度提高{number}%，使用寿命达到{other}00小时",
    "课题组长期从事{trait}{matter}研究，具备工程放大条件",
)


@dataclass(frozen=True)
class Maker:
    """Draws records; ``codes`` holds the codes of each list that the records use."""

    chance: random.Random
    codes: dict[str, list[str]]

    @classmethod
    def seeded(cls, seed: int) -> Maker:
        """Return a maker whose draws depend on the seed alone."""
        book = paths.code_book()
        names = ("technical-field", "maturity", "trl", "region", "cooperation-mode")
        codes = {name: [entry.code for entry in book[name].entries(FIRST_MOMENT.date())] for name in names}
        return cls(random.Random(seed), codes)

    def record_id(self, number: int) -> uuid.UUID:
        """Return an id that grows with the number, as the program's own (UUIDv7) grow with time."""
        milliseconds = int(FIRST_MOMENT.timestamp() * 1000) + number
        return uuid.UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | self.chance.getrandbits(62))

    def party(self, number: int) -> dict[str, Any]:
        """Return a university or a company; the number keeps names apart."""
        place = self.chance.choice(PLACES)
        if number % 3:
            name = f"{place}{self.chance.choice(MAKERS)}有限公司{number}"
        else:
            name = f"{place}{self.chance.choice(BODIES)}第{number}研究院"
        return {
            "name": name,
            "kind": "organisation",
            "country": "156",
            "region": self._code("region"),
            "address": f"{place}省高新区创新路{number}号",
        }

    def achievement(self, holder: uuid.UUID) -> dict[str, Any]:
        """Return a research result with a summary of some three hundred characters."""
        draw = self.chance
        trait, matter, form = draw.choice(TRAITS), draw.choice(MATTERS), draw.choice(FORMS)
        words = {"trait": trait, "matter": matter, "place": draw.choice(PLACES)}
        claims = [self._claim(claim, words) for claim in draw.sample(CLAIMS, k=draw.randint(4, 8))]
        price = decimal.Decimal(draw.randint(1, 2_000)).scaleb(4)
        return {
            "title": f"{trait}{matter}{form}（{draw.randint(100, 999)}型）",
            "holder": holder,
            "technical_field": self._code("technical-field"),
            "maturity": self._code("maturity"),
            "trl": self._code("trl"),
            "region": self._code("region"),
            "keywords": f"{matter}；{trait}",
            "summary": "。".join(claims) + "。",
            "secrecy": "public",
            "cooperation_modes": tuple(draw.sample(self.codes["cooperation-mode"], k=2)),
            "asking_price": price if draw.random() < 0.6 else None,
            "ip_summary": f"ZL{draw.randint(2010, 2024)}1{draw.randint(0, 9_999_999):07d}.X",
            "listing": "测试名录",
            "announced_on": f"20{draw.randint(15, 25)}-{draw.randint(1, 12):02d}",
        }

    def _code(self, name: str) -> str:
        return self.chance.choice(self.codes[name])

    def _claim(self, claim: str, words: dict[str, str]) -> str:
        draw = self.chance
        numbers = {"number": draw.randint(5, 60), "other": draw.randint(10, 40), "count": draw.randint(2, 30)}
        return claim.format(**words, **numbers)


def records(achievements: int, seed: int) -> Iterator[tuple[str, uuid.UUID, dict[str, Any]]]:
    """Yield parties and then achievements, each after what it refers to."""
    maker = Maker.seeded(seed)
    holders = [maker.record_id(n) for n in range(max(1, achievements // ACHIEVEMENTS_A_PARTY))]
    for number, holder in enumerate(holders, start=1):
        yield "party", holder, maker.party(number)
    for number in range(achievements):
        holder = maker.chance.choice(holders)
        yield "achievement", maker.record_id(len(holders) + number), maker.achievement(holder)


def fill(store: Store, achievements: int, *, seed: int = 1) -> int:
    """Write the records in batches of one command each; return how many."""
    written = 0
    waiting = records(achievements, seed)
    while batch := list(itertools.islice(waiting, BATCH)):
        with store.write() as connection:
            moment = FIRST_MOMENT + dt.timedelta(minutes=written)
            work = Work(connection, moment, "generator", "bench", f"生成 {len(batch)} 条记录")
            for record_type, group in itertools.groupby(batch, key=operator.itemgetter(0)):
                work.add(record_type, ((record_id, values) for _, record_id, values in group))
            work.finish()
        written += len(batch)
    return written


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data-dir", type=Path, required=True)
    asked.add_argument("--achievements", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    told = asked.parse_args()
    passphrase = os.environ.get("TRANSFER_DESK_PASSPHRASE")
    if not passphrase:
        sys.exit("TRANSFER_DESK_PASSPHRASE must hold the passphrase of the workspace")
    store = Store.open(told.data_dir, KeyStore(told.data_dir, None).unlock(passphrase))
    started = time.perf_counter()
    written = fill(store, told.achievements, seed=told.seed)
    store.close()
    print(f"{written} records in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
