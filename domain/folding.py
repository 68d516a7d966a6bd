"""How text is compared when people search: one folding for stored text, queries and highlights.

Each character is folded by itself (traditional to simplified, full width to narrow, no case, no accents), so
that a part of a text folds to a part of the folded text. Every run of letters and digits is then cut into
overlapping pairs, which finds two-character words, names, codes and any other substring exactly.
"""

from __future__ import annotations

import functools
import operator
import re
import unicodedata
from typing import Final

import opencc
import pypinyin

WORDS_AT_MOST: Final = 32
"""Words of a query beyond these are not looked at: somebody pasted a page into the search field."""

_RUN: Final = re.compile(r"[^\W_]+")

SURNAMES: Final = {
    "单": "shan", "仇": "qiu", "曾": "zeng", "解": "xie", "查": "zha", "区": "ou", "覃": "qin", "乐": "yue",
    "尉": "wei", "任": "ren", "盖": "ge", "朴": "piao", "华": "hua", "纪": "ji", "员": "yun", "黑": "he",
    "缪": "miao", "万": "wan", "翟": "zhai", "洗": "xian", "冼": "xian", "应": "ying", "哈": "ha", "牟": "mu",
    "晟": "cheng", "宓": "mi", "秘": "bi", "种": "chong", "重": "chong", "折": "she", "繁": "po", "隗": "wei",
}  # fmt: skip
"""Readings that characters have as family names and nowhere else; both readings are found."""


@functools.lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _plain(letters: str) -> str:
    """Return letters in their simplest form: no width, no case, no accents."""
    narrow = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", letters).casefold())
    return "".join(letter for letter in narrow if not unicodedata.category(letter).startswith("M"))


class _Folded(dict[int, str]):
    """What each character folds to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        letters = _plain(chr(code))
        if not letters.isascii():
            simplify = _simplifier().convert
            letters = _plain(str(simplify(simplify(letters))))  # 薴 becomes 苧 and then 苎
        self[code] = letters
        return letters


_FOLDED: Final = _Folded()


def fold(text: str) -> str:
    """Return text as search compares it; folding it again changes nothing.

    >>> fold("ＡＢＣ單位①")
    'abc单位1'
    """
    return text.translate(_FOLDED)


def runs(text: str) -> list[str]:
    """Return the runs of letters, digits and ideographs of folded text; all else separates."""
    return _RUN.findall(text)


def grams(text: str) -> str:
    """Return the index terms of a text: each run's overlapping pairs and its last character alone."""
    terms: list[str] = []
    for run in runs(fold(text)):
        terms.extend(_pairs(run))
        terms.append(run[-1])
    return " ".join(terms)


def _pairs(run: str) -> map[str]:
    return map(operator.add, run, run[1:])


def initials(name: str) -> str:
    """Return the pinyin initials of a name, with the surname's own reading as a second word if it differs.

    >>> initials("单晓华")
    'dxh sxh'
    """
    name = fold(name)
    if not any("㐀" <= letter <= "鿿" for letter in name):
        return ""
    usual = "".join(pypinyin.lazy_pinyin(name, style=pypinyin.Style.FIRST_LETTER, errors=_letters)).lower()
    surname = SURNAMES.get(name[0], "")
    return f"{usual} {surname[0]}{usual[1:]}" if surname and not usual.startswith(surname[0]) else usual


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def match_expression(query: str) -> str:
    """Return the FTS5 expression that finds every text holding all words of the query as substrings.

    The empty text means that the query holds nothing to search for.
    """
    words = dict.fromkeys(runs(fold(query)))
    return " AND ".join(_phrase(word) for word in list(words)[:WORDS_AT_MOST])


def _phrase(word: str) -> str:
    """Return what finds one word: its pairs side by side, or any pair that begins with a lone character."""
    return f'"{" ".join(_pairs(word))}"' if len(word) > 1 else f'"{word}"*'
