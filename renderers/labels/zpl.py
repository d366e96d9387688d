"""ZPL II: a format for each label, whose texts and symbols are graphics of whole dots."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from renderers.dots import pieces, size_of
from renderers.errors import RenderError
from renderers.writers.zpl import MAX_FIELD, MAX_SIDE, MEDIA_TYPE, MIN_DOTS, require_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from PIL import Image

    from renderers.drawing import Drawing
    from renderers.writers.pdf import Grid

__all__ = ["MEDIA_TYPE", "draw", "stream"]

MAX_LENGTH = 32_000  # dots
KEPT = 8192  # octets of a graphic: what is larger is seldom the same twice


def draw(drawing: Drawing, *, dpi: int) -> bytes:
    """Draw a label as a format of ZPL II, which prints it on any firmware dot for dot.

    Each text and symbol is a graphic of its own, cut to what is dark, so that a label is as short as its ink. Nothing
    of a text or payload is in the file but the hexadecimal digits of its dots. The EPC is written before anything is
    printed; the printer sets the protocol control bits to its length.

    Args:
        drawing: what to draw.
        dpi: dots per inch of the printer, 203, 300 or 600.

    Returns:
        The format, in ASCII, ^XA to ^XZ.

    Raises:
        RenderError: printers have no such resolution, a module would be less than `MIN_DOTS` wide, the label more than
            `MAX_SIDE` dots wide or `MAX_LENGTH` long, or what `renderers.dots.pieces` refuses.

    References:
        Zebra, ZPL II Programming Guide: ^GF (type A, at most 99,999 octets a field), ^FO, ^LH, ^LL, ^LR, ^PM, ^PW, ^RF
        (W: write, H: hexadecimal, A: EPC, the protocol control bits adjusted).

    Examples:
        >>> from renderers.composition import compose
        >>> from renderers.layout import Line, Page
        >>> page = Page(20, 10, (Line(2, 1, 3, 1, 0.25),), epc="3074257BF7194E4000001A85")
        >>> print(draw(compose(page), dpi=203).decode(), end="")
        ^XA^PW160^LL80^LH0,0^LRN^PMN
        ^RFW,H,,,A^FD3074257BF7194E4000001A85^FS
        ^FO16,7^GFA,2,2,1,FFFF^FS
        ^XZ
    """
    require_head(dpi)
    width, height = size_of(drawing, dpi, widest=MAX_SIDE, highest=MAX_LENGTH)
    tag = "" if drawing.epc is None else f"^RFW,H,,,A^FD{drawing.epc}^FS\n"
    graphics = "".join(_graphic(x, y, dark, width, height) for x, y, dark in pieces(drawing, dpi, least=MIN_DOTS))
    return f"^XA^PW{width}^LL{height}^LH0,0^LRN^PMN\n{tag}{graphics}^XZ\n".encode("ascii")


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

    Examples:
        >>> from renderers.drawing import Drawing
        >>> len(list(stream([Drawing(60, 30)] * 3, dpi=203)))
        3
    """
    return roll(drawings, draw, dpi, grid)


def roll(
    drawings: Iterable[Drawing], draw: Callable[..., bytes], dpi: int, grid: Grid | None = None
) -> Iterator[bytes]:
    """Labels one after the other, drawn by any of the formats of ZPL.

    Args:
        drawings: what to draw.
        draw: the format's own.
        dpi: dots per inch of the printer.
        grid: none; a printer of labels has no sheets.

    Raises:
        RenderError: there is a grid.
    """
    if grid is not None:
        raise RenderError("grid", grid, expected="none for zpl")
    return (draw(drawing, dpi=dpi) for drawing in drawings)


def _graphic(x: int, y: int, dark: Image.Image, width: int, height: int) -> str:
    """The fields of what is dark and on the label."""
    out, above = max(0, -x), max(0, -y)
    inside = dark.crop((out, above, min(dark.width, width - x), min(dark.height, height - y)))
    ink = inside.getbbox()
    if ink is None:
        return ""
    left, upper = x + out + ink[0], y + above + ink[1]
    octets, row = inside.crop(ink).tobytes(), (ink[2] - ink[0] + 7) // 8
    fields = (_kept_fields if len(octets) <= KEPT else _fields)(octets, row)
    return "".join(f"^FO{left},{upper + top}{field}" for top, field in fields)


def _fields(octets: bytes, row: int) -> tuple[tuple[int, str], ...]:
    band = MAX_FIELD // row  # rows that one field holds
    parts = ((top, octets[top * row : (top + band) * row]) for top in range(0, len(octets) // row, band))
    return tuple((top, f"^GFA,{len(part)},{len(part)},{row},{part.hex().upper()}^FS\n") for top, part in parts)


_kept_fields = lru_cache(maxsize=512)(_fields)
