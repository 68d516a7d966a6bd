"""The ornament gives a certificate its frame: fine lines that print sharp at any size and copy badly.

An ornament is a string of PDF operators, made once for a template, so that every writer of PDF draws it
the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop.documents.paragraph import Colour

_BAND = 12.0  # middle of the woven band, in points from the outermost rule
_AMPLITUDE = 5.6
_WAVES, _PERIOD = 6, 21.0
_PETALS = 12
_CIRCLE = 0.5523  # of the radius: where the handles of a quarter circle stand
_SEAL: Colour = (0.78, 0.42, 0.40)
_FRET = 4.2  # points: the step of the meander in the corners


@dataclass(frozen=True, slots=True)
class Ornament:
    """The frame of a sheet: its ``kind`` (a key of :data:`FRAMES`), ``margin`` in points, two colours."""

    kind: str
    margin: float
    ink: Colour
    accent: Colour


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle on the sheet in points, from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.bottom + self.height / 2

    def inset(self, by: float) -> Rect:
        return Rect(self.left + by, self.bottom + by, self.width - 2 * by, self.height - 2 * by)


@lru_cache(maxsize=32)
def frame(ornament: Ornament, width: float, height: float) -> str:
    """Return the operators of the frame of a sheet of ``width`` by ``height`` points."""
    return "\n".join(FRAMES[ornament.kind](ornament, Rect(0, 0, width, height).inset(ornament.margin)))


def seal_space(place: Rect) -> str:
    """Return the dashed circle that shows where the issuer's seal goes; no seal is ever drawn."""
    x, y = place.middle
    return f"q {_stroke(_SEAL, 0.6)} [2.2 2.8] 0 d {_ellipse(x, y, place.width / 2, place.height / 2)} S Q"


def photo_frame(place: Rect, *, empty: bool) -> str:
    """Return the thin line round a photograph; dashed where one is still to be glued in."""
    dash = "[2.2 2.8] 0 d " if empty else ""
    return f"q {_stroke((0.55, 0.55, 0.55), 0.5)} {dash}{_rectangle(place)} S Q"


def rule(place: Rect, colour: Colour) -> str:
    """Return a rule with a lozenge in its middle, through the middle of ``place``."""
    x, y = place.middle
    lozenge = " l ".join(f"{x + dx:.2f} {y + dy:.2f}" for dx, dy in ((0, 3.2), (3.2, 0), (0, -3.2)))
    return (
        f"q {_stroke(colour, 0.6)} {_rgb(colour)} rg "
        f"{place.left:.2f} {y:.2f} m {x - 7:.2f} {y:.2f} l {x + 7:.2f} {y:.2f} m "
        f"{place.left + place.width:.2f} {y:.2f} l S {x - 3.2:.2f} {y:.2f} m {lozenge} l h f Q"
    )


# ── frames ──────────────────────────────────────────────────────────────────────────────────────


def _woven(ornament: Ornament, sheet: Rect) -> Iterator[str]:
    """Weave sine waves between two double rules, from corner rosette to corner rosette."""
    for inset, line in ((0.0, 1.6), (3.4, 0.4), (2 * _BAND - 3.4, 0.4), (2 * _BAND, 0.9)):
        yield f"{_stroke(ornament.ink, line)} {_rectangle(sheet.inset(inset))} S"
    yield _stroke(ornament.accent, 0.35)
    corners = _corners(sheet.inset(_BAND))
    for start, end in zip(corners, (*corners[1:], corners[0]), strict=True):
        yield from _rosette(*start)
        length = math.dist(start, end)
        ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
        short = _AMPLITUDE + 3.2  # the rosette's half and a little air
        turn = f"{ux:.0f} {uy:.0f} {-uy:.0f} {ux:.0f}"
        yield f"q {turn} {start[0] + ux * short:.3f} {start[1] + uy * short:.3f} cm"
        periods = round((length - 2 * short) / _PERIOD)
        step = (length - 2 * short) / periods
        yield f"{step / _PERIOD:.6f} 0 0 1 0 0 cm"
        # The same words for each period shrink to almost nothing when the file is compressed.
        yield from [f"{_woven_period()} 1 0 0 1 {_PERIOD:g} 0 cm"] * periods
        yield "Q"


def _fretted(ornament: Ornament, sheet: Rect) -> Iterator[str]:
    """Draw a strong rule with a fine one inside, and a golden meander (回纹) in each corner."""
    yield f"{_stroke(ornament.ink, 2.4)} {_rectangle(sheet)} S"
    yield f"{_stroke(ornament.accent, 0.5)} {_rectangle(sheet.inset(4.6))} S"
    yield f"{_stroke(ornament.accent, 1.1)} {_rectangle(sheet.inset(7.4))} S"
    turns = ((1, 1), (-1, 1), (-1, -1), (1, -1))
    for (x, y), (right, up) in zip(_corners(sheet.inset(13.0)), turns, strict=True):
        yield f"q {right} 0 0 {up} {x:.2f} {y:.2f} cm {_stroke(ornament.accent, 1.1)} {_meander()} S Q"


