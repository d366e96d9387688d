"""What a label is when everything has its place: what the writers of labels draw. All measures are millimetres."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from renderers.errors import RenderError
from renderers.typefaces import capital

if TYPE_CHECKING:
    from collections.abc import Iterator

    from renderers.symbol import Symbol
    from renderers.typefaces import Run

__all__ = ["MM_PER_INCH", "Bitmap", "Drawing", "PlacedMark", "PlacedRun", "Rectangle", "Stroke"]

MM_PER_INCH = 25.4
ROUNDING_MM = 1e-6


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A place on the label.

    Args:
        x: left side, from the left side of the label.
        y: upper side, from the upper side of the label.
        width: to the right.
        height: downwards.

    Examples:
        >>> str(Rectangle(1, 2, 12.5, 12.5))
        '12.5 x 12.5 mm at 1, 2'
    """

    x: float
    y: float
    width: float
    height: float

    def __str__(self) -> str:
        return f"{self.width:.4g} x {self.height:.4g} mm at {self.x:.4g}, {self.y:.4g}"

    def within(self, width: float, height: float) -> bool:
        """Whether it lies on a label.

        Args:
            width: of the label.
            height: of the label.

        Examples:
            >>> Rectangle(50, 0, 10, 10).within(60, 30), Rectangle(50, 0, 10.1, 10).within(60, 30)
            (True, False)
        """
        least, right, lower = min(self.x, self.y), self.x + self.width, self.y + self.height
        return least >= -ROUNDING_MM and right <= width + ROUNDING_MM and lower <= height + ROUNDING_MM

    def meets(self, other: Rectangle) -> bool:
        """Whether the two have a part in common, an edge not being one.

        Args:
            other: of the same label.

        Examples:
            >>> Rectangle(0, 0, 10, 10).meets(Rectangle(10, 0, 5, 5))
            False
        """
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        down = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        return min(across, down) > ROUNDING_MM


@dataclass(frozen=True, slots=True)
class Stroke:
    """A dark rectangle, across or down.

    Args:
        element: the index of its element on the page.
        place: what it covers.
        kept: which part of its thickness stays where it is when it becomes whole dots, so that all strokes of a
            thickness are of as many: 0 is the upper or left edge, 1 the lower or right one, 0.5 the middle.
    """

    element: int
    place: Rectangle
    kept: float = 0.5


@dataclass(frozen=True, slots=True)
class PlacedRun:
    """A line of text in its place.

    Args:
        element: the index of its element on the page.
        run: the glyphs, some of them dark.
        size: height of a capital letter.
        x: where its first glyph begins.
        y: its baseline.
    """

    element: int
    run: Run
    size: float
    x: float
    y: float

    @property
    def unit(self) -> float:
        """Millimetres in a unit of the font."""
        return self.size / capital(self.run.font)

    @property
    def place(self) -> Rectangle:
        """What its ink covers."""
        left, lower, right, upper = (edge * self.unit for edge in self.run.ink or (0, 0, 0, 0))
        return Rectangle(self.x + left, self.y - upper, right - left, upper - lower)


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A symbol in its place.

    Args:
        element: the index of its element on the page.
        symbol: what was encoded, and read back.
        x: left side of its quiet zone.
        y: upper side of its quiet zone.
        module_mm: side of one module.
        frame: whether the frame of IEC 61406 stands around its quiet zone.
    """

    element: int
    symbol: Symbol
    x: float
    y: float
    module_mm: float
    frame: bool = False

    @property
    def place(self) -> Rectangle:
        """What it covers, quiet zone and frame included."""
        out = self.module_mm if self.frame else 0.0
        width = self.symbol.printed_width * self.module_mm
        height = self.symbol.printed_height * self.symbol.row_height(self.module_mm) * self.module_mm
        return Rectangle(self.x - out, self.y - out, width + 2 * out, height + 2 * out)


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A picture in its place, stretched over it.

    Args:
        element: the index of its element on the page.
        rows: its dots from the top, as a `Symbol` has its modules: 1 is dark.
        width: dots in a row.
        place: what it covers.
    """

    element: int
    rows: tuple[int, ...]
    width: int
    place: Rectangle


@dataclass(frozen=True, slots=True)
class Drawing:
    """A label whose texts are set and whose symbols are encoded; valid if it exists. `renderers.compose` makes it.

    Args:
        width: of the label.
        height: of the label.
        strokes: lines, and the sides of boxes.
        runs: lines of text.
        marks: symbols.
        bitmaps: pictures.
        texts: of each text that draws anything, the index of its element and the size that it reached.
        epc: hexadecimal digits for the EPC memory of the label's RFID tag, or None.

    Raises:
        RenderError: something reaches out of the label, or stands on a symbol or in its quiet zone.
    """

    width: float
    height: float
    strokes: tuple[Stroke, ...] = ()
    runs: tuple[PlacedRun, ...] = ()
    marks: tuple[PlacedMark, ...] = ()
    bitmaps: tuple[Bitmap, ...] = ()
    texts: tuple[tuple[int, float], ...] = ()
    epc: str | None = None

    def __post_init__(self) -> None:
        others = list(self._places())
        for element, place in others:
            if not place.within(self.width, self.height):
                label = f"a place on the label of {self.width:.6g} x {self.height:.6g} mm"
                raise RenderError("element", element, expected=label, found=str(place))
        for mark in self.marks:
            for element, place in others:
                if element != mark.element and place.meets(mark.place):
                    expected = f"nothing else on its symbol and quiet zone of {mark.place}"
                    found = f"element {element} of {place}"
                    raise RenderError("element", mark.element, expected=expected, found=found)

    def in_dots(self, dpi: int, *, least: int) -> Drawing:
        """The same with modules of whole dots, the nearest: what a printer of this resolution prints.

        A module of 3.5 dots would be drawn as 3 here and 4 there, and readers measure exactly that. The upper left
        corner of a symbol stays where it is.

        Args:
            dpi: dots per inch of the printer.
            least: the least that a module may be, in dots.

        Raises:
            RenderError: a module would be less, or a symbol, now larger, has no room.
        """
        marks = []
        for mark in self.marks:
            dots = round(mark.module_mm * dpi / MM_PER_INCH)
            if dots < least:
                measure = f"{mark.module_mm:.6g} mm at {dpi} dpi"
                expected = f"{least} dot{'s' * (least > 1)} or more"
                raise RenderError(f"element {mark.element}, module", measure, expected=expected, found=f"{dots}")
            marks.append(replace(mark, module_mm=dots * MM_PER_INCH / dpi))
        return replace(self, marks=tuple(marks))

    def _places(self) -> Iterator[tuple[int, Rectangle]]:
        for things in (self.strokes, self.runs, self.marks, self.bitmaps):
            yield from ((thing.element, thing.place) for thing in things)
