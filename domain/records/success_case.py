"""转化案例: a story others can learn from (典型案例库)."""

from __future__ import annotations

import decimal
import uuid

from domain.fields import choice, flag, money, note, record, ref, text


@record("success_case", "转化案例", group="library", identity=("title",))
class SuccessCase:
    """Background, problem, solution, parties, money and the broker's part."""

    id: uuid.UUID
    title: str = text("案例名称", required=True, max=200, listed=30, searched=True)
    deal: uuid.UUID | None = ref("关联交易", "deal", listed=20)
    technical_field: str | None = choice("技术领域", "technical-field", listed=10)
    parties: str | None = text("合作双方", max=300, listed=20, searched=True)
    background: str | None = note("背景", searched=True)
    problem: str | None = note("问题")
    solution: str | None = note("方案", searched=True)
    broker_role: str | None = note("经纪人作用", max=1000)
    difficulty: str | None = note("难点", max=1000)
    result: str | None = note("成效")
    amount: decimal.Decimal | None = money("涉及金额", listed=10)
    may_publish: bool = flag("许可公开", listed=6, policy="protected")
