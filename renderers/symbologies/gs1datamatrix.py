"""GS1 DataMatrix, for things that carry GS1 keys: written by zxing-cpp."""

from __future__ import annotations

from renderers.gs1 import bracketed
from renderers.symbol import Symbol
from renderers.symbologies.datamatrix import QUIET_ZONE, READ_AS, modules_in_shape

__all__ = ["READ_AS", "encode"]


def encode(payload: str, *, shape: str = "square") -> Symbol:
    r"""Encode an element string as a GS1 DataMatrix: FNC1 first, and wherever GS stands.

    Args:
        payload: the element string that a reader will read, without leading FNC1 (`renderers.gs1.bracketed`).
        shape: `square` or `rectangle`.

    Returns:
        The symbol; `aim` is `]d2`.

    Raises:
        RenderError: the payload is no element string, has an application identifier or value that zxing-cpp knows to be
            none, or does not fit (`renderers.symbologies.datamatrix.encode`); or the shape is another.

    References:
        GS1 General Specifications, 5.6 (GS1 DataMatrix), 7.8; ISO/IEC 16022:2006 section 5.2 (FNC1).

    Examples:
        >>> encode("010950600013435210ABC\x1d21SER").width
        18
    """
    rows, width = modules_in_shape(bracketed(payload), payload, shape, {"gs1": True})
    return Symbol(symbology="gs1datamatrix", payload=payload, aim="]d2", rows=rows, width=width, quiet_zone=QUIET_ZONE)
