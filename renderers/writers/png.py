"""PNG: one bit a dot, whole dots a module."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import ImageChops

from renderers.raster import raster

if TYPE_CHECKING:
    from renderers.symbol import Symbol

__all__ = ["MEDIA_TYPE", "write"]

MEDIA_TYPE = "image/png"
MIN_DOTS = 2
MAX_SIDE = 8192


def write(symbol: Symbol, *, module_mm: float, dpi: int) -> bytes:
    """Draw a symbol as PNG, to be printed dot for dot.

    Args:
        symbol: what to draw.
        module_mm: side of one module in millimetres, 0.1 to 20; rounded to whole dots.
        dpi: dots per inch of the printer, 72 to 2400; written into the file.

    Returns:
        The file.

    Raises:
        RenderError: a module would be less than `MIN_DOTS` wide, or the picture more than `MAX_SIDE` dots.

    References:
        PNG (ISO/IEC 15948:2004) sections 11.2.2 (IHDR), 11.3.5.3 (pHYs).

    Examples:
        >>> from PIL import Image
        >>> from renderers.symbol import Symbol
        >>> dot = Symbol(symbology="dot", payload=".", aim="]X0", rows=(1,), width=1, quiet_zone=1)
        >>> Image.open(BytesIO(write(dot, module_mm=0.5, dpi=300))).size
        (18, 18)
    """
    dark = raster(symbol, module_mm=module_mm, dpi=dpi, min_dots=MIN_DOTS, max_side=MAX_SIDE)
    file = BytesIO()
    ImageChops.invert(dark).save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()
