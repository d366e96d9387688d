"""From a layout to a drawing: texts are set, symbols encoded, pictures opened."""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from renderers.drawing import Bitmap, Drawing, PlacedMark, PlacedRun, Rectangle, Stroke
from renderers.encoding import encode
from renderers.errors import RenderError
from renderers.layout import Box, Line, Mark, Text
from renderers.typesetting import typeset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from renderers.layout import Page, Picture

__all__ = ["compose"]

MAX_DOTS = 1024  # a side of a picture
MAX_EDGES = 50_000  # of a picture, since each is a step of a path
LIGHT = 128  # the least grey that is light


def compose(page: Page) -> Drawing:
    """Set the texts of a label and encode its symbols, each of which is read back.

    Args:
        page: the layout.

    Returns:
        The drawing, in which nothing stands on a symbol or in its quiet zone.

    Raises:
        RenderError: names the element and what is wrong with it: a text that is too long, a character without a glyph,
            a symbol that cannot be, a place outside of the label, or two elements in one place.

    Examples:
        >>> from renderers.layout import Page
        >>> drawing = compose(Page(60, 30, (Text(1, 1, 30, 2, "TWIN-42", 2), Mark(35, 2, "TWIN-42", "qr", 0.5))))
        >>> drawing.texts, str(drawing.marks[0].place)
        (((0, 2),), '14.5 x 14.5 mm at 35, 2')
        >>> compose(Page(60, 30, (Line(5, 1, 9, 1, 0.5), Mark(5, 1, "TWIN-42", "qr", 0.5))))
        Traceback (most recent call last):
        renderers.errors.RenderError: element 1: expected nothing else on its symbol and quiet zone of 14.5 x 14.5 mm \
at 5, 1, found element 0 of 4 x 0.5 mm at 5, 0.75
    """
    strokes: list[Stroke] = []
    runs: list[PlacedRun] = []
    marks: list[PlacedMark] = []
    bitmaps: list[Bitmap] = []
    texts: list[tuple[int, float]] = []
    for index, element in enumerate(page.elements):
        with _named(index):
            if isinstance(element, Text):
                lines = typeset(element, index)
                runs += lines
                texts += [(index, line.size) for line in lines[:1]]
            elif isinstance(element, Mark):
                symbol = encode(element.payload, element.symbology, **dict(element.options))  # type: ignore[arg-type]
                marks.append(PlacedMark(index, symbol, element.x, element.y, element.module_mm, element.frame))
            elif isinstance(element, Line | Box):
                strokes += _strokes(index, element)
            else:
                bitmaps.append(_bitmap(index, element))
    return Drawing(
        page.width, page.height, tuple(strokes), tuple(runs), tuple(marks), tuple(bitmaps), tuple(texts), page.epc
    )


@contextmanager
def _named(index: int) -> Iterator[None]:
    try:
        yield
    except RenderError as error:
        what = f"element {index}, {error.what}"
        raise RenderError(what, error.value, expected=error.expected, found=error.found) from error


def _strokes(index: int, element: Line | Box) -> tuple[Stroke, ...]:
    x, y, thick = element.x, element.y, element.thickness
    if isinstance(element, Line):
        left, upper, half = min(x, element.to_x), min(y, element.to_y), thick / 2
        wide, high = abs(x - element.to_x), abs(y - element.to_y)
        across = wide > high
        place = Rectangle(left, upper - half, wide, thick) if across else Rectangle(left - half, upper, thick, high)
        return (Stroke(index, place),)
    wide, high = element.width, element.height
    return (
        Stroke(index, Rectangle(x, y, wide, thick), 0),
        Stroke(index, Rectangle(x, y + high - thick, wide, thick), 1),
        Stroke(index, Rectangle(x, y, thick, high), 0),
        Stroke(index, Rectangle(x + wide - thick, y, thick, high), 1),
    )


def _bitmap(index: int, element: Picture) -> Bitmap:
    rows, width = _opened(element.png)
    return Bitmap(index, rows, width, Rectangle(element.x, element.y, element.width, element.height))


@lru_cache(maxsize=32)
def _opened(png: bytes) -> tuple[tuple[int, ...], int]:
    """The rows of a PNG and their width: what is not light is dark, and what is not there is light."""
    width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))  # IHDR comes first
    if not png.startswith(b"\x89PNG\r\n\x1a\n") or not 0 < max(width, height) <= MAX_DOTS:
        expected = f"a PNG of at most {MAX_DOTS} dots a side"
        raise RenderError("png", None, expected=expected, found=f"{len(png)} bytes, {width} x {height} dots")
    try:
        with Image.open(BytesIO(png), formats=["PNG"]) as picture:
            seen = picture.convert("RGBA")
    except (OSError, SyntaxError, ValueError) as error:
        raise RenderError("png", None, expected="a PNG that can be read", found=f"{error}") from error
    paper = Image.new("RGBA", seen.size, "white")
    grey = Image.alpha_composite(paper, seen).convert("L")
    octets = grey.point(lambda dot: 255 * (dot < LIGHT), "1").tobytes()
    each, spare = (width + 7) // 8, -width % 8
    rows = tuple(int.from_bytes(octets[at : at + each]) >> spare for at in range(0, len(octets), each))
    edges = sum((row ^ row >> 1).bit_count() for row in rows)
    if edges > MAX_EDGES:
        raise RenderError("png", None, expected=f"at most {MAX_EDGES} changes of dark and light", found=f"{edges}")
    return rows, width
