"""PDF: a page for each label, as a roll has it, or sheets of many; texts as outlines."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from renderers.errors import RenderError
from renderers.frame import frame
from renderers.typefaces import outline
from renderers.writers.pdf import MEDIA_TYPE, document, drawn, points

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from renderers.drawing import Bitmap, Drawing, PlacedMark, PlacedRun
    from renderers.typefaces import Run, Step
    from renderers.writers.pdf import Grid

__all__ = ["MEDIA_TYPE", "draw", "stream"]

ROUNDING_MM = 1e-6
MARGIN = 10  # units of the font around a glyph, since a form is clipped to its box

_DARK = re.compile("1+")

Forms = dict[str, str]


def draw(drawing: Drawing, *, dpi: int) -> bytes:
    """Draw a label as PDF, on one page of its size.

    There is no clock, no random id and no compression in it: it is the same file for ever. Each glyph is drawn once and
    then named, so that no font is asked for; no text can be searched or copied out of the file.

    Args:
        drawing: what to draw.
        dpi: not used.

    Returns:
        The file.

    References:
        ISO 32000-1 sections 7.7.3.3 (MediaBox), 8.5 (paths), 8.10 (form XObjects), 12.2 (PrintScaling).

    Examples:
        >>> from renderers.drawing import Drawing
        >>> b"/MediaBox[0 0 170.07874 85.03937]" in draw(Drawing(60, 30), dpi=300)
        True
    """
    return b"".join(stream([drawing], dpi=dpi))


def stream(
    drawings: Iterable[Drawing],
    *,
    dpi: int,  # noqa: ARG001  a vector has no dots
    grid: Grid | None = None,
) -> Iterator[bytes]:
    """Draw labels, each on a page of its own size, or on sheets, in the middle of their places.

    Args:
        drawings: what to draw.
        dpi: not used.
        grid: where the labels are on a sheet; a roll if None.

    Returns:
        The file, in parts, one page at a time.

    Raises:
        RenderError: a label is larger than its place on the sheet.

    Examples:
        >>> from renderers.drawing import Drawing
        >>> from renderers.writers.pdf import A4, Grid
        >>> labels = [Drawing(60, 30)] * 25
        >>> b"".join(stream(labels, dpi=300, grid=Grid(page=A4, columns=3, rows=8))).count(b"/Type/Page/")
        2
    """
    forms: Forms = {}
    return document(_roll(drawings, forms) if grid is None else _sheets(drawings, grid, forms), forms)


def _roll(drawings: Iterable[Drawing], forms: Forms) -> Iterator[tuple[tuple[float, float], str]]:
    for drawing in drawings:
        yield (drawing.width, drawing.height), _label(drawing, 0, drawing.height, forms)


def _sheets(drawings: Iterable[Drawing], grid: Grid, forms: Forms) -> Iterator[tuple[tuple[float, float], str]]:
    rest = iter(drawings)
    while page := list(islice(rest, grid.columns * grid.rows)):
        parts = []
        for drawing, (left, upper) in zip(page, grid.places(), strict=False):
            spare = grid.cell[0] - drawing.width, grid.cell[1] - drawing.height
            if min(spare) < -ROUNDING_MM:
                size, cell = f"{drawing.width:.6g} x {drawing.height:.6g} mm", "{:.6g} x {:.6g} mm".format(*grid.cell)
                raise RenderError("label", size, expected="a place on the sheet that holds it", found=cell)
            parts.append(_label(drawing, left + spare[0] / 2, grid.page[1] - upper - spare[1] / 2, forms))
        yield grid.page, "".join(parts)


def _label(drawing: Drawing, left: float, top: float, forms: Forms) -> str:
    """A label whose upper left corner is at this place from the lower left corner of the page, in millimetres."""
    strokes = "".join(
        f"{points(left + at.x)} {points(top - at.y - at.height)} {points(at.width)} {points(at.height)} re\n"
        for at in (stroke.place for stroke in drawing.strokes)
    )
    return "".join(
        (
            *(_mark(mark, left, top) for mark in drawing.marks),
            f"0 g\n{strokes}f\n" if strokes else "0 g\n",
            *(_bitmap(bitmap, left, top) for bitmap in drawing.bitmaps),
            *(_run(placed, left, top, forms) for placed in drawing.runs),
        )
    )


def _mark(mark: PlacedMark, left: float, top: float) -> str:
    x, y = left + mark.x, top - mark.y
    symbol = drawn(mark.symbol, mark.module_mm, x, y)
    if not mark.frame:
        return symbol
    unit = points(mark.module_mm)
    figures = "".join(
        " ".join(f"{across} {down} {'l' if number else 'm'}" for number, (across, down) in enumerate(figure)) + " h\n"
        for figure in frame(mark.symbol.printed_width)
    )
    return f"{symbol}q {unit} 0 0 -{unit} {points(x)} {points(y)} cm\n0 g\n{figures}f\nQ\n"


def _bitmap(bitmap: Bitmap, left: float, top: float) -> str:
    place = bitmap.place
    across, down = (place.width / bitmap.width, place.height / len(bitmap.rows))
    runs = "".join(
        f"{run.start()} {y} {len(run[0])} 1 re\n"
        for y, row in enumerate(bitmap.rows)
        for run in _DARK.finditer(f"{row:0{bitmap.width}b}")
    )
    at = f"{points(left + place.x)} {points(top - place.y)}"
    return f"q {points(across)} 0 0 -{points(down)} {at} cm\n{runs}f\nQ\n" if runs else ""


def _run(placed: PlacedRun, left: float, top: float, forms: Forms) -> str:
    for character in placed.run.text:
        name = _name(placed.run.font, character)
        if name not in forms:
            forms[name] = _form(placed.run.font, character)
    unit = points(placed.unit)
    return f"q {unit} 0 0 {unit} {points(left + placed.x)} {points(top - placed.y)} cm\n{_shown(placed.run)}Q\n"


@lru_cache(maxsize=512)
def _shown(run: Run) -> str:
    parts, at = [], 0
    for start, character in zip(run.starts, run.text, strict=True):
        moved = f"1 0 0 1 {start - at} 0 cm" if start != at else ""
        parts.append(f"{moved}/{_name(run.font, character)} Do\n")
        at = start
    return "".join(parts)


def _name(font: str, character: str) -> str:
    return f"{font}{ord(character):x}"


@lru_cache(maxsize=4096)
def _form(font: str, character: str) -> str:
    steps = outline(font, character)
    xs = [value for _, values in steps for value in values[::2]] or [0]
    ys = [value for _, values in steps for value in values[1::2]] or [0]
    box = f"{min(xs) - MARGIN:g} {min(ys) - MARGIN:g} {max(xs) + MARGIN:g} {max(ys) + MARGIN:g}"
    operators = "".join(_operators(steps)) + "f\n" if steps else ""
    head = f"<</Type/XObject/Subtype/Form/BBox[{box}]/Length {len(operators)}>>"
    return f"{head}\nstream\n{operators}\nendstream"


def _operators(steps: tuple[Step, ...]) -> Iterator[str]:
    at = 0.0, 0.0
    for letter, values in steps:
        if letter == "Q":  # PDF has cubic curves alone
            (x, y), (via_x, via_y, to_x, to_y) = at, values
            first = x + (via_x - x) * 2 / 3, y + (via_y - y) * 2 / 3
            values = *first, to_x + (via_x - to_x) * 2 / 3, to_y + (via_y - to_y) * 2 / 3, to_x, to_y
        operator = {"M": "m", "L": "l", "Q": "c", "C": "c", "Z": "h"}[letter]
        yield " ".join((*(f"{value:.2f}".rstrip("0").rstrip(".") for value in values), operator)) + "\n"
        at = (values[-2], values[-1]) if values else at
