"""Chinese characters are made standard here, so that a name from any old system is the same name.

Systems built on GBK and early GB 18030 keep about a hundred characters, some of them in surnames (䶮), at
private code points of their own. Search would not find them and no font prints them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Private code points by the first of a run, and what GB 18030-2022 has at the same bytes: A2E3; A6D9-A6DF,
# A6EC-A6ED and A6F3; A8BC and A8BF; A989-A995; FE50-FEA0. Six of them (FE51-FE53, FE6C, FE76, FE91) it leaves
# private; these are the characters that its edition of 2005, annex E, gives.
_RUNS: Final = {
    0xE76C: "€",
    0xE78D: "︐︒︑︓︔︕︖︗︘︙",
    0xE7C7: "ḿǹ",
    0xE7E7: "〾⿰⿱⿲⿳⿴⿵⿶⿷⿸⿹⿺⿻",
    0xE815: "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱"
    "䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻",
}
_FROM_PRIVATE: Final = {first + i: char for first, run in _RUNS.items() for i, char in enumerate(run)}
# U+FE0E and U+FE0F only tell a symbol from its picture; after a hanzi a selector names a form of it.
_PRESENTATION: Final = re.compile("(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\ufe0e\ufe0f]")


def standard(text: str) -> str:
    """Return ``text`` in Unicode's composed form (NFC) with the private code points of GB 18030 replaced.

    A variation selector that chooses a form of a hanzi stays: which form a person writes is not ours to
    drop. A name that has one is refused when it is printed, unless the user takes it out.
    """
    return unicodedata.normalize("NFC", _PRESENTATION.sub("", text.translate(_FROM_PRIVATE)))
