"""The QR code is one black-and-white picture: two thousand drawn squares would be slower and no sharper."""

from __future__ import annotations

from typing import Any

import zxingcpp
from PIL import Image

QUIET_ZONE = 4  # modules of white around the code (ISO/IEC 18004, 6.3.8)


def draw_qr(canvas: Any, text: str, x: float, y: float, side: float) -> None:
    """Draw ``text`` as a QR code (error correction M) in a white square of ``side`` points.

    Raises ValueError when the text is longer than a QR code can hold (2331 bytes).
    """
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    modules = barcode.to_image(scale=1, add_quiet_zones=False)
    bits = Image.fromarray(modules).convert("1", dither=Image.Dither.NONE)
    count = bits.width
    module = side / (count + 2 * QUIET_ZONE)
    inner, inset = count * module, QUIET_ZONE * module
    canvas._code.append(  # noqa: SLF001 - canvas has no call for a one-bit picture
        f"q 1 g {x:.2f} {y:.2f} {side:.2f} {side:.2f} re f "
        f"{inner:.3f} 0 0 {inner:.3f} {x + inset:.3f} {y + inset:.3f} cm "
        f"BI /W {count} /H {count} /BPC 1 /CS /G /F /AHx ID {bits.tobytes().hex()}> EI Q"
    )
