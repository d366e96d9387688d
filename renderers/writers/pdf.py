"""PDF: rectangles of whole modules, measured in millimetres; a page of the symbol's own size, or sheets of many."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count, islice
from typing import TYPE_CHECKING

from renderers.errors import RenderError
from renderers.options import MODULE_MM_RANGE, in_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from renderers.symbol import Symbol

__all__ = ["A4", "LETTER", "MEDIA_TYPE", "Grid", "document", "drawn", "points", "sheet", "write"]

MEDIA_TYPE = "application/pdf"
A4 = 210.0, 297.0
LETTER = 215.9, 279.4
MAX_PAGE_MM = 5080.0  # 14,400 units: readers need not open more
MAX_CELLS = 1000
MAX_SYMBOLS = 10_000
POINTS_PER_MM = 72 / 25.4
ROUNDING_MM = 1e-6

_DARK = re.compile("1+")


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the labels of a sheet are; valid if it exists. All measures are millimetres.

    Args:
        page: width and height, such as `A4` or `LETTER`.
        columns: labels side by side, 1 to 1,000.
        rows: labels one below the other, 1 to 1,000.
        margins: from the edges of the page to the outer labels: top, right, bottom, left.
        gaps: between columns, and between rows.

    Raises:
        RenderError: a measure is out of its range, or nothing of the page is left for labels.

    Examples:
        >>> Grid(page=A4, columns=3, rows=8, margins=(4.5, 0, 4.5, 0)).cell
        (70.0, 36.0)
    """

    page: tuple[float, float]
    columns: int
    rows: int
    margins: tuple[float, float, float, float] = (0, 0, 0, 0)
    gaps: tuple[float, float] = (0, 0)

    def __post_init__(self) -> None:
        for name, values, number in (("page", self.page, 2), ("margins", self.margins, 4), ("gaps", self.gaps, 2)):
            if len(values) != number:
                raise RenderError(name, None, expected=f"{number} measures", found=f"{len(values)}")
            for value in values:
                in_range(name, value, (int, float), (0.0, MAX_PAGE_MM))
        for name, many in (("columns", self.columns), ("rows", self.rows)):
            in_range(name, many, (int,), (1, MAX_CELLS))
        for side, length in zip(("width", "height"), self.cell, strict=True):
            if length <= 0:
                raise RenderError("grid", None, expected=f"labels with a {side}", found=f"{length:.6g} mm for each")

    @property
    def cell(self) -> tuple[float, float]:
        """Width and height of one label."""
        top, right, bottom, left = self.margins
        across, down = self.gaps
        return (
            (self.page[0] - left - right - across * (self.columns - 1)) / self.columns,
            (self.page[1] - top - bottom - down * (self.rows - 1)) / self.rows,
        )

    def places(self) -> Iterator[tuple[float, float]]:
        """The upper left corners of the labels, from the upper left corner of the page: row by row."""
        width, height = self.cell
        for row in range(self.rows):
            for column in range(self.columns):
                yield self.margins[3] + column * (width + self.gaps[0]), self.margins[0] + row * (height + self.gaps[1])


def write(symbol: Symbol, *, module_mm: float, dpi: int) -> bytes:  # noqa: ARG001  a vector has no dots
    """Draw a symbol as PDF, on one page of its size: each run of dark modules is one rectangle.

    There is no clock, no random id and no compression in it, so that it is the same file for ever, whatever library is
    upgraded. Nothing of the payload is in it but the modules. Printers are asked not to scale it.

    Args:
        symbol: what to draw.
        module_mm: side of one module in millimetres, 0.1 to 20.
        dpi: not used.

    Returns:
        The file.

    Raises:
        RenderError: a side of the page would be more than `MAX_PAGE_MM`.

    References:
        ISO 32000-1 sections 7.5 (file structure), 7.7.3.3 (MediaBox), 8.5 (paths), 12.2 (PrintScaling), C.2 (limits).

    Examples:
        >>> from renderers.symbol import Symbol
        >>> dot = Symbol(symbology="dot", payload=".", aim="]X0", rows=(1,), width=1, quiet_zone=1)
        >>> b"/MediaBox[0 0 4.25197 4.25197]" in write(dot, module_mm=0.5, dpi=300)
        True
    """
    width, height = symbol.printed_width * module_mm, _height(symbol, module_mm) * module_mm
    if max(width, height) > MAX_PAGE_MM:
        expected, found = f"a page of at most {MAX_PAGE_MM:g} mm a side", f"{max(width, height):.7g} mm"
        raise RenderError("module", f"{module_mm} mm", expected=expected, found=found)
    return b"".join(document([((width, height), drawn(symbol, module_mm, 0, height))]))


def sheet(symbols: Iterable[Symbol], grid: Grid, *, module_mm: float) -> Iterator[bytes]:
    """Draw symbols on sheets of labels, each in the middle of its label, row by row, on as many pages as they need.

    One page is in memory at a time. An error comes when its symbol does; what was drawn before is then no file.

    Args:
        symbols: what to draw, 1 to 10,000.
        grid: where the labels are.
        module_mm: side of one module in millimetres, 0.1 to 20.

    Returns:
        The file, in parts.

    Raises:
        RenderError: too many symbols or none, a symbol larger than a label, or a module out of its range.

    Examples:
        >>> from renderers.symbol import Symbol
        >>> dot = Symbol(symbology="dot", payload=".", aim="]X0", rows=(1,), width=1, quiet_zone=1)
        >>> b"".join(sheet([dot] * 25, Grid(page=A4, columns=3, rows=8), module_mm=0.5)).count(b"/Type/Page/")
        2
    """
    in_range("module_mm", module_mm, (int, float), MODULE_MM_RANGE)
    return document((grid.page, content) for content in _pages(symbols, grid, module_mm))


