"""Set lines become page operators here, the same for every writer, so that text reads back as it was set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.documents.tags import pdf_text
from desktop.documents.zhtext import UNSEEN_GAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from desktop.documents.paragraph import Colour


def line_operators(
    place: tuple[float, float],
    runs: Sequence[tuple[float, str]],
    colour: Colour,
    size: float,
    encode: Callable[[str], Iterable[tuple[str, str]]],
) -> str:
    """Return one text object: ``runs`` of (points to move before, text) from ``place``, the baseline's left.

    ``encode`` gives a text as (name of a font in the page's resources, codes in hexadecimal).
    """
    operators = ["BT {:.3f} {:.3f} {:.3f} rg 1 0 0 1 {:.2f} {:.2f} Tm".format(*colour, *place)]
    font = ""
    for shift, text in runs:
        move = -shift * 1000 / size  # TJ counts thousandths of an em, to the left
        for name, codes in encode(text):
            if name != font:
                operators.append(f"/{name} {size:g} Tf")
                font = name
            operators.append(f"[{move:.1f} <{codes}>] TJ" if move else f"<{codes}> Tj")
            move = 0.0
    operators.append("ET")
    if any(shift > size * UNSEEN_GAP for shift, _ in runs):
        # Readers take a wide gap for a space, and a name for two: say what the line really says.
        text = pdf_text("".join(text for _, text in runs))
        operators = [f"/Span <</ActualText {text}>> BDC", *operators, "EMC"]
    return " ".join(operators)
