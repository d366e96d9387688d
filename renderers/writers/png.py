"""PNG: one bit a dot, whole dots a module."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from renderers.errors import RenderError

if TYPE_CHECKING:
    from renderers.symbol import Symbol

__all__ = ["MEDIA_TYPE", "write"]

MEDIA_TYPE = "image/png"
MIN_DOTS = 2
MAX_SIDE = 8192
MM_PER_INCH = 25.4


def write(symbol: Symbol, *, module_mm: float, dpi: int) -> bytes:
    """Draw a symbol as PNG, to be printed dot for dot.

    A module is a whole number of dots, the nearest to `module_mm`: a module of 3.5 dots would be drawn as 3 here and 4
    there, and readers measure exactly that.

    Args:
        symbol: what to draw.
        module_mm: side of one module in millimetres, 0.1 to 20.
        dpi: dots per inch of the printer, 72 to 2400; written into the file.

    Returns:
        The file.

    Raises:
        RenderError: a module would be less than `MIN_DOTS` wide, or the picture more than `MAX_SIDE` dots.

    References:
        PNG (ISO/IEC 15948:2004) sections 11.2.2 (IHDR), 11.3.5.3 (pHYs).

    Examples:
        >>> from renderers.symbol import Symbol
        >>> dot = Symbol(symbology="dot", payload=".", aim="]X0", rows=(1,), width=1, quiet_zone=1)
        >>> Image.open(BytesIO(write(dot, module_mm=0.5, dpi=300))).size
        (18, 18)
    """
    dots = round(module_mm * dpi / MM_PER_INCH)
    measure = f"{module_mm} mm at {dpi} dpi"
    if dots < MIN_DOTS:
        raise RenderError("module", measure, expected=f"{MIN_DOTS} dots or more", found=f"{dots}")
    width, height = symbol.printed_width, symbol.printed_height
    tall = symbol.row_height(dots * MM_PER_INCH / dpi)
    side = max(width, height * tall) * dots
    if side > MAX_SIDE:
        raise RenderError("module", measure, expected=f"a picture of at most {MAX_SIDE} dots a side", found=f"{side}")
    light, octets = (1 << width) - 1, (width + 7) // 8
    packed = b"".join(((row ^ light) << 8 * octets - width).to_bytes(octets) for row in symbol.printed_rows)
    image = Image.frombytes("1", (width, height), packed).resize(
        (width * dots, height * tall * dots), Image.Resampling.NEAREST
    )
    file = BytesIO()
    image.save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()
