"""Chinese line breaking exists here because ReportLab breaks by Japanese rules and never justifies.

The rules are those of GB/T 15834-2011 (5.1) and W3C's 'Requirements for Chinese Text Layout' (clreq): no
line starts with a closing mark or ends with an opening one, —— and …… are not divided, numbers keep their
unit, Latin words stay whole. Text is cut into clusters, the pieces between two allowed breaks; lines are
then filled cluster by cluster.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

NO_START = frozenset("、，。．：；！？）］｝〕〗〉》」』】”’〞›»·…—～‐–-％‰℃°∶／!),.:;?]}%′″/")
NO_END = frozenset("（［｛〔〖〈《「『【“‘〝‹«／([{￥¥$＄￡£№#＃/")

# Readers of a PDF take a wider gap (in ems) for a space, unless they are told what the line says. Chrome's
# cannot be told of characters beyond U+FFFF, so a line with one of those keeps its gaps below this.
UNSEEN_GAP = 0.08
_LAST_TOLD = "\uffff"
_WIDEST_SPREAD = 0.25  # of an em

# Full-width marks whose right (left) half is blank: two in a row share one em and a half.
_CLOSING = frozenset("、，。．：；）］｝〕〗〉》」』】”’")
_OPENING = frozenset("（［｛〔〖〈《「『【“‘")
_JOINTS = frozenset("-/_.,:;?&=@#%")  # where an over-long Latin token is divided first
_LATIN = r"[!-~\u00a1-\u00b6\u00b8-\u024f\u0370-\u052f\u2010-\u2013\u2030-\u2033\u2070-\u209f\u2212]"
_UNIT = "(?:[万亿]?[元年月日号个项件家人名次天页条期份台套吨亩米]|[万亿])"
_ATOM = re.compile(
    r"\n|[ ]+|——|……"
    r"|\d[\d,.]*[ ]?(?:[%‰℃°㎡]|[A-Za-zµμΩ]{1,4}[²³]?(?![A-Za-z0-9]))"  # number and unit
    rf"|(?:(?<=\d)|(?<=\d[ ])){_UNIT}|{_LATIN}+|.",
    re.DOTALL,
)
_CHINESE_UNIT = re.compile(_UNIT)
_LATIN_CHAR = re.compile(_LATIN)

Measure = Callable[[str], float]


class Atom(NamedTuple):
    """An indivisible piece of text and where it starts in the source."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``runs`` of (points to move before, text), ``width``, and the source slice it covers."""

    runs: tuple[tuple[float, str], ...]
    width: float
    start: int
    stop: int

    @property
    def text(self) -> str:
        """The characters drawn, without the spaces a break swallowed."""
        return "".join(text for _, text in self.runs)


@dataclass(frozen=True, slots=True)
class Measured:
    """How text is set: ``measure`` gives the width of a string and ``em`` the size, both in points.

    ``gap`` is the space between hanzi and Latin in ems; with ``justify`` lines are spread to the full
    width, by 1/4 em a gap at most.
    """

    measure: Measure
    em: float
    gap: float = 0.25
    justify: bool = True
    _shifts: dict[str, float] = field(default_factory=dict, init=False, compare=False)

    def shift(self, before: Atom | None, atom: Atom) -> float:
        """Return the space in points between two neighbours on a line; negative where marks are squeezed."""
        if before is None:
            return 0.0
        pair = before.text[-1] + atom.text[0]
        shift = self._shifts.get(pair)
        if shift is None:
            shift = self._shifts[pair] = self._between(*pair)
        return shift

    def _between(self, left: str, right: str) -> float:
        if self._half_blank(left, _CLOSING) and right in _CLOSING | _OPENING:
            return -self.em / 2
        if left in _OPENING and self._half_blank(right, _OPENING):
            return -self.em / 2
        if (is_hanzi(left) and _is_alphanumeric(right)) or (_is_alphanumeric(left) and is_hanzi(right)):
            return self.gap * self.em
        return 0.0

    def hang(self, atom: Atom) -> float:
        """Return the blank half of a closing mark, which may stand outside a full line."""
        return self.em / 2 if self._half_blank(atom.text[-1], _CLOSING) else 0.0

    def width(self, atoms: Iterable[Atom], before: Atom | None = None) -> float:
        """Return the width of ``atoms`` set after ``before``."""
        total = 0.0
        for atom in atoms:
            total += self.shift(before, atom) + self.measure(atom.text)
            before = atom
        return total

    def _half_blank(self, char: str, marks: frozenset[str]) -> bool:
        return char in marks and self.measure(char) > self.em * 0.95


