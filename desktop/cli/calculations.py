"""``transfer-desk calc``: the pure rules, a JSON object a line in and out, without a workspace."""

from __future__ import annotations

import json
import sys
from typing import Any

from desktop import paths
from desktop.cli.workspace import complain, refusal
from domain.problems import Refusal

EXAMPLE = '例如 {"code": "12100000425006117P"}'


def answer(kind: str) -> bool:
    """Answer each line of standard input, a refused one with its problems; tell whether all were answered."""
    from domain.calc import calc

    sound = True
    calendar = paths.work_calendar()
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            answered = calc(kind, _question(line), calendar)
        except Refusal as refused:
            answered = {"problems": refused.messages()}
            complain(f"第 {number} 行：{'；'.join(refused.messages())}")
            sound = False
        print(json.dumps(answered, ensure_ascii=False), flush=True)
    return sound


def _question(line: str) -> dict[str, Any]:
    """Read one question; numbers stay as they were written, for a binary float would lose cents."""
    try:
        question = json.loads(line, parse_float=str)
    except ValueError as error:
        raise refusal(f"不是 JSON 对象，{EXAMPLE}") from error
    if not isinstance(question, dict):
        raise refusal(f"不是 JSON 对象，{EXAMPLE}")
    return question
