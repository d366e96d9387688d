"""What a label is when everything has its place: what the writers draw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from renderers.symbol import Symbol
    from renderers.typefaces import Run

__all__ = ["Bitmap", "Drawing", "PlacedMark", "PlacedRun", "Rectangle"]

MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A place on the label, in millimetres from its upper left corner; as a stroke, dark.

    Args:
        x: left side.
        y: upper side.
        width: to the right.
        height: downwards.
    """

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A symbol in its place.

    Args:
        element: the index of its element on the page.
        symbol: what was encoded, and read back.
        x: left side of its quiet zone, in millimetres.
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
        out = self.module_mm * self.frame
        width = self.symbol.printed_width * self.module_mm
        height = self.symbol.printed_height * self.symbol.row_height(self.module_mm) * self.module_mm
        return Rectangle(self.x - out, self.y - out, width + 2 * out, height + 2 * out)

    def in_dots(self, dpi: int) -> PlacedMark:
        """The same with modules of whole dots, the nearest; its upper left corner stays.

        Args:
            dpi: dots per inch of the printer.
        """
        dots = max(1, round(self.module_mm * dpi / MM_PER_INCH))
        return replace(self, module_mm=dots * MM_PER_INCH / dpi)


@dataclass(frozen=True, slots=True)
class PlacedRun:
    """A line of text in its place.

    Args:
        element: the index of its element on the page.
        run: the glyphs.
        size: height of a capital letter, in millimetres.
        x: where its first glyph begins.
        y: its baseline.
    """

    element: int
    run: Run
    size: float
    x: float
    y: float


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
    """A label whose texts are set and whose symbols are encoded. Made by `renderers.compose` alone.

    Args:
        width: of the label, in millimetres.
        height: of the label, in millimetres.
        strokes: dark rectangles.
        runs: lines of text.
        marks: symbols.
        bitmaps: pictures.
        texts: of each text that draws anything, the index of its element and the size that it reached, in millimetres.
        epc: hexadecimal digits for the EPC memory of the label's RFID tag, or None.
    """

    width: float
    height: float
    strokes: tuple[Rectangle, ...]
    runs: tuple[PlacedRun, ...]
    marks: tuple[PlacedMark, ...]
    bitmaps: tuple[Bitmap, ...]
    texts: tuple[tuple[int, float], ...]
    epc: str | None = None
