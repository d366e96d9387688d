"""ZPL II: one graphic of whole dots, for label printers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from renderers.errors import RenderError
from renderers.raster import raster

if TYPE_CHECKING:
    from renderers.symbol import Symbol

__all__ = ["MEDIA_TYPE", "write"]

MEDIA_TYPE = "application/zpl"  # not registered; what the interfaces of carriers call it
DPIS = 203, 300, 600
MIN_DOTS = 1
MAX_SIDE = 4096  # wider than any head
MAX_FIELD = 99_999  # octets in one ^GF


def write(symbol: Symbol, *, module_mm: float, dpi: int) -> bytes:
    """Draw a symbol as a format of ZPL II, which prints one label of the symbol's size.

    The modules are a graphic: firmware that encodes barcodes on its own chooses other sizes and masks, and reads
    commands in data. Nothing of the payload is in the file but the hexadecimal digits of its dots. What a format before
    this one may have left on (an origin, reversal, mirroring) is put back.

    Args:
        symbol: what to draw.
        module_mm: side of one module in millimetres, 0.1 to 20; rounded to whole dots.
        dpi: dots per inch of the printer, one of `DPIS`.

    Returns:
        The format, in ASCII, ^XA to ^XZ.

    Raises:
        RenderError: printers have no such resolution, a module would be less than `MIN_DOTS` wide, or the picture more
            than `MAX_SIDE` dots.

    References:
        Zebra, ZPL II Programming Guide: ^GF (type A, at most 99,999 octets a field), ^FO, ^LH, ^LL, ^LR, ^PM, ^PW.

    Examples:
        >>> from renderers.symbol import Symbol
        >>> dot = Symbol(symbology="dot", payload=".", aim="]X0", rows=(1,), width=1, quiet_zone=1)
        >>> print(write(dot, module_mm=0.25, dpi=203).decode(), end="")
        ^XA^PW6^LL6^LH0,0^LRN^PMN
        ^FO0,0^GFA,6,6,1,000030300000^FS
        ^XZ
    """
    require_head(dpi)
    dark = raster(symbol, module_mm=module_mm, dpi=dpi, min_dots=MIN_DOTS, max_side=MAX_SIDE)
    octets, row = dark.tobytes(), (dark.width + 7) // 8
    band = MAX_FIELD // row  # rows that one field holds
    fields = (
        f"^FO0,{top}^GFA,{len(part)},{len(part)},{row},{part.hex().upper()}^FS\n"
        for top in range(0, dark.height, band)
        for part in (octets[top * row : (top + band) * row],)
    )
    return f"^XA^PW{dark.width}^LL{dark.height}^LH0,0^LRN^PMN\n{''.join(fields)}^XZ\n".encode("ascii")


def require_head(dpi: int) -> None:
    """Let pass a resolution that heads of printers have.

    Args:
        dpi: dots per inch.

    Raises:
        RenderError: it is none of `DPIS`.
    """
    if dpi not in DPIS:
        raise RenderError("dpi", dpi, expected=" or ".join(str(known) for known in DPIS) + " for zpl")
