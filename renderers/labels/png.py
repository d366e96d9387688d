"""PNG: one bit a dot, for the eye and for printers that take pictures."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from renderers.dots import pieces, size_of

if TYPE_CHECKING:
    from renderers.drawing import Drawing

__all__ = ["MEDIA_TYPE", "draw"]

MEDIA_TYPE = "image/png"
MIN_DOTS = 2  # a module
MAX_SIDE = 8192


def draw(drawing: Drawing, *, dpi: int) -> bytes:
    """Draw a label as PNG, to be printed dot for dot.

    Args:
        drawing: what to draw.
        dpi: dots per inch of the printer; written into the file.

    Returns:
        The file.

    Raises:
        RenderError: a module would be less than `MIN_DOTS` wide, a side more than `MAX_SIDE`, or what
            `renderers.dots.pieces` refuses.

    References:
        PNG (ISO/IEC 15948:2004) sections 11.2.2 (IHDR), 11.3.5.3 (pHYs).

    Examples:
        >>> from renderers.drawing import Drawing
        >>> Image.open(BytesIO(draw(Drawing(60, 30), dpi=203))).size
        (480, 240)
    """
    label = Image.new("1", size_of(drawing, dpi, widest=MAX_SIDE, highest=MAX_SIDE), 1)
    for x, y, dark in pieces(drawing, dpi, least=MIN_DOTS):
        label.paste(0, (x, y), dark)
    file = BytesIO()
    label.save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()
