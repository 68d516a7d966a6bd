"""Set lines become page operators here, the same for every writer, so that text reads back as it was set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.documents.fonts import clusters
from desktop.documents.tags import pdf_text
from desktop.documents.zhtext import UNSEEN_GAP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop.documents.paragraph import Colour


def line_operators(
    place: tuple[float, float],
    runs: Sequence[tuple[float, str]],
    colour: Colour,
    size: float,
    codes: Mapping[str, tuple[str, str]],
) -> str:
    """Return one text object: ``runs`` of (points to move before, text) from ``place``, the baseline's left.

    ``codes`` has for each cluster the name of a font in the page's resources and its code in hexadecimal.
    """
    operators = ["BT {:.3f} {:.3f} {:.3f} rg 1 0 0 1 {:.2f} {:.2f} Tm".format(*colour, *place)]
    font, move = "", ""
    shown: list[str] = []
    for shift, text in runs:
        if shift:
            move = f">{-shift * 1000 / size:.1f}<"  # thousandths of an em, to the left
        for cluster in clusters(text):
            name, code = codes[cluster]
            if name != font:
                if font:
                    operators.append(f"[<{''.join(shown)}>] TJ")
                    shown = []
                operators.append(f"/{name} {size:g} Tf")
                font = name
            shown.append(move + code)
            move = ""
    if font:
        operators.append(f"[<{''.join(shown)}>] TJ")
    operators.append("ET")
    if max((shift for shift, _ in runs), default=0.0) > size * UNSEEN_GAP:
        # Readers take a wide gap for a space, and a name for two: say what the line really says.
        told = pdf_text("".join(text for _, text in runs))
        operators = [f"/Span <</ActualText {told}>> BDC", *operators, "EMC"]
    return " ".join(operators)