def is_hanzi(char: str) -> bool:
    """Tell whether ``char`` is a Chinese character (not a mark or a full-width letter)."""
    return (
        "\u3400" <= char <= "\u9fff" or char >= "\U00020000" or "\uf900" <= char <= "\ufaff" or char == "〇"
    )


def break_lines(
    text: str, setting: Measured, width: float, *, indent: float = 0.0, finished: bool = True
) -> list[Line]:
    """Return ``text`` as lines of at most ``width`` points; the first starts ``indent`` points in.

    Only a line that is a single character may be wider. A token longer than a line is divided; ``finished``
    is False when the text goes on elsewhere, so that its last line is spread like any other.
    """
    return list(_Filler(setting, width, indent).lines(text, finished=finished))


def clusters(atoms: Iterable[Atom]) -> Iterator[list[Atom]]:
    """Group ``atoms`` into clusters between which a line may break; spaces end the cluster before them."""
    group: list[Atom] = []
    last: Atom | None = None  # the last atom that is not a space
    for atom in atoms:
        if group and (atom.text == "\n" or group[-1].text == "\n" or _may_break(last, group[-1], atom)):
            yield group
            group = []
        group.append(atom)
        if atom.text[0] != " ":
            last = None if atom.text == "\n" else atom
    if group:
        yield group


def _may_break(last: Atom | None, neighbour: Atom, atom: Atom) -> bool:
    """Tell whether a line may end after ``neighbour`` and the next start with ``atom``."""
    if atom.text[0] == " " or last is None:
        return False
    if atom.text[0] in NO_START or last.text[-1] in NO_END:
        return False
    if last.text[-1].isdigit() and _CHINESE_UNIT.fullmatch(atom.text):
        return False
    both_latin = _LATIN_CHAR.match(neighbour.text[-1]) and _LATIN_CHAR.match(atom.text[0])
    return not both_latin or neighbour.text[-1] == " "


