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

MOST_STEPS = 2048

_PIECE = re.compile(r"(?:1+|\A)[0\n]*")


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
    """The dark modules of rows as path data: each run is a figure, and the next begins so far from it.

    Args:
        rows: from the top; of each `width` bits, the most significant the leftmost, 1 dark.
        width: modules in a row.
        tall: the height of a row in modules.

    References:
        SVG 1.1 section 8.3 (path data; after z the pen is where the figure began).

    Examples:
        >>> path_of((0b0110, 0b1001), 4, 1)
        'M1 0h2v1h-2zm-1 1h1v1h-1zm3 0h1v1h-1z'
    """
    pieces = _PIECE.findall("\n".join([f"{row:0{width}b}" for row in rows]).rstrip("0\n"))
    path = "".join(map(_steps(width, tall).__getitem__, pieces))
    if path.startswith("h"):
        return f"M0 0{path}"
    return path.replace("m", "M", 1)


class _Steps(dict[str, str]):
    """How a run is drawn, and the light after it passed, down to the next: most are like some before."""

    def __init__(self, width: int, tall: int) -> None:
        super().__init__()
        self._width = width
        self._tall = tall

    def __missing__(self, piece: str) -> str:
        if len(self) >= MOST_STEPS:
            self.clear()
        dark, down = piece.count("1"), piece.count("\n")
        drawn = f"h{dark}v{self._tall}h-{dark}z" if dark else ""
        passed = f"m{len(piece) - down * (self._width + 1)} {down * self._tall}" if len(piece) > dark else ""
        step = self[piece] = drawn + passed
        return step


@lru_cache(maxsize=64)
def _steps(width: int, tall: int) -> _Steps:
    return _Steps(width, tall)