def _ruled(ornament: Ornament, sheet: Rect) -> Iterator[str]:
    """Draw two fine rules, the inner one with its corners cut in (凹角)."""
    yield f"{_stroke(ornament.ink, 1.2)} {_rectangle(sheet)} S"
    inner, cut = sheet.inset(4.0), 9.0
    left, bottom = inner.left, inner.bottom
    right, top = left + inner.width, bottom + inner.height
    points = (
        (left + cut, bottom), (right - cut, bottom), (right - cut, bottom + cut), (right, bottom + cut),
        (right, top - cut), (right - cut, top - cut), (right - cut, top), (left + cut, top),
        (left + cut, top - cut), (left, top - cut), (left, bottom + cut), (left + cut, bottom + cut),
    )  # fmt: skip
    yield f"{_stroke(ornament.accent, 0.6)} {_path(points)} s"


def _bare(_ornament: Ornament, _sheet: Rect) -> Iterator[str]:
    """Draw nothing: for paper that has its frame printed on it (套打)."""
    yield from ()


FRAMES: dict[str, Callable[[Ornament, Rect], Iterator[str]]] = {
    "woven": _woven,
    "fretted": _fretted,
    "ruled": _ruled,
    "bare": _bare,
}


# ── strokes ─────────────────────────────────────────────────────────────────────────────────────


def _rgb(colour: Colour) -> str:
    return "{:.3f} {:.3f} {:.3f}".format(*colour)


def _stroke(colour: Colour, width: float) -> str:
    return f"{_rgb(colour)} RG {width:g} w"


def _rectangle(place: Rect) -> str:
    return f"{place.left:.2f} {place.bottom:.2f} {place.width:.2f} {place.height:.2f} re"


def _corners(place: Rect) -> tuple[tuple[float, float], ...]:
    left, bottom, right, top = (
        place.left,
        place.bottom,
        place.left + place.width,
        place.bottom + place.height,
    )
    return (left, bottom), (right, bottom), (right, top), (left, top)


def _path(points: tuple[tuple[float, float], ...]) -> str:
    return " l ".join(f"{x:.2f} {y:.2f}" for x, y in points).replace(" l ", " m ", 1) + " l"


def _meander() -> str:
    """Return the angular spiral of a corner, drawn from its end on one side round to the other."""
    half = ((13, 0), (0, 0), (0, 6), (6, 6), (6, 2), (2, 2), (2, 4), (4, 4))
    other = tuple((y, x) for x, y in half[:2])
    return f"{_path(_scaled(half))} {_path(_scaled(other))}"


def _scaled(points: tuple[tuple[int, int], ...]) -> tuple[tuple[float, float], ...]:
    return tuple((x * _FRET, y * _FRET) for x, y in points)


def _ellipse(x: float, y: float, a: float, b: float) -> str:
    """Return an ellipse as four cubic curves."""
    p, q = a * _CIRCLE, b * _CIRCLE
    curves = (
        (x + a, y + q, x + p, y + b, x, y + b),
        (x - p, y + b, x - a, y + q, x - a, y),
        (x - a, y - q, x - p, y - b, x, y - b),
        (x + p, y - b, x + a, y - q, x + a, y),
    )
    drawn = " ".join(" ".join(f"{value:.2f}" for value in curve) + " c" for curve in curves)
    return f"{x + a:.2f} {y:.2f} m {drawn} h"


def _rosette(x: float, y: float) -> Iterator[str]:
    """Draw crossing ellipses that make a flower."""
    petal = f"{_ellipse(0, 0, _AMPLITUDE + 1.6, 2.1)} S"
    for number in range(_PETALS):
        cos, sin = math.cos(math.pi * number / _PETALS), math.sin(math.pi * number / _PETALS)
        yield f"q {cos:.4f} {sin:.4f} {-sin:.4f} {cos:.4f} {x:.2f} {y:.2f} cm {petal} Q"


@cache
def _woven_period() -> str:
    """Return one period of all waves along the x axis."""
    return " ".join(_wave(2 * math.pi * wave / _WAVES) for wave in range(_WAVES))


def _wave(phase: float) -> str:
    """Return one period of a sine wave; four cubic curves follow it closer than a printer's dot."""
    turn, step = 2 * math.pi / _PERIOD, _PERIOD / 4

    def at(x: float, further: float = 0.0) -> str:
        """Return the point ``further`` along the tangent at ``x``."""
        angle = turn * x + phase
        y = _AMPLITUDE * (math.sin(angle) + further * turn * math.cos(angle))
        return f"{x + further:.2f} {y:.2f}"

    curves = (
        f"{at(x, step / 3)} {at(x + step, -step / 3)} {at(x + step)} c"
        for x in (number * step for number in range(4))
    )
    return " ".join([f"{at(0.0)} m", *curves, "S"])
