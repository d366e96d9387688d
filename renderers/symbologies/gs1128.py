"""GS1-128, for logistic units: written by zxing-cpp."""

from __future__ import annotations

from renderers.errors import RenderError
from renderers.gs1 import ELEMENTS, bracketed
from renderers.options import in_range
from renderers.symbol import Symbol
from renderers.symbologies.code128 import QUIET_ZONE, READ_AS
from renderers.zxing import bars

__all__ = ["READ_AS", "encode"]

MOST = 48
BAR_MM, BAR_MM_RANGE = 31.75, (5.0, 200.0)


def encode(payload: str, *, bar_mm: float = BAR_MM) -> Symbol:
    r"""Encode an element string as a GS1-128: FNC1 first, and wherever GS stands.

    Args:
        payload: the element string that a reader will read, without leading FNC1 (`renderers.gs1.bracketed`).
        bar_mm: the least height of the bars in millimetres, 5 to 200: 31.75 for logistic units, 12.7 for regulated
            healthcare items; they are never less than 15 % of the width.

    Returns:
        The symbol, of one row; `aim` is `]C1`.

    Raises:
        RenderError: the payload is no element string, has an application identifier or value that zxing-cpp knows to be
            none, or more than 48 characters, separators among them; or the height is out of its range.

    References:
        GS1 General Specifications, 5.4 (GS1-128: 48 characters), 5.12 (symbol specification tables: height), 7.8.

    Examples:
        >>> encode("00095060001343520109").width
        156
    """
    text = bracketed(payload)
    if len(payload) > MOST:
        raise RenderError(
            "payload", payload, expected=f"at most {MOST} characters in a GS1-128", found=f"{len(payload)}"
        )
    height = in_range("bar_mm", bar_mm, (int, float), BAR_MM_RANGE)
    rows, width = bars(text, READ_AS, payload, expected=ELEMENTS, gs1=True)
    return Symbol(
        symbology="gs1128", payload=payload, aim="]C1", rows=rows, width=width, quiet_zone=QUIET_ZONE, bar_mm=height
    )
