"""SVG: one path, measured in millimetres."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from renderers.symbol import Symbol

__all__ = ["MEDIA_TYPE", "path_of", "write"]

MEDIA_TYPE = "image/svg+xml"

MOST_FIGURES = 4096

_DARK = re.compile("1+")


def write(symbol: Symbol, *, module_mm: float, dpi: int) -> bytes:  # noqa: ARG001  a vector has no dots
    """Draw a symbol as SVG: each run of dark modules is one rectangle of the path.

    Colours are written out, so that neither a dark page nor `currentColor` inverts the symbol. The payload is not in
    the file: nothing of it can be taken for markup.

    Args:
        symbol: what to draw.
        module_mm: side of one module in millimetres, 0.1 to 20.
        dpi: not used.

    Returns:
        The document, in ASCII; one user unit is one module.

    References:
        SVG 1.1 sections 7.7 (viewBox), 8.3 (path data), 11.7.3 (shape-rendering); WAI-ARIA 1.2 `img`.

    Examples:
        >>> from renderers.symbol import Symbol
        >>> dot = Symbol(symbology="dot", payload=".", aim="]X0", rows=(1,), width=1, quiet_zone=1)
        >>> b'<path fill="#000" d="M1 1h1v1h-1z"/>' in write(dot, module_mm=0.5, dpi=300)
        True
    """
    tall = symbol.row_height(module_mm)
    width, height = symbol.printed_width, symbol.printed_height * tall
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * module_mm:.7g}mm" height="{height * module_mm:.7g}mm"'
        f' viewBox="0 0 {width} {height}" role="img" shape-rendering="crispEdges"><title>{symbol.symbology}</title>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
        f'<path fill="#000" d="{path_of(symbol.printed_rows, width, tall)}"/></svg>\n'
    ).encode("ascii")


def path_of(rows: Sequence[int], width: int, tall: int) -> str:
    """The dark modules of rows as path data: each run is a rectangle.

    Args:
        rows: from the top; of each `width` bits, the most significant the leftmost, 1 dark.
        width: modules in a row.
        tall: the height of a row in modules.

    References:
        SVG 1.1 section 8.3 (path data).

    Examples:
        >>> path_of((0b0110, 0b1001), 4, 1)
        'M1 0h2v1h-2zM0 1h1v1h-1zM3 1h1v1h-1z'
    """
    figures, first = _figures(width + 1, tall), 1 << width
    whole = "0".join([bin(row | first)[3:] for row in rows])  # twice as fast as a format with a width
    return "".join([figures[run.span()] for run in _DARK.finditer(whole)])


class _Figures(dict[tuple[int, int], str]):
    """The rectangle of each run that was drawn before, by where it begins and ends among all modules, row by row."""

    def __init__(self, stride: int, tall: int) -> None:
        super().__init__()
        self._stride = stride
        self._tall = tall

    def __missing__(self, run: tuple[int, int]) -> str:
        if len(self) >= MOST_FIGURES:
            self.clear()
        y, x = divmod(run[0], self._stride)
        length = run[1] - run[0]
        figure = self[run] = f"M{x} {y * self._tall}h{length}v{self._tall}h-{length}z"
        return figure


@lru_cache(maxsize=16)
def _figures(stride: int, tall: int) -> _Figures:
    return _Figures(stride, tall)
