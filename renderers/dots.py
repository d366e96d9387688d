"""Dots: a label in pieces of whole dots, for printers and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from renderers.drawing import MM_PER_INCH
from renderers.errors import RenderError
from renderers.frame import frame
from renderers.typefaces import dots as run_dots
from renderers.typefaces import em_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from renderers.drawing import Bitmap, Drawing, PlacedMark, PlacedRun, Rectangle, Stroke

__all__ = ["pieces", "size_of"]

LEAST_CAPITAL = 5  # dots, below which letters are guesses

Piece = tuple[int, int, Image.Image]


def size_of(drawing: Drawing, dpi: int, *, widest: int, highest: int) -> tuple[int, int]:
    """The width and height of a label in dots.

    Args:
        drawing: the label.
        dpi: dots per inch of the printer.
        widest: the most that the width may be.
        highest: the most that the height may be.

    Raises:
        RenderError: a side is more.

    Examples:
        >>> from renderers.drawing import Drawing
        >>> size_of(Drawing(60, 30), 203, widest=4096, highest=4096)
        (480, 240)
    """
    size = round(drawing.width * dpi / MM_PER_INCH), round(drawing.height * dpi / MM_PER_INCH)
    if size[0] > widest or size[1] > highest:
        measure = f"{drawing.width:.6g} x {drawing.height:.6g} mm at {dpi} dpi"
        expected, found = f"at most {widest} x {highest} dots", "{} x {} dots".format(*size)
        raise RenderError("label", measure, expected=expected, found=found)
    return size


def pieces(drawing: Drawing, dpi: int, *, least: int) -> Iterator[Piece]:
    """Everything dark on a label, element by element.

    Args:
        drawing: the label.
        dpi: dots per inch of the printer.
        least: the least that a module may be, in dots.

    Returns:
        Where each begins, in dots from the left and upper side of the label, and its dots: one bit a dot, 1 dark. What
        one covers adds to what another does. Edges may lie a dot outside of the label.

    Raises:
        RenderError: a module would be less than `least`, a symbol of whole dots has no room, or capitals would be less
            than `LEAST_CAPITAL`.

    Examples:
        >>> from renderers.composition import compose
        >>> from renderers.layout import Line, Page
        >>> [(x, y, dark.size) for x, y, dark in pieces(compose(Page(20, 10, (Line(2, 1, 10, 1, 0.5),))), 203, least=1)]
        [(16, 6, (64, 4))]
    """
    whole = drawing.in_dots(dpi, least=least)
    for stroke in whole.strokes:
        yield _stroke(stroke, dpi)
    for bitmap in whole.bitmaps:
        yield _bitmap(bitmap, dpi)
    for mark in whole.marks:
        yield _mark(mark, dpi)
    for placed in whole.runs:
        yield _run(placed, dpi)


def _stroke(stroke: Stroke, dpi: int) -> Piece:
    place = stroke.place
    left, upper, right, lower = _edges(place, dpi)
    thick = max(1, round(min(place.width, place.height) * dpi / MM_PER_INCH))
    if place.width > place.height:
        upper = round((place.y + place.height * stroke.kept) * dpi / MM_PER_INCH - thick * stroke.kept)
        return left, upper, Image.new("1", (max(1, right - left), thick), 1)
    left = round((place.x + place.width * stroke.kept) * dpi / MM_PER_INCH - thick * stroke.kept)
    return left, upper, Image.new("1", (thick, max(1, lower - upper)), 1)


def _bitmap(bitmap: Bitmap, dpi: int) -> Piece:
    left, upper, right, lower = _edges(bitmap.place, dpi)
    size = max(1, right - left), max(1, lower - upper)
    return left, upper, _image(bitmap.rows, bitmap.width).resize(size, Image.Resampling.NEAREST)


def _mark(mark: PlacedMark, dpi: int) -> Piece:
    symbol, each = mark.symbol, round(mark.module_mm * dpi / MM_PER_INCH)
    left, upper = round(mark.x * dpi / MM_PER_INCH), round(mark.y * dpi / MM_PER_INCH)
    high = symbol.printed_height * symbol.row_height(mark.module_mm)
    modules = _image(symbol.printed_rows, symbol.printed_width)
    dark = modules.resize((symbol.printed_width * each, high * each), Image.Resampling.NEAREST)
    if not mark.frame:
        return left, upper, dark
    framed = Image.new("1", (dark.width + 2 * each, dark.height + 2 * each))
    pen = ImageDraw.Draw(framed)
    figures = frame(symbol.printed_width)
    *strokes, triangle = ([((x + 1) * each, (y + 1) * each) for x, y in figure] for figure in figures)
    for (x, y), _, (to_x, to_y), _ in strokes:
        pen.rectangle((x, y, to_x - 1, to_y - 1), 1)
    pen.polygon([(x - 1, y - 1) for x, y in triangle], 1)
    framed.paste(1, (each, each), dark)
    return left - each, upper - each, framed


def _run(placed: PlacedRun, dpi: int) -> Piece:
    tall = placed.size * dpi / MM_PER_INCH
    if tall < LEAST_CAPITAL:
        measure = f"{placed.size:.4g} mm at {dpi} dpi"
        expected = f"{LEAST_CAPITAL} dots or more"
        raise RenderError(f"element {placed.element}, size", measure, expected=expected, found=f"{tall:.3g}")
    dark, left, upper = run_dots(placed.run, em_of(placed.run.font, tall))
    return round(placed.x * dpi / MM_PER_INCH) + left, round(placed.y * dpi / MM_PER_INCH) + upper, dark


def _edges(place: Rectangle, dpi: int) -> tuple[int, int, int, int]:
    edges = place.x, place.y, place.x + place.width, place.y + place.height
    left, upper, right, lower = (round(edge * dpi / MM_PER_INCH) for edge in edges)
    return left, upper, right, lower


def _image(rows: tuple[int, ...], width: int) -> Image.Image:
    octets = (width + 7) // 8
    packed = b"".join((row << 8 * octets - width).to_bytes(octets) for row in rows)
    return Image.frombytes("1", (width, len(rows)), packed)
