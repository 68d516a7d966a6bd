"""The ornament gives a certificate its frame: fine lines that print sharp at any size and copy badly."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop.documents.paragraph import Colour

INK: Colour = (0.13, 0.26, 0.38)  # 黛蓝
GOLD: Colour = (0.70, 0.57, 0.32)

_FORM = "certificate-frame"
_BAND = 12.0  # middle of the woven band, in points from the outermost rule
_AMPLITUDE = 5.6
_WAVES, _PERIOD = 6, 21.0
_PETALS = 12


def draw_frame(canvas: Any, width: float, height: float, margin: float) -> None:
    """Draw the frame ``margin`` points inside a sheet: a woven band between two double rules.

    It is one form in the file, however many sheets bear it.
    """
    if not canvas.hasForm(_FORM):
        canvas.beginForm(_FORM, 0, 0, width, height)
        _draw_rules(canvas, width, height, margin)
        _draw_band(canvas, width, height, margin + _BAND)
        canvas.endForm()
    canvas.doForm(_FORM)


def draw_seal_space(canvas: Any, x: float, y: float, radius: float) -> None:
    """Draw the dashed circle that shows where the issuer's seal goes; no seal is ever drawn."""
    canvas.saveState()
    canvas.setStrokeColorRGB(0.78, 0.42, 0.40)
    canvas.setLineWidth(0.6)
    canvas.setDash(2.2, 2.8)
    canvas.circle(x, y, radius)
    canvas.restoreState()


def draw_rule(canvas: Any, x: float, y: float, length: float) -> None:
    """Draw a golden rule with a lozenge in its middle, centred on ``x``."""
    canvas.saveState()
    canvas.setStrokeColorRGB(*GOLD)
    canvas.setFillColorRGB(*GOLD)
    canvas.setLineWidth(0.6)
    canvas.line(x - length / 2, y, x - 7, y)
    canvas.line(x + 7, y, x + length / 2, y)
    lozenge = canvas.beginPath()
    lozenge.moveTo(x - 3.2, y)
    for dx, dy in ((0, 3.2), (3.2, 0), (0, -3.2)):
        lozenge.lineTo(x + dx, y + dy)
    lozenge.close()
    canvas.drawPath(lozenge, stroke=0, fill=1)
    canvas.restoreState()


def _draw_rules(canvas: Any, width: float, height: float, margin: float) -> None:
    canvas.setStrokeColorRGB(*INK)
    for inset, line in ((0.0, 1.6), (3.4, 0.4), (2 * _BAND - 3.4, 0.4), (2 * _BAND, 0.9)):
        inside = margin + inset
        canvas.setLineWidth(line)
        canvas.rect(inside, inside, width - 2 * inside, height - 2 * inside)


def _draw_band(canvas: Any, width: float, height: float, inset: float) -> None:
    """Weave sine waves along each side, from corner rosette to corner rosette."""
    canvas.setStrokeColorRGB(*GOLD)
    canvas.setLineWidth(0.35)
    left, bottom, right, top = inset, inset, width - inset, height - inset
    corners = ((left, bottom), (right, bottom), (right, top), (left, top))
    for start, end in zip(corners, (*corners[1:], corners[0]), strict=True):
        _draw_rosette(canvas, *start)
        length = math.dist(start, end)
        ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
        short = _AMPLITUDE + 3.2  # the rosette's half and a little air
        canvas.saveState()
        canvas.transform(ux, uy, -uy, ux, start[0] + ux * short, start[1] + uy * short)
        for wave in range(_WAVES):
            operators = _wave(round(length - 2 * short, 3), 2 * math.pi * wave / _WAVES)
            canvas._code.append(operators)  # noqa: SLF001 - ready made, where canvas would format each again
        canvas.restoreState()


def _draw_rosette(canvas: Any, x: float, y: float) -> None:
    """Draw crossing ellipses that make a flower."""
    canvas.saveState()
    canvas.translate(x, y)
    for _ in range(_PETALS):
        canvas.ellipse(-_AMPLITUDE - 1.6, -2.1, _AMPLITUDE + 1.6, 2.1)
        canvas.rotate(180 / _PETALS)
    canvas.restoreState()


@cache
def _wave(length: float, phase: float) -> str:
    """Return the operators of a sine wave along the x axis.

    Four cubic curves to a period follow it closer than a printer's dot.
    """
    periods = round(length / _PERIOD)
    turn, step = 2 * math.pi * periods / length, length / (periods * 4)

    def at(x: float, further: float = 0.0) -> str:
        """Return the point ``further`` along the tangent at ``x``."""
        angle = turn * x + phase
        y = _AMPLITUDE * (math.sin(angle) + further * turn * math.cos(angle))
        return f"{x + further:.2f} {y:.2f}"

    curves = (
        f"{at(x, step / 3)} {at(x + step, -step / 3)} {at(x + step)} c"
        for x in (number * step for number in range(periods * 4))
    )
    return " ".join([f"{at(0.0)} m", *curves, "S"])
