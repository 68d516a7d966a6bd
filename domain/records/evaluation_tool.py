"""评价工具: a method or standard for judging achievements (评价方法库)."""

from __future__ import annotations

import uuid

from domain.fields import choice, note, record, text


@record("evaluation_tool", "评价工具", group="library", title="name", identity=("name", "version"))
class EvaluationTool:
    """Name, standard number, object, inputs and formula of one evaluation method."""

    id: uuid.UUID
    name: str = text("工具名称", required=True, max=200, listed=28, searched=True)
    kind: str | None = choice("类别", "evaluation-tool-kind", listed=8)
    standard_no: str | None = text("标准号", max=60, listed=16, searched=True, example="GB/T 44731-2024")
    applies_to: str | None = text("适用对象", max=200, listed=20)
    inputs: str | None = note("输入")
    formula: str | None = note("计算方法")
    version: str | None = text("版本", max=40, listed=8)
    remark: str | None = note("备注", max=1000)
