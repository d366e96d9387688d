"""ZPL II by the printer's own bar code commands, on request: short formats; texts are graphics still."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from renderers.commands import command
from renderers.drawing import MM_PER_INCH
from renderers.labels import zpl
from renderers.writers.zpl import MEDIA_TYPE, MIN_DOTS, require_head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from renderers.drawing import Drawing, PlacedMark
    from renderers.writers.pdf import Grid

__all__ = ["MEDIA_TYPE", "draw", "stream"]


def draw(drawing: Drawing, *, dpi: int) -> bytes:
    r"""Draw a label as a format of ZPL II whose symbols the firmware encodes, where a command can say them.

    Args:
        drawing: what to draw.
        dpi: dots per inch of the printer, 203, 300 or 600.

    Returns:
        The format, in ASCII, ^XA to ^XZ.

    Raises:
        RenderError: what `renderers.labels.zpl.draw` refuses.

    Examples:
        >>> from renderers.composition import compose
        >>> from renderers.layout import Mark, Page
        >>> page = Page(20, 20, (Mark(2, 2, "TWIN-42", "datamatrix", 0.5),))
        >>> print(draw(compose(page), dpi=203).decode(), end="")
        ^XA^PW160^LL160^LH0,0^LRN^PMN
        ^FO20,20^BXN,4,200,14,14,6,_^FH\^FDTWIN-42^FS
        ^XZ
    """
    require_head(dpi)
    whole = drawing.in_dots(dpi, least=MIN_DOTS)
    said = {mark.element: field for mark in whole.marks if (field := _field(mark, dpi)) is not None}
    rest = replace(whole, marks=tuple(mark for mark in whole.marks if mark.element not in said))
    graphics = zpl.draw(rest, dpi=dpi).removesuffix(b"^XZ\n")
    return graphics + "".join(said.values()).encode("ascii") + b"^XZ\n"


def stream(drawings: Iterable[Drawing], *, dpi: int, grid: Grid | None = None) -> Iterator[bytes]:
    """Draw labels as formats, one after the other.

    Args:
        drawings: what to draw.
        dpi: dots per inch of the printer, 203, 300 or 600.
        grid: none; a printer of labels has no sheets.

    Returns:
        The file, in parts, one label at a time.

    Raises:
        RenderError: there is a grid, or what `draw` refuses.
    """
    return zpl.roll(drawings, draw, dpi, grid)


def _field(mark: PlacedMark, dpi: int) -> str | None:
    """The command that prints a symbol; a frame belongs to its symbol, so that both are a graphic."""
    if mark.frame:
        return None
    symbol, dots = mark.symbol, round(mark.module_mm * dpi / MM_PER_INCH)
    light = symbol.quiet_zone * dots
    return command(
        symbol,
        x=round(mark.x * dpi / MM_PER_INCH) + light,
        y=round(mark.y * dpi / MM_PER_INCH) + (light if symbol.bar_mm is None else 0),
        dots=dots,
        high=symbol.row_height(mark.module_mm) * dots,
    )
