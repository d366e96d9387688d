"""Code 39, for VIN plates and older scanners: written by zxing-cpp, the wide elements made wider here."""

from __future__ import annotations

import re

import zxingcpp

from renderers.errors import RenderError
from renderers.options import in_range
from renderers.payload import checked
from renderers.symbol import Symbol
from renderers.zxing import bars

__all__ = ["READ_AS", "encode"]

READ_AS = zxingcpp.Code39Std
QUIET_ZONE = 10
BAR_MM, BAR_MM_RANGE = 5.0, (5.0, 200.0)
MOST = 80

_OUTSIDE = re.compile(r"[^0-9A-Z. $/+%-]")
_WIDE = re.compile("11|00")


def encode(payload: str, *, bar_mm: float = BAR_MM) -> Symbol:
    """Encode a payload as a Code 39 without check character, a wide element three modules.

    Three, because two, which is what the library writes, is too few for modules of less than 0.508 mm.

    Args:
        payload: the text that a reader will read: at most 80 digits, capitals, spaces and `-.$/+%`. A reader set to
            "full ASCII" takes one of `$/+%` before a capital for something else; a HIBC begins so.
        bar_mm: the least height of the bars in millimetres, 5 to 200; they are never less than 15 % of the width.

    Returns:
        The symbol, of one row; `aim` is `]A0`.

    Raises:
        RenderError: the payload is none (`renderers.payload.checked`), has another character or too many; or the height
            is out of its range.

    References:
        ISO/IEC 16388:2007 (characters; dimensions: wide to narrow, height, quiet zone).

    Examples:
        >>> encode("1M8GDM9AXKP042788").width
        303
    """
    text = checked(payload)
    if outside := _OUTSIDE.search(text):
        found = f"{outside[0]!r} at character {outside.start() + 1}"
        raise RenderError("payload", text, expected="digits, capitals, spaces and -.$/+% in a Code 39", found=found)
    if len(text) > MOST:
        raise RenderError("payload", text, expected=f"at most {MOST} characters in a Code 39", found=f"{len(text)}")
    height = in_range("bar_mm", bar_mm, (int, float), BAR_MM_RANGE)
    (narrow, *_), width = bars(text, READ_AS, text, expected=f"at most {MOST} characters")
    row = _WIDE.sub(lambda wide: wide[0] + wide[0][0], f"{narrow:0{width}b}")
    return Symbol(
        symbology="code39",
        payload=text,
        aim="]A0",
        rows=(int(row, 2),),
        width=len(row),
        quiet_zone=QUIET_ZONE,
        bar_mm=height,
    )
