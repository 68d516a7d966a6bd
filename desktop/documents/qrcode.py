"""The QR code is one black-and-white picture: two thousand drawn squares would be slower and no sharper."""

from __future__ import annotations

from typing import Any

import zxingcpp
from PIL import Image

QUIET_ZONE = 4  # modules of white around the code (ISO/IEC 18004, 6.3.8)
# A mask breaks up large even areas. Trying all eight takes seven times as long and wins nothing for the text
# of a credential, which is as good as random; the tests read this one back from two hundred bad scans.
_MASK = 3


def qr_operators(text: str, x: float, y: float, side: float) -> str:
    """Return the PDF operators of ``text`` as a QR code (error correction M) in a white square.

    The square is ``side`` points wide with its lower left corner at (``x``, ``y``).
    Raises ValueError when the text is longer than a QR code can hold (2331 bytes).
    """
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", data_mask=_MASK)
    modules: Any = barcode.to_image(scale=1, add_quiet_zones=False)
    count = modules.shape[0]
    bits = Image.frombytes("L", (count, count), bytes(modules)).convert("1", dither=Image.Dither.NONE)
    module = side / (count + 2 * QUIET_ZONE)
    inner, inset = count * module, QUIET_ZONE * module
    return (
        f"q 1 g {x:.2f} {y:.2f} {side:.2f} {side:.2f} re f "
        f"{inner:.3f} 0 0 {inner:.3f} {x + inset:.3f} {y + inset:.3f} cm "
        f"BI /W {count} /H {count} /BPC 1 /CS /G /F /AHx ID {bits.tobytes().hex()}> EI Q"
    )
