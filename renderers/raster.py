"""Dots: a symbol for printers that set whole ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from renderers.errors import RenderError

if TYPE_CHECKING:
    from renderers.symbol import Symbol

__all__ = ["raster"]

MM_PER_INCH = 25.4


def raster(symbol: Symbol, *, module_mm: float, dpi: int, min_dots: int, max_side: int) -> Image.Image:
    """The dots of a symbol, its quiet zone included.

    A module is a whole number of dots, the nearest to `module_mm`: a module of 3.5 dots would be drawn as 3 here and 4
    there, and readers measure exactly that.

    Args:
        symbol: what to draw.
        module_mm: side of one module in millimetres.
        dpi: dots per inch of the printer.
        min_dots: the least that a module may be, in dots.
        max_side: the most that a side of the picture may be, in dots.

    Returns:
        One bit a dot, 1 dark: in `tobytes()` the leftmost is the most significant, and rows end in full octets of 0.

    Raises:
        RenderError: a module would be less than `min_dots` wide, or the picture more than `max_side`.

    Examples:
        >>> from renderers.symbol import Symbol
        >>> dot = Symbol(symbology="dot", payload=".", aim="]X0", rows=(1,), width=1, quiet_zone=1)
        >>> raster(dot, module_mm=0.25, dpi=203, min_dots=1, max_side=9).tobytes().hex(" ")
        '00 00 30 30 00 00'
    """
    dots = round(module_mm * dpi / MM_PER_INCH)
    measure = f"{module_mm} mm at {dpi} dpi"
    if dots < min_dots:
        plural = "s" * (min_dots > 1)
        raise RenderError("module", measure, expected=f"{min_dots} dot{plural} or more", found=f"{dots}")
    width, height = symbol.printed_width, symbol.printed_height
    tall = symbol.row_height(dots * MM_PER_INCH / dpi)
    side = max(width, height * tall) * dots
    if side > max_side:
        raise RenderError("module", measure, expected=f"a picture of at most {max_side} dots a side", found=f"{side}")
    octets = (width + 7) // 8
    packed = b"".join((row << 8 * octets - width).to_bytes(octets) for row in symbol.printed_rows)
    size = width * dots, height * tall * dots
    return Image.frombytes("1", (width, height), packed).resize(size, Image.Resampling.NEAREST)