def _pages(symbols: Iterable[Symbol], grid: Grid, module_mm: float) -> Iterator[str]:
    rest, taken = iter(symbols), 0
    while page := list(islice(rest, grid.columns * grid.rows)):
        taken += len(page)
        if taken > MAX_SYMBOLS:
            raise RenderError("symbols", None, expected=f"at most {MAX_SYMBOLS}", found="more")
        yield "".join(
            _placed(symbol, grid, module_mm, *place) for symbol, place in zip(page, grid.places(), strict=False)
        )
    if not taken:
        raise RenderError("symbols", None, expected="one or more", found="none")


def _placed(symbol: Symbol, grid: Grid, module_mm: float, left: float, top: float) -> str:
    spare_width = grid.cell[0] - symbol.printed_width * module_mm
    spare_height = grid.cell[1] - _height(symbol, module_mm) * module_mm
    if min(spare_width, spare_height) < -ROUNDING_MM:
        size = f"{symbol.printed_width} x {_height(symbol, module_mm)} modules of {module_mm} mm"
        raise RenderError(
            "symbol", size, expected="a label that holds it", found="{:.6g} x {:.6g} mm".format(*grid.cell)
        )
    return drawn(symbol, module_mm, left + spare_width / 2, grid.page[1] - top - spare_height / 2)


def drawn(symbol: Symbol, module_mm: float, left: float, top: float) -> str:
    """The operators that draw a symbol. All runs are one path: between paths some readers show hairlines.

    Args:
        symbol: what to draw; its quiet zone is painted light.
        module_mm: side of one module in millimetres.
        left: from the left side of the page to its quiet zone, in millimetres.
        top: from the lower side of the page up to the upper side of its quiet zone, in millimetres.

    Examples:
        >>> from renderers.symbol import Symbol
        >>> dot = Symbol(symbology="dot", payload=".", aim="]X0", rows=(1,), width=1, quiet_zone=1)
        >>> print(drawn(dot, 0.5, 0, 10), end="")
        q 1.41732 0 0 -1.41732 0 28.34646 cm
        1 g 0 0 3 3 re f
        0 g
        1 1 1 1 re
        f
        Q
    """
    unit, tall = points(module_mm), symbol.row_height(module_mm)
    runs = "".join(
        f"{run.start()} {y * tall} {len(run[0])} {tall} re\n"
        for y, row in enumerate(symbol.printed_rows)
        for run in _DARK.finditer(f"{row:0{symbol.printed_width}b}")
    )
    dark = f"0 g\n{runs}f\n" if runs else ""
    return (
        f"q {unit} 0 0 -{unit} {points(left)} {points(top)} cm\n"
        f"1 g 0 0 {symbol.printed_width} {symbol.printed_height * tall} re f\n{dark}Q\n"
    )


def _height(symbol: Symbol, module_mm: float) -> int:
    return symbol.printed_height * symbol.row_height(module_mm)


def points(millimetres: float) -> str:
    """A measure in the unit of PDF, without an exponent.

    Args:
        millimetres: the measure.

    Examples:
        >>> points(25.4)
        '72'
    """
    return f"{millimetres * POINTS_PER_MM:.5f}".rstrip("0").rstrip(".")


def document(
    pages: Iterable[tuple[tuple[float, float], str]], forms: Mapping[str, str] | None = None
) -> Iterator[bytes]:
    """Pages as a file.

    Object 1 is the catalogue and 2 the page tree, both written last, as 3 is with forms: the resources of all pages. A
    page is followed by its content, and comes after the forms that it was the first to draw.

    Args:
        pages: of each its width and height in millimetres, and its operators.
        forms: the XObjects that pages draw, by their names; they may become more while pages are made.

    Returns:
        The file, in parts.

    References:
        ISO 32000-1 sections 7.5 (file structure), 8.10 (form XObjects).

    Examples:
        >>> b"".join(document([((10, 10), "")])).count(b" obj")
        4
    """
    offsets: dict[int, int] = {}
    head = b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n"
    end = len(head)

    def numbered(number: int, body: str) -> bytes:
        nonlocal end
        written = f"{number} 0 obj\n{body}\nendobj\n".encode("ascii")
        offsets[number] = end
        end += len(written)
        return written

    yield head
    numbers = count(3 if forms is None else 4)
    resources = "<<>>" if forms is None else " 3 0 R"
    named: dict[str, int] = {}
    kids = []
    for (width, height), content in pages:
        for name in [name for name in forms or () if name not in named]:
            named[name] = next(numbers)
            yield numbered(named[name], (forms or {})[name])
        page, operators = next(numbers), next(numbers)
        kids.append(f"{page} 0 R")
        box = f"/MediaBox[0 0 {points(width)} {points(height)}]"
        yield numbered(page, f"<</Type/Page/Parent 2 0 R{box}/Resources{resources}/Contents {operators} 0 R>>")
        yield numbered(operators, f"<</Length {len(content)}>>\nstream\n{content}\nendstream")
    yield numbered(1, "<</Type/Catalog/Pages 2 0 R/ViewerPreferences<</PrintScaling/None>>>>")
    yield numbered(2, f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>")
    if forms is not None:
        yield numbered(3, f"<</XObject<<{''.join(f'/{name} {number} 0 R' for name, number in named.items())}>>>>")
    entries = "".join(f"{offsets[number]:010} 00000 n \n" for number in sorted(offsets))
    size = len(offsets) + 1
    yield (
        f"xref\n0 {size}\n0000000000 65535 f \n{entries}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{end}\n%%EOF\n"
    ).encode("ascii")
