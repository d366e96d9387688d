"""GS1 QR Code, for things that carry GS1 keys: written by zxing-cpp, since segno knows no FNC1."""

from __future__ import annotations

from renderers.gs1 import ELEMENTS, bracketed
from renderers.options import one_of
from renderers.symbol import Symbol
from renderers.symbologies.qr import CAPACITY, ERROR_CORRECTION, QUIET_ZONE, READ_AS
from renderers.zxing import modules

__all__ = ["READ_AS", "encode"]


def encode(payload: str, *, level: str = ERROR_CORRECTION) -> Symbol:
    r"""Encode an element string as a GS1 QR Code: FNC1 in first position, and a separator wherever GS stands.

    Args:
        payload: the element string that a reader will read, without leading FNC1 (`renderers.gs1.bracketed`).
        level: the least error correction: `L`, `M`, `Q` or `H`.

    Returns:
        The symbol; `aim` is `]Q3`.

    Raises:
        RenderError: the payload is no element string, has an application identifier or value that zxing-cpp knows to be
            none, or does not fit into version 40; or the level is another.

    References:
        GS1 General Specifications, 5.7 (GS1 QR Code), 7.8; ISO/IEC 18004:2015 section 7.4.8 (FNC1).

    Examples:
        >>> encode("010950600013435210ABC\x1d21SER").width
        25
    """
    chosen = one_of("level", level, CAPACITY)
    rows, width = modules(bracketed(payload), READ_AS, payload, expected=ELEMENTS, gs1=True, ec_level=chosen)
    return Symbol(symbology="gs1qr", payload=payload, aim="]Q3", rows=rows, width=width, quiet_zone=QUIET_ZONE)
