"""Micro QR Code, for marks of a few millimetres: written by segno."""

from __future__ import annotations

import segno
import zxingcpp

from renderers.options import one_of
from renderers.payload import checked, require_ascii
from renderers.symbol import Symbol
from renderers.symbologies.qr import mode_of, rows_of

__all__ = ["READ_AS", "encode"]

READ_AS = zxingcpp.MicroQRCode
ERROR_CORRECTION = "L"
QUIET_ZONE = 2
# What M4 holds: digits, alphanumeric characters, bytes. There is no level H, and M1, which only detects, is not used.
CAPACITY = {"L": (35, 21, 15), "M": (30, 18, 13), "Q": (21, 13, 9)}


def encode(payload: str, *, level: str = ERROR_CORRECTION) -> Symbol:
    """Encode a payload as a Micro QR Code, M2 to M4; many phones do not read it.

    Args:
        payload: the text that a reader will read; ASCII, since Micro QR has no ECI to say what else it would be.
        level: the least error correction: `L`, `M` or `Q`. Where the version has room for more, there is more.

    Returns:
        The symbol; `aim` is `]Q1`.

    Raises:
        RenderError: the payload is none (`renderers.payload.checked`), is not ASCII or too long for M4; or the level is
            another.

    References:
        ISO/IEC 18004:2015 sections 5.1 (versions, ECI), 6.3.8 (quiet zone); table 7 (capacity).

    Examples:
        >>> encode("TWIN-42").width
        15
    """
    text = require_ascii(checked(payload), "a Micro QR Code")
    mode = mode_of(text, CAPACITY[one_of("level", level, CAPACITY)], "a Micro QR Code")
    rows = rows_of(segno.make_micro(text, error=level, mode=mode, encoding="utf-8"))
    return Symbol(symbology="microqr", payload=text, aim="]Q1", rows=rows, width=len(rows), quiet_zone=QUIET_ZONE)