def _is_alphanumeric(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _characters(atoms: Iterable[Atom]) -> list[Atom]:
    return [Atom(char, atom.start + i) for atom in atoms for i, char in enumerate(atom.text)]


class _Filler:
    """Fills lines with clusters, first come first served."""

    def __init__(self, setting: Measured, width: float, indent: float) -> None:
        self._setting = setting
        self._width = width
        self._room = width - indent
        self._atoms: list[Atom] = []
        self._used = 0.0

    def lines(self, text: str, *, finished: bool) -> Iterator[Line]:
        if self._is_one_line(text):
            yield self._line(0, len(text), last=finished)
            return
        start = 0
        for piece in self._pieces(text):
            if piece[0].text == "\n":
                yield self._line(start, piece[0].start + 1, last=True)
                start = piece[0].start + 1
                continue
            if self._atoms and not self._fits(piece):
                yield self._line(start, piece[0].start, last=False)
                start = piece[0].start
            self._used += self._setting.width(piece, self._atoms[-1] if self._atoms else None)
            self._atoms += piece
        yield self._line(start, len(text), last=finished)

    def _is_one_line(self, text: str) -> bool:
        """Take ``text`` as a whole when it needs no break, as most names, headings and cells do."""
        if "\n" in text or len(text) * self._setting.em > 4 * self._room:
            return False
        atoms = [Atom(match.group(), match.start()) for match in _ATOM.finditer(text)]
        # No character with the gap beside it is wider than 5/4 em: what is short enough is not measured.
        short = len(text) * self._setting.em * 1.25 <= self._room
        fits = short or self._setting.width(_without_spaces(atoms)) <= self._room
        self._atoms = atoms if fits else []
        return fits

    def _pieces(self, text: str) -> Iterator[list[Atom]]:
        """Yield the clusters; one longer than a line is cut.

        It is cut after - / _ . and the like, then between characters (a letter keeps the full stop that
        follows it), and anywhere only where the marks themselves fill a line.
        """
        room = self._room  # of the first line, the shortest
        atoms = (Atom(match.group(), match.start()) for match in _ATOM.finditer(text))
        for cluster in clusters(atoms):
            yield from [cluster] if cluster[0].text == "\n" else self._narrow(cluster, room, _CUTS)

    def _narrow(
        self, cluster: list[Atom], room: float, cuts: Sequence[Callable[[str, str], bool]]
    ) -> Iterator[list[Atom]]:
        """Yield ``cluster`` in pieces no wider than ``room``, made by the first of ``cuts`` that will do."""
        if not cuts or not self._wide(cluster, room):
            yield cluster
            return
        for piece in _cut(cluster, cuts[0]):
            yield from self._narrow(piece, room, cuts[1:])

    def _wide(self, atoms: list[Atom], room: float) -> bool:
        solid = _without_spaces(atoms)
        return bool(solid) and self._setting.width(solid) > room

    def _fits(self, piece: list[Atom]) -> bool:
        solid = _without_spaces(piece)
        if not solid:
            return True
        wanted = self._used + self._setting.width(solid, self._atoms[-1])
        return wanted - self._setting.hang(solid[-1]) <= self._room + 0.001

    def _line(self, start: int, stop: int, *, last: bool) -> Line:
        """Close the line: drop the spaces before the break, spread the rest over the width."""
        setting = self._setting
        atoms = _without_spaces(self._atoms)
        untold = any(max(atom.text) > _LAST_TOLD for atom in atoms)
        widest = UNSEEN_GAP * setting.em if untold else math.inf
        shifts = [
            min(setting.shift(before, atom), widest)
            for before, atom in zip([None, *atoms], atoms, strict=False)
        ]
        width = sum(shifts) + sum(setting.measure(atom.text) for atom in atoms)
        if atoms and width > self._room:
            width -= setting.hang(atoms[-1])
        if setting.justify and not last and len(atoms) > 1:
            spread = min(max(self._room - width, 0.0) / (len(atoms) - 1), _WIDEST_SPREAD * setting.em)
            wider = [shift + max(min(spread, widest - shift), 0.0) for shift in shifts[1:]]
            width += sum(wider) - sum(shifts[1:])
            shifts[1:] = wider
        runs: list[tuple[float, str]] = []
        for shift, atom in zip(shifts, atoms, strict=True):
            if runs and not shift:
                runs[-1] = (runs[-1][0], runs[-1][1] + atom.text)
            else:
                runs.append((shift, atom.text))
        self._atoms, self._used, self._room = [], 0.0, self._width
        return Line(tuple(runs), width, start, stop)


def _at_joint(before: str, char: str) -> bool:
    return before in _JOINTS and _is_alphanumeric(char)


def _between_letters(before: str, char: str) -> bool:
    return char not in NO_START and before not in NO_END


def _anywhere(before: str, char: str) -> bool:  # noqa: ARG001 - the last of the cuts asks nothing
    return True


_CUTS = (_at_joint, _between_letters, _anywhere)


def _cut(cluster: list[Atom], allowed: Callable[[str, str], bool]) -> Iterator[list[Atom]]:
    """Yield ``cluster`` cut between all characters where it is ``allowed``, spaces left where they were."""
    group: list[Atom] = []
    last = " "  # character that is not a space, once there is one
    for atom in _characters(cluster):
        if group and atom.text != " " and allowed(last, atom.text):
            yield group
            group = []
        group.append(atom)
        last = last if atom.text == " " else atom.text
    yield group


def _without_spaces(atoms: list[Atom]) -> list[Atom]:
    end = len(atoms)
    while end and atoms[end - 1].text[0] == " ":
        end -= 1
    return atoms[:end]
