"""Photographs as they are shown and printed: upright, in plain colours, no larger than a page needs."""

from __future__ import annotations

import io
import warnings
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

LONGEST_SIDE: Final = 1600
"""Pixels; enough for a full A4 page at 150 dpi."""
PIXELS_AT_MOST: Final = 80_000_000
QUALITY: Final = 85


def normalise(content: bytes) -> bytes | None:
    """Return a JPEG for viewing: turned by its EXIF orientation, RGB, scaled down; None if it is no image.

    Alpha is laid on white. An image too large to open safely counts as no image: the original is kept.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as opened:
                if opened.width * opened.height > PIXELS_AT_MOST:
                    return None
                upright = ImageOps.exif_transpose(opened)
                return _jpeg(_flat(upright))
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    except (OSError, SyntaxError, ValueError):  # Pillow's words for a damaged file
        return None


def _flat(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB")
    return image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
