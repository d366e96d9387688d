"""Data Matrix ECC 200, for small marks and plates: written by zxing-cpp."""

from __future__ import annotations

from typing import Any

import zxingcpp

from renderers.errors import RenderError
from renderers.payload import checked
from renderers.symbol import Symbol

__all__ = ["encode"]

QUIET_ZONE = 1
CAPACITY = "what 144 x 144 modules hold: at most 3116 digits, 2335 letters of one case or 1555 bytes of anything"

_DIGITS = bytes.maketrans(b"\x00\xff", b"10")


def encode(payload: str) -> Symbol:
    """Encode a payload as a square Data Matrix.

    Square, because left to itself the encoder takes rectangles of ISO/IEC 21471, which many readers do not know. Text
    beyond ASCII stands after the designator of ECI 26, so that no reader guesses; no character is ever FNC1.

    Args:
        payload: the text that a reader will read.

    Returns:
        The symbol; `aim` is `]d1` (readers that use the ECI protocol report `]d4` for a symbol with an ECI).

    Raises:
        RenderError: the payload is none (`renderers.payload.checked`) or too long for 144 x 144 modules.

    References:
        ISO/IEC 16022:2006 sections 5.2 (encodation), 5.4 (ECI), 5.5 and table 7 (sizes).

    Examples:
        >>> encode("HTTP://127.0.0.1:8000/L/0123456789ABCD").width
        22
    """
    text = checked(payload)
    # Constants alone: an option of the wrong type ends the process. `eci` for ASCII would cost two codewords.
    options: dict[str, object] = {"force_square": True} if text.isascii() else {"force_square": True, "eci": "UTF-8"}
    try:
        code = zxingcpp.create_barcode(text, zxingcpp.DataMatrix, **options)
    except ValueError as error:
        raise RenderError("payload", text, expected=CAPACITY, found=f"{len(text.encode())} bytes") from error
    image: Any = code.to_image(scale=1, add_quiet_zones=False)  # a buffer, which its stub keeps to itself
    width: int = image.shape[1]
    digits = memoryview(image).tobytes().translate(_DIGITS)
    rows = tuple(int(digits[at : at + width], 2) for at in range(0, len(digits), width))
    return Symbol(symbology="datamatrix", payload=text, aim="]d1", rows=rows, width=width, quiet_zone=QUIET_ZONE)
