"""Code 128, for scanners that read lines: written by zxing-cpp."""

from __future__ import annotations

import zxingcpp

from renderers.options import in_range
from renderers.payload import checked, require_ascii
from renderers.symbol import Symbol
from renderers.zxing import bars

__all__ = ["READ_AS", "encode"]

READ_AS = zxingcpp.Code128
QUIET_ZONE = 10
BAR_MM, BAR_MM_RANGE = 5.0, (5.0, 200.0)
CAPACITY = "what 102 symbol characters hold: at most 202 digits or 101 others"


def encode(payload: str, *, bar_mm: float = BAR_MM) -> Symbol:
    """Encode a payload as a Code 128, in whatever code sets are shortest; no character is ever FNC1.

    Args:
        payload: the text that a reader will read; ASCII, since Code 128 cannot say what else it would be.
        bar_mm: the least height of the bars in millimetres, 5 to 200; they are never less than 15 % of the width.

    Returns:
        The symbol, of one row; `aim` is `]C0`.

    Raises:
        RenderError: the payload is none (`renderers.payload.checked`), is not ASCII or too long; or the height is
            out of its range.

    References:
        ISO/IEC 15417:2007 (code sets; dimensions: height, quiet zone).

    Examples:
        >>> encode("TWIN-42").width
        112
    """
    text = require_ascii(checked(payload), "a Code 128")
    height = in_range("bar_mm", bar_mm, (int, float), BAR_MM_RANGE)
    rows, width = bars(text, READ_AS, text, expected=CAPACITY)
    return Symbol(
        symbology="code128", payload=text, aim="]C0", rows=rows, width=width, quiet_zone=QUIET_ZONE, bar_mm=height
    )
