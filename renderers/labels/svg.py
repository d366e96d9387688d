"""SVG: one document a label, measured in millimetres, texts as outlines."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from renderers.frame import frame
from renderers.typefaces import outline
from renderers.writers.svg import MEDIA_TYPE, path_of

if TYPE_CHECKING:
    from renderers.drawing import Bitmap, Drawing, PlacedMark, PlacedRun
    from renderers.typefaces import Run

__all__ = ["MEDIA_TYPE", "draw"]


def draw(drawing: Drawing, *, dpi: int) -> bytes:  # noqa: ARG001  a vector has no dots
    """Draw a label as SVG: whatever opens it needs no font.

    Texts and payloads are not in the file, only their outlines: nothing of them can be taken for markup.

    Args:
        drawing: what to draw.
        dpi: not used.

    Returns:
        The document, in ASCII; one user unit is one millimetre.

    References:
        SVG 1.1 sections 7.7 (viewBox), 8.3 (path data), 11.7.3 (shape-rendering); WAI-ARIA 1.2 `img`.

    Examples:
        >>> from renderers.composition import compose
        >>> from renderers.layout import Line, Page
        >>> b'd="M2 0.75h8v0.5h-8z"' in draw(compose(Page(20, 10, (Line(2, 1, 10, 1, 0.5),))), dpi=300)
        True
    """
    width, height = _number(drawing.width), _number(drawing.height)
    places = (stroke.place for stroke in drawing.strokes)
    strokes = "".join(
        f"M{_number(at.x)} {_number(at.y)}h{_number(at.width)}v{_number(at.height)}h-{_number(at.width)}z"
        for at in places
    )
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"'
            f' viewBox="0 0 {width} {height}" role="img"><title>label</title>'
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            f'<path fill="#000" d="{strokes}"/>' if strokes else "",
            *map(_bitmap, drawing.bitmaps),
            *map(_mark, drawing.marks),
            *map(_run, drawing.runs),
            "</svg>\n",
        )
    ).encode("ascii")


def _mark(mark: PlacedMark) -> str:
    symbol, unit = mark.symbol, _number(mark.module_mm)
    tall = symbol.row_height(mark.module_mm)
    path = path_of(symbol.printed_rows, symbol.printed_width, tall)
    if mark.frame:
        path += "".join(f"M{' '.join(f'{x} {y}' for x, y in figure)}z" for figure in frame(symbol.printed_width))
    at = f"matrix({unit} 0 0 {unit} {_number(mark.x)} {_number(mark.y)})"
    return f'<path fill="#000" shape-rendering="crispEdges" transform="{at}" d="{path}"/>'


def _bitmap(bitmap: Bitmap) -> str:
    place = bitmap.place
    across, down = _number(place.width / bitmap.width), _number(place.height / len(bitmap.rows))
    at = f"matrix({across} 0 0 {down} {_number(place.x)} {_number(place.y)})"
    return f'<path fill="#000" transform="{at}" d="{path_of(bitmap.rows, bitmap.width, 1)}"/>'


def _run(placed: PlacedRun) -> str:
    unit = _number(placed.unit)
    at = f"matrix({unit} 0 0 -{unit} {_number(placed.x)} {_number(placed.y)})"
    return f'<path fill="#000" transform="{at}" d="{_glyphs(placed.run)}"/>'


@lru_cache(maxsize=512)
def _glyphs(run: Run) -> str:
    return "".join(
        f"M{start} 0{_glyph(run.font, character)}" for start, character in zip(run.starts, run.text, strict=True)
    )


@lru_cache(maxsize=4096)
def _glyph(font: str, character: str) -> str:
    """An outline in relative steps, so that it stands wherever it is begun."""
    parts, begun, at = [], (0.0, 0.0), (0.0, 0.0)
    for letter, points in outline(font, character):
        if letter == "Z":
            at = begun
        relative = [value - at[number % 2] for number, value in enumerate(points)]
        parts.append(letter.lower() + " ".join(_number(value) for value in relative))
        if points:
            at = points[-2], points[-1]
        if letter == "M":
            begun = at
    return "".join(parts)


def _number(value: float) -> str:
    """At most six decimals, and never the exponent of a small one."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
