"""ZPL II by the printer's own bar code command, on request: short formats, whose symbols are the firmware's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from renderers.commands import command
from renderers.drawing import MM_PER_INCH
from renderers.writers import zpl
from renderers.writers.zpl import MEDIA_TYPE

if TYPE_CHECKING:
    from renderers.symbol import Symbol

__all__ = ["MEDIA_TYPE", "write"]


def write(symbol: Symbol, *, module_mm: float, dpi: int) -> bytes:
    r"""Draw a symbol as a format of ZPL II that says what to encode; a graphic, as `zpl` has it, where no command can.

    Args:
        symbol: what to draw.
        module_mm: side of one module in millimetres, 0.1 to 20; rounded to whole dots.
        dpi: dots per inch of the printer: 203, 300 or 600.

    Returns:
        The format, in ASCII, ^XA to ^XZ.

    Raises:
        RenderError: what `renderers.writers.zpl.write` refuses.

    Examples:
        >>> from renderers.encoding import encode
        >>> print(write(encode("TWIN-42", "code39"), module_mm=0.25, dpi=203).decode(), end="")
        ^XA^PW326^LL44^LH0,0^LRN^PMN
        ^FO20,0^BY2,3^B3N,N,44,N,N^FH\^FDTWIN-42^FS
        ^XZ
    """
    graphic = zpl.write(symbol, module_mm=module_mm, dpi=dpi)
    dots = round(module_mm * dpi / MM_PER_INCH)
    light = symbol.quiet_zone * dots
    high = symbol.row_height(dots * MM_PER_INCH / dpi) * dots
    field = command(symbol, x=light, y=light if symbol.bar_mm is None else 0, dots=dots, high=high)
    if field is None:
        return graphic
    head, _, _ = graphic.partition(b"\n")
    return head + b"\n" + field.encode("ascii") + b"^XZ\n"
